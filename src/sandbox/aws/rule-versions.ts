// Which version of each rule is in effect: with the quirk `ruleLagMs`, a change takes effect some time after it was made.
import { sha256Hex } from "../../lib/hash.ts";
import type { AwsCall } from "./aws-call.ts";
import type { AwsState, RuleVersion, StoredRule } from "./aws-state.ts";

/** Stores a rule with its targets, or deletes it with null. */
export function writeRule(call: AwsCall<unknown>, arn: string, rule: StoredRule | null): void {
  const { aws, nowMs, quirks, newId } = call;
  const { ruleLagMs = 0 } = quirks;
  forgetSettled(aws, nowMs);
  if (ruleLagMs > 0) {
    const effectiveAtMs = nowMs + Math.floor(drawFraction(newId()) * (ruleLagMs + 1));
    const before = { effectiveAtMs: Number.NEGATIVE_INFINITY, rule: aws.rules.get(arn) ?? null };
    aws.versions.set(arn, [...(aws.versions.get(arn) ?? [before]), { effectiveAtMs, rule }]);
  }
  if (rule) aws.rules.set(arn, rule);
  else aws.rules.delete(arn);
}

/** Returns all rules that are in effect, by ARN; a later change replaces an earlier one that is still to come. */
export function rulesInEffect(aws: AwsState, nowMs: number): ReadonlyMap<string, StoredRule> {
  const inEffect = new Map(aws.rules);
  for (const [arn, versions] of aws.versions) {
    const rule = findInEffect(versions, nowMs)?.rule;
    if (rule) inEffect.set(arn, rule);
    else inEffect.delete(arn);
  }
  return inEffect;
}

function findInEffect(versions: readonly RuleVersion[], nowMs: number): RuleVersion | undefined {
  return versions.findLast(({ effectiveAtMs }) => effectiveAtMs <= nowMs);
}

/** Once the newest version of a rule is in effect, its stored form says the same. */
function forgetSettled({ versions }: AwsState, nowMs: number): void {
  for (const [arn, ofRule] of versions)
    if ((ofRule.at(-1)?.effectiveAtMs ?? nowMs) <= nowMs) versions.delete(arn);
}

/** A number in [0, 1) that follows from the identifier alone: each change has a lag of its own. */
function drawFraction(id: string): number {
  return Number.parseInt(sha256Hex(id).slice(0, 8), 16) / 2 ** 32;
}
