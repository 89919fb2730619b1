// What AWS delivers at a time: the rules that are in effect, with the endpoints that they lead to.
import type { SandboxState } from "../state.ts";
import { busNameOf, placeOf, type AwsPlace } from "./arns.ts";
import type { AwsState, StoredRule, Target } from "./aws-state.ts";
import { sourceArnOf, viewSource } from "./partner-sources.ts";
import { rulesInEffect } from "./rule-versions.ts";

export interface EffectiveRule extends AwsPlace {
  readonly arn: string;
  readonly name: string;
  /** The bus's name, which of a partner bus is its event source's. */
  readonly bus: string;
  /** As JSON text. */
  readonly pattern: string;
  readonly targets: readonly EffectiveTarget[];
}

export interface EffectiveTarget {
  readonly id: string;
  readonly arn: string;
  /** Null if the target is no API destination, or one that does not exist. */
  readonly endpoint: string | null;
  readonly mostRetries: number;
  readonly mostAgeSeconds: number;
  /** The queue for what is given up; null if that is lost. */
  readonly deadLetterArn: string | null;
}

/** Documented: the retries of a target that states none, and how long they go on. */
const defaultRetries = 185;
const defaultAgeSeconds = 86_400;

/**
 * Returns the rules that are enabled and get events at that time: a rule of a partner bus gets none unless its event
 * source is active. What the source sends is decided by its integration.
 */
export function effectiveRules(state: SandboxState, nowMs: number): readonly EffectiveRule[] {
  const { aws } = state;
  const endpoints = new Map(
    [...aws.destinations.values()].map((one) => [one.ApiDestinationArn, one.InvocationEndpoint]),
  );
  return [...rulesInEffect(aws, nowMs)].flatMap(([arn, rule]) =>
    rule.State !== "DISABLED" && rule.EventPattern !== undefined && getsEvents(aws, rule, nowMs)
      ? [showEffective(arn, { ...rule, EventPattern: rule.EventPattern }, endpoints)]
      : [],
  );
}

function getsEvents({ buses, sources }: AwsState, { busArn }: StoredRule, nowMs: number): boolean {
  const bus = busNameOf(busArn);
  if (!bus.startsWith("aws.partner/")) return true;
  const source = sources.get(sourceArnOf(placeOf(busArn), bus));
  return buses.has(busArn) && source !== undefined && viewSource(source, nowMs) === "ACTIVE";
}

function showEffective(
  arn: string,
  { Name: name, busArn, EventPattern: pattern, Targets }: StoredRule & { readonly EventPattern: string },
  endpoints: ReadonlyMap<string, string>,
): EffectiveRule {
  const targets = Targets.map((target) => showTarget(target, endpoints));
  return { ...placeOf(arn), arn, name, bus: busNameOf(busArn), pattern, targets };
}

function showTarget(
  { Id, Arn, RetryPolicy, DeadLetterConfig }: Target,
  endpoints: ReadonlyMap<string, string>,
): EffectiveTarget {
  return {
    id: Id,
    arn: Arn,
    endpoint: endpoints.get(Arn) ?? null,
    mostRetries: RetryPolicy?.MaximumRetryAttempts ?? defaultRetries,
    mostAgeSeconds: RetryPolicy?.MaximumEventAgeInSeconds ?? defaultAgeSeconds,
    deadLetterArn: DeadLetterConfig?.Arn ?? null,
  };
}
