// spec.retryPolicy: how often the platform repeats a delivery, and how long it waits in between.
import { parseDurationMs } from "../../lib/duration.ts";
import { quote } from "../../lib/text.ts";
import type { Fault } from "../../model/diagnostic.ts";
import { defineOptions, type OptionsValue } from "../../model/options.ts";

export type RetryPolicy = OptionsValue<"retryPolicy">;

export const retryPolicyOptions = defineOptions({
  key: "retryPolicy",
  noun: "retry policy",
  nouns: "retry policies",
  defaults: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
  unset: { retryCount: 0, retryInterval: "PT0S", retryOnTimeout: false },
  written: "whole",
  ifDiffering: "commonest",
  expectations: {
    "": "a map with retryCount, retryInterval and retryOnTimeout, each optional",
    "/retryCount": "a whole number from 0 to 10",
    "/retryInterval": "an ISO 8601 duration such as PT1M",
    "/retryOnTimeout": "true or false",
  },
  judges: new Map([["/retryInterval", findIntervalFault]]),
  misplaced: (nouns) => ({
    severity: "warning",
    code: "retryPolicy/unused",
    message: `retryPolicy has no effect here: Genesys Cloud uses it for webhooks, and this group has ${nouns}`,
    hint: "remove it",
  }),
  spellAs,
});

/** The time between two tries must be a duration of fixed length, longer than zero. */
function findIntervalFault(interval: string): Fault | null {
  const durationMs = parseDurationMs(interval);
  if ((durationMs ?? 0) > 0) return null;
  if (durationMs === 0) {
    const message = `${quote(interval)} is zero, but there must be some time between two tries`;
    return { code: "retryInterval/outOfRange", message, hint: writeDuration };
  }
  const isCalendar = /^P\d+[YM]/.test(interval);
  return {
    code: "retryInterval/malformed",
    message: `${quote(interval)} is not an ISO 8601 duration of weeks, or of days to seconds`,
    hint: isCalendar
      ? "years and months have no fixed length; minutes follow a T, as in PT1M"
      : writeDuration,
  };
}

const writeDuration = "write it as PT30S, PT1M or PT1H30M";

/** Takes the other's spelling of a duration of the same length: `PT60S` is `PT1M`. */
function spellAs(policy: RetryPolicy, other: RetryPolicy): RetryPolicy {
  if (policy.retryInterval === other.retryInterval) return policy;
  const intervalMs = parseDurationMs(policy.retryInterval);
  const isSame = intervalMs !== undefined && intervalMs === parseDurationMs(other.retryInterval);
  return isSame ? { ...policy, retryInterval: other.retryInterval } : policy;
}
