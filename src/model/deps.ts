// The outside world as parameters: main.ts makes them once, and tests use fakes.
import type { Clock } from "../lib/clock.ts";
import type { Files } from "../lib/files.ts";
import type { Random } from "../lib/random.ts";
import type { Send } from "./http.ts";

export interface Deps {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly send: Send;
  /** Fires when the user asks to stop: requests under way finish, and no new ones start. */
  readonly interrupted: AbortSignal;
  readonly log: Log;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;
