// Logs on stderr: warnings always, requests with -v.
import type { Log } from "../model/deps.ts";
import { plain } from "./output/plain.ts";

/** The message of a request begins with these. */
const said: ReadonlySet<string> = new Set(["method", "path"]);

export async function openLog(verbose: boolean): Promise<Log> {
  // Of a CommonJS package in a bundle only the default export is sure to be there.
  const { createLogger, format, transports } = (await import("winston")).default;
  const logger = createLogger({
    level: verbose ? "debug" : "warn",
    format: format.printf(({ level, message, ...fields }) => {
      const rest = Object.entries(fields)
        .filter(([key, value]) => value !== null && !said.has(key))
        .map(([key, value]) => ` ${key}=${String(value)}`);
      return plain(`${level}: ${String(message)}${rest.join("")}`);
    }),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- two copies of one type
    transports: new transports.Stream({ stream: process.stderr }),
  });
  return (level, message, fields) => {
    logger.log(level, message, fields);
  };
}
