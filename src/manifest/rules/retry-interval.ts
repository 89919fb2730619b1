// The time between two tries is a duration of fixed length.
import { parseDurationMs } from "../../lib/duration.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../text.ts";

export function retryInterval({ retryInterval: interval }: Draft): readonly Diagnostic[] {
  if (!interval || parseDurationMs(interval.value) !== undefined) return [];
  const isCalendar = /^P\d+[YM]/.test(interval.value);
  return [
    errorAt(interval.place, {
      code: "retryInterval/malformed",
      message: `${quote(interval.value)} is not an ISO 8601 duration of weeks, or of days to seconds`,
      hint: isCalendar
        ? "years and months have no fixed length; minutes follow a T, as in PT1M"
        : "write it as PT30S, PT1M or PT1H30M",
    }),
  ];
}
