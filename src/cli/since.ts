// Parses `--since` and `--until`: a date, a time, or an age.
import { parseDurationMs } from "../lib/duration.ts";

const date = /^\d{4}-\d{2}-\d{2}$/;
const time = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:?\d{2})?$/i;
const age = /^(\d{1,9})([smhdw])$/i;

/**
 * Returns milliseconds since 1970-01-01 UTC, or undefined when the text has none of the forms `2026-01-02`,
 * `2026-01-02T03:04Z`, `2h` and `PT2H`. A time without a zone is UTC, as in the output of `audit log`.
 */
export function parseSinceMs(text: string, nowMs: number): number | undefined {
  const ageMs = parseDurationMs(text.replace(age, toIso).toUpperCase());
  if (ageMs !== undefined) return nowMs - ageMs;
  const [, day = text, clock = "00:00", zone = "Z"] = time.exec(text) ?? [];
  if (!isDay(day)) return undefined;
  const sinceMs = Date.parse(`${day}T${clock}${zone.toUpperCase()}`);
  return Number.isNaN(sinceMs) ? undefined : sinceMs;
}

/** As `parseSinceMs`, but a date counts to its end. */
export function parseUntilMs(text: string, nowMs: number): number | undefined {
  const startMs = parseSinceMs(text, nowMs);
  return startMs !== undefined && date.test(text) ? startMs + dayMs - 1 : startMs;
}

const dayMs = 86_400_000;

function toIso(_: string, number: string, unit: string): string {
  return `P${/[smh]/i.test(unit) ? "T" : ""}${number}${unit}`;
}

/** Compares the parsed date with the text, because `Date` reads the 30th of February as the 2nd of March. */
function isDay(text: string): boolean {
  const startMs = date.test(text) ? Date.parse(`${text}T00:00Z`) : NaN;
  return !Number.isNaN(startMs) && new Date(startMs).toISOString().startsWith(text);
}
