// The time between two tries is a duration of fixed length, and some time.
import { parseDurationMs } from "../../lib/duration.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../text.ts";

export function retryInterval({ retryInterval: interval }: Draft): readonly Diagnostic[] {
  const durationMs = interval ? parseDurationMs(interval.value) : undefined;
  if (!interval || (durationMs ?? 0) > 0) return [];
  if (durationMs === 0) {
    const message = `${quote(interval.value)} is no time at all, and tries need some between them`;
    return [errorAt(interval.place, { code: "retryInterval/outOfRange", message, hint: writeDuration })];
  }
  const isCalendar = /^P\d+[YM]/.test(interval.value);
  return [
    errorAt(interval.place, {
      code: "retryInterval/malformed",
      message: `${quote(interval.value)} is not an ISO 8601 duration of weeks, or of days to seconds`,
      hint: isCalendar
        ? "years and months have no fixed length; minutes follow a T, as in PT1M"
        : writeDuration,
    }),
  ];
}

const writeDuration = "write it as PT30S, PT1M or PT1H30M";
