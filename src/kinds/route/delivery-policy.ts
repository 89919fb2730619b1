// spec.retryPolicy of a route: how often EventBridge repeats a delivery at most, and for how long. The policy holds the attempts,
// and the age at which an event is given up is attempts × interval.
import { parseDurationMs } from "../../lib/duration.ts";
import { count } from "../../lib/count.ts";
import { defineOptions, type OptionFault } from "../../model/options.ts";
import { retryPolicyOptions, type RetryPolicy } from "../webhook/retry-policy.ts";

/** What EventBridge takes as the age of an event, in seconds; and its own defaults of both. */
const leastAgeSeconds = 60;
const mostAgeSeconds = 86_400;
const mostAttempts = 185;
/** EventBridge waits longer from one attempt to the next, so within less than this few of them are made. */
const shortAgeSeconds = 3_600;

export const routePolicyOptions = defineOptions({
  ...retryPolicyOptions,
  key: "retryPolicy",
  defaults: policyOf(mostAttempts, mostAgeSeconds),
  unset: policyOf(mostAttempts, mostAgeSeconds),
  spellAs: (policy, other) => (samePolicy(policy, other) ? other : policy),
  findWarnings,
  describe: (policy) => [sayPolicy(policy)],
});

/** Returns how old an event may get before it is given up, in seconds: attempts × interval, within EventBridge's bounds. */
export function ageSecondsOf(policy: Pick<RetryPolicy, "retryCount" | "retryInterval">): number {
  return Math.min(Math.max(wishedSeconds(policy), leastAgeSeconds), mostAgeSeconds);
}

function wishedSeconds({
  retryCount,
  retryInterval,
}: Pick<RetryPolicy, "retryCount" | "retryInterval">): number {
  return Math.round((retryCount * (parseDurationMs(retryInterval) ?? 0)) / 1000);
}

/** Returns the policy that stands for a target; without attempts its age has no effect. */
export function policyOf(attempts: number, ageSeconds: number): RetryPolicy {
  const intervalMs = Math.round((ageSeconds * 1000) / Math.max(attempts, 1));
  return { retryCount: attempts, retryInterval: `PT${intervalMs / 1000}S`, retryOnTimeout: true };
}

/** EventBridge repeats after a timeout in any case, so that field tells nothing. */
function samePolicy(one: RetryPolicy, other: RetryPolicy): boolean {
  return one.retryCount === other.retryCount && ageSecondsOf(one) === ageSecondsOf(other);
}

function findWarnings(policy: RetryPolicy): readonly OptionFault[] {
  const [wished, age] = [wishedSeconds(policy), ageSecondsOf(policy)];
  const faults: OptionFault[] = [];
  if (wished !== age)
    faults.push({
      pointer: "",
      code: "retryPolicy/clamped",
      message: `retryCount × retryInterval is ${wished} s, and EventBridge takes 60 to 86,400 s: it gives events up after ${age} s`,
      hint: "choose both so that their product is within these bounds, or leave retryPolicy out: 185 attempts within 24 h",
    });
  else if (age < shortAgeSeconds)
    faults.push({
      pointer: "",
      code: "retryPolicy/short",
      message: `EventBridge gives events up after ${age} s (retryCount × retryInterval), less than an hour`,
      hint: "leave retryPolicy out for 185 attempts within 24 h, so that an outage of your endpoint loses nothing",
    });
  if (!policy.retryOnTimeout)
    faults.push({
      pointer: "/retryOnTimeout",
      code: "retryPolicy/timeout",
      message: "EventBridge repeats a delivery after a timeout in any case",
      hint: "remove it",
    });
  return faults;
}

function sayPolicy(policy: RetryPolicy): string {
  const seconds = ageSecondsOf(policy);
  const within = seconds % 3_600 === 0 ? `${seconds / 3_600} h` : `${seconds} s`;
  return `repeated up to ${count(policy.retryCount, "time")} within ${within}`;
}
