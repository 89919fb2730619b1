// Logs on stderr: of a command as short lines, of the daemon with the time, or as JSON.
import type { Log, LogLevel } from "../model/deps.ts";
import { plain, plainJson } from "../lib/plain.ts";

export interface LogSettings {
  /** What matters less is left out. */
  readonly level: LogLevel;
  /** `short` has no time: whoever reads it sits before it. */
  readonly format: "short" | "text" | "json";
}

/** The message of a request begins with these. */
const said = ["method", "path", "timestamp"];
/** A command is one run: whoever sits before it knows which. */
const saidOfOne = [...said, "runId"];

export async function openLog({ level, format }: LogSettings): Promise<Log> {
  // Of a CommonJS package in a bundle only the default export is sure to be there.
  const winston = (await import("winston")).default;
  const shapes = {
    short: winston.format.printf((line) => plain(describe(line, saidOfOne))),
    text: winston.format.printf((line) => plain(`${String(line["timestamp"])} ${describe(line, said)}`)),
    json: winston.format.printf(({ timestamp, level: severity, message, ...fields }) =>
      plainJson(JSON.stringify({ timestamp, level: severity, message, ...fields })),
    ),
  };
  const logger = winston.createLogger({
    level,
    levels: winston.config.npm.levels,
    format: winston.format.combine(winston.format.timestamp(), shapes[format]),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- two copies of one type
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
