// Ties the partner event sources of AWS to the EventBridge integrations of the embedded Genesys Cloud.
import type { StoredIntegration } from "../integration-rules.ts";
import type { SandboxQuirks } from "../quirks.ts";
import type { SandboxOrganisation } from "../sandbox-organisation.ts";
import type { SandboxState } from "../state.ts";
import { busArnOf, makeArn, placeOf, type AwsPlace } from "./arns.ts";
import type { StoredSource } from "./aws-state.ts";

/** Documented: a source that nobody associates is deleted after two weeks. */
export const sourceLifeMs = 14 * 86_400_000;

/** The name that the platform gives to the event source of an integration. */
export function partnerSourceName({ id }: SandboxOrganisation, suffix: string): string {
  return `aws.partner/genesys.com/cloud/${id}/${suffix}`;
}

export function sourceArnOf(place: AwsPlace, name: string): string {
  return makeArn(place, `event-source/${name}`);
}

/** What a source's own account sees of it. */
export function viewSource(
  source: StoredSource,
  nowMs: number,
  { sourceLagMs = 0 }: SandboxQuirks = {},
): "PENDING" | "ACTIVE" | "DELETED" | "hidden" {
  if (source.isDeleted) return "DELETED";
  if (nowMs < source.createdAtMs + sourceLagMs) return "hidden";
  const { activeFromMs, isDeactivated } = source;
  if (activeFromMs !== null && nowMs >= activeFromMs && !isDeactivated) return "ACTIVE";
  const isWaiting = activeFromMs === null || isDeactivated;
  return isWaiting && nowMs >= source.pendingSinceMs + sourceLifeMs ? "hidden" : "PENDING";
}

/**
 * An integration that is enabled and completely configured has a source; one that is disabled keeps it. Returns true if
 * a source changed.
 */
export function syncSources(
  { aws, integrations }: SandboxState,
  { nowMs, organisation }: { readonly nowMs: number; readonly organisation: SandboxOrganisation },
): boolean {
  const wanted = new Map<string, { readonly name: string; isEnabled: boolean }>();
  for (const { config, intendedState } of integrations.values()) {
    const source = intendedState === "DELETED" ? undefined : findSource(config, organisation);
    if (source === undefined) continue;
    const isEnabled = intendedState === "ENABLED" || wanted.get(source.arn)?.isEnabled === true;
    wanted.set(source.arn, { name: source.name, isEnabled });
  }
  let changed = false;
  for (const [arn, { name, isEnabled }] of wanted) {
    const isThere = aws.sources.get(arn)?.isDeleted === false;
    if (isThere || !isEnabled) continue;
    aws.sources.set(arn, makeSource(name, nowMs));
    changed = true;
  }
  for (const [arn, source] of aws.sources) {
    if (wanted.has(arn) || source.isDeleted) continue;
    // The bus of a source that the partner deleted stays, with its rules, and tells of it.
    if (aws.buses.has(busArnOf(placeOf(arn), source.Name)))
      aws.sources.set(arn, { ...source, isDeleted: true });
    else aws.sources.delete(arn);
    changed = true;
  }
  return changed;
}

function makeSource(name: string, nowMs: number): StoredSource {
  return {
    Name: name,
    createdAtMs: nowMs,
    pendingSinceMs: nowMs,
    ...{ activeFromMs: null, isDeactivated: false, isDeleted: false },
  };
}

function findSource(
  { properties }: StoredIntegration["config"],
  organisation: SandboxOrganisation,
): { readonly arn: string; readonly name: string } | undefined {
  const { awsAccountId: account, awsAccountRegion: region, eventSourceSuffix: suffix } = properties;
  if (account === undefined || region === undefined || suffix === undefined) return undefined;
  const name = partnerSourceName(organisation, suffix);
  return { name, arn: sourceArnOf({ account, region }, name) };
}
