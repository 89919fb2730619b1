// The log on stderr. A command writes short lines; the daemon writes lines with the time, or JSON.
import type { Log, LogLevel } from "../model/deps.ts";
import { plain, plainJson } from "../lib/plain.ts";

export interface LogSettings {
  /** The log leaves out every message of a lower level. */
  readonly level: LogLevel;
  /** `short` has no time, because a person reads it on the terminal as it comes. */
  readonly format: "short" | "text" | "json";
}

/** The line holds these fields already, so they are not repeated at its end. */
const alreadyShown = ["method", "path", "timestamp"];
/** A command is one run, so its lines do not repeat the run's id. */
const omittedByCommands = [...alreadyShown, "runId"];

export async function openLog({ level, format }: LogSettings): Promise<Log> {
  // winston is a CommonJS package: in a bundle only its default export is certain to exist.
  const winston = (await import("winston")).default;
  const shapes = {
    short: winston.format.printf(({ level: severity, ...line }) =>
      // As the other warnings of a command.
      plain(describe({ ...line, level: severity === "warn" ? "warning" : severity }, omittedByCommands)),
    ),
    text: winston.format.printf((line) =>
      plain(`${String(line["timestamp"])} ${describe(line, alreadyShown)}`),
    ),
    json: winston.format.printf(({ timestamp, level: severity, message, ...fields }) =>
      plainJson(JSON.stringify({ timestamp, level: severity, message, ...fields })),
    ),
  };
  const logger = winston.createLogger({
    level,
    levels: winston.config.npm.levels,
    format: winston.format.combine(winston.format.timestamp(), shapes[format]),
    transports: new winston.transports.Stream({ stream: process.stderr }),
  });
  return (severity, message, fields) => {
    logger.log(severity, message, fields);
  };
}

function describe(
  { level, message, ...fields }: { readonly level: string; readonly message: unknown },
  leftOut: readonly string[],
): string {
  const rest = Object.entries(fields)
    .filter(([key, value]) => value !== null && !leftOut.includes(key))
    .map(([key, value]) => ` ${key}=${String(value)}`);
  return `${level}: ${String(message)}${rest.join("")}`;
}
