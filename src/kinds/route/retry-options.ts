// spec.retryPolicy of a route: how often EventBridge repeats a delivery, and how old an event may become. A manifest states
// the time between two tries; EventBridge chooses that itself, so the product of both is the event's age.
import { parseDurationMs } from "../../lib/duration.ts";
import { defineOptions, type OptionFault, type OptionsValue } from "../../model/options.ts";
import { findIntervalFault, retryPolicyOptions, type RetryPolicy } from "../webhook/retry-policy.ts";

/** What AWS calls MaximumRetryAttempts and MaximumEventAgeInSeconds. */
export interface TargetRetries {
  readonly attempts: number;
  readonly ageSeconds: number;
}

const [leastAge, mostAge] = [60, 86_400] as const;

/** EventBridge's own, of which a target without a retry policy makes use, too. */
export const defaultRetries: TargetRetries = { attempts: 185, ageSeconds: mostAge };

/** Returns what a target gets for a document's retry policy. */
export function readRetries({ retryCount, retryInterval }: RetryPolicy): TargetRetries {
  const seconds = findAge({ retryCount, retryInterval });
  return { attempts: retryCount, ageSeconds: Math.min(mostAge, Math.max(leastAge, seconds)) };
}

/** Returns the retry policy that `readRetries` makes the same of. Without attempts, the age has no effect. */
export function writeRetries({ attempts, ageSeconds }: TargetRetries): RetryPolicy {
  const intervalMs = attempts === 0 ? leastAge * 1000 : Math.round((ageSeconds * 1000) / attempts);
  return { retryCount: attempts, retryInterval: spellDuration(intervalMs), retryOnTimeout: true };
}

function findAge({ retryCount, retryInterval }: Omit<RetryPolicy, "retryOnTimeout">): number {
  return Math.round((retryCount * (parseDurationMs(retryInterval) ?? 0)) / 1000);
}

const unwritten = writeRetries(defaultRetries);

export const routeRetryOptions = defineOptions({
  key: "retryPolicy",
  noun: "retry policy",
  nouns: "retry policies",
  defaults: unwritten,
  unset: unwritten,
  written: "whole",
  ifDiffering: "commonest",
  expectations: retryPolicyOptions.expectations,
  judges: new Map([["/retryInterval", findIntervalFault]]),
  misplaced: retryPolicyOptions.misplaced,
  spellAs,
  findWarnings,
  describe: (policy) => {
    const { attempts, ageSeconds } = readRetries(policy);
    if (attempts === 0) return ["tries a delivery once"];
    return [`retries ${attempts === 1 ? "once" : `${attempts} times`} within ${sayAge(ageSeconds)}`];
  },
});

/** EventBridge repeats a delivery after a timeout whatever a manifest says, so only attempts and age differ. */
function spellAs(policy: RetryPolicy, other: RetryPolicy): RetryPolicy {
  const [own, its] = [readRetries(policy), readRetries(other)];
  const { retryOnTimeout } = other;
  const isSame = own.attempts === its.attempts && own.ageSeconds === its.ageSeconds;
  if (isSame) return other;
  const isSameInterval = parseDurationMs(policy.retryInterval) === parseDurationMs(other.retryInterval);
  const { retryInterval } = isSameInterval ? other : policy;
  return { ...policy, retryInterval, retryOnTimeout };
}

const anHour = 3600;

function findWarnings(policy: OptionsValue<"retryPolicy">): readonly OptionFault[] {
  const asked = findAge(policy);
  const { ageSeconds } = readRetries(policy);
  const hint =
    "raise retryCount or retryInterval, or remove retryPolicy: then EventBridge repeats for 24 h";
  const product = `retryCount × retryInterval is ${sayAge(asked)}`;
  const warnings: OptionFault[] = [];
  if (asked > mostAge) {
    const message = `${product}, and EventBridge repeats for at most 24 h: that is what it does`;
    warnings.push({ pointer: "", code: "retryPolicy/tooLong", message, hint: "lower one of them" });
  } else if (asked < leastAge) {
    const message = `${product}, and EventBridge takes at least 60 s: events are given up after 60 s`;
    warnings.push({ pointer: "", code: "retryPolicy/tooShort", message, hint });
  } else if (ageSeconds < anHour) {
    const message = `${product}, so events of an outage that is longer are given up`;
    warnings.push({ pointer: "", code: "retryPolicy/belowAnHour", message, hint });
  }
  if (!policy.retryOnTimeout) {
    const message = "EventBridge repeats a delivery after a timeout, too, whatever retryOnTimeout is";
    warnings.push({
      ...{ pointer: "/retryOnTimeout", code: "retryPolicy/timeouts", message },
      hint: "remove it, and let the consumer drop events with an id that it has seen",
    });
  }
  return warnings;
}

/** `PT467.027S`, and in whole hours or minutes where it is some. */
function spellDuration(durationMs: number): string {
  for (const [unit, unitMs] of [
    ["H", 3_600_000],
    ["M", 60_000],
  ] as const)
    if (durationMs > 0 && durationMs % unitMs === 0) return `PT${durationMs / unitMs}${unit}`;
  return `PT${durationMs / 1000}S`;
}

function sayAge(seconds: number): string {
  if (seconds > 0 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds > 0 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
