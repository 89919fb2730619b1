// Sorts a group's live resources by the endpoint of the pool at which they are; the rest are at endpoints out of use.
import { compareText } from "../lib/compare.ts";
import { endpointKey, sameEndpoint } from "../model/endpoint.ts";
import { isSplit } from "../model/kind.ts";
import type { Limits } from "../model/config.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { partNumber, resourceName } from "../model/ownership.ts";

export interface Places {
  /** In pool order. */
  readonly endpoints: readonly {
    readonly url: string;
    readonly weight: number;
    /** The live resources here, the one that is most worth keeping first. */
    readonly resources: readonly LiveResource[];
  }[];
  /** Resources whose endpoint is not in use any more, by endpoint. */
  readonly leavers: readonly LiveResource[];
}

export function placeResources(
  desired: Subscription,
  live: readonly LiveResource[],
  options: { readonly limits: Limits; readonly owner: string },
): Places {
  const pool = poolOf(desired, options.limits);
  const endpoints = pool.map(({ url, weight }) => ({ url, weight, resources: [] as LiveResource[] }));
  const at = new Map(endpoints.map(({ url, resources }) => [endpointKey(url), resources]));
  const leavers: LiveResource[] = [];
  for (const resource of live) {
    const isOfKind = resource.kind === desired.kind;
    const url = isOfKind ? findNamedEndpoint(desired, pool, resource) : null;
    const here = isOfKind ? at.get(endpointKey(url ?? resource.endpoint)) : undefined;
    (here ?? leavers).push(resource);
  }
  for (const { url, resources } of endpoints) {
    const wanted = { endpoint: url, eventTypes: desired.eventTypes };
    resources.sort(compareWorth(desired, wanted, options.owner));
  }
  leavers.sort((a, b) => compareText(a.endpoint, b.endpoint) || compareText(a.id, b.id));
  return { endpoints, leavers };
}

/**
 * Where a name is an id, nothing else can be made of that name: if someone sent the resource elsewhere, it is still the one of
 * the endpoint that its name is made of. Null for other kinds and other names.
 */
function findNamedEndpoint(
  { kind, group }: Subscription,
  pool: Subscription["endpointPool"],
  { name }: LiveResource,
): string | null {
  if (!kind.names) return null;
  const found = pool.find(({ url }) => partNumber(kind, group, { endpoint: url, name }) !== null);
  return found?.url ?? null;
}

/** The endpoints in use: the group's only endpoint, or the pool. */
export function poolOf(desired: Subscription, limits: Limits): Subscription["endpointPool"] {
  return isSplit(desired, limits) ? desired.endpointPool : [{ url: desired.endpointUrl, weight: 1 }];
}

/** By event type, the resources that deliver it; if none does, the disabled ones that have it. */
export type Homes = ReadonlyMap<string, readonly LiveResource[]>;

export function findHomes(live: readonly LiveResource[]): Homes {
  const homes = listHolders(live.filter(isEnabled));
  const idle = listHolders(live.filter((resource) => !isEnabled(resource)));
  for (const [eventType, holders] of idle) if (!homes.has(eventType)) homes.set(eventType, holders);
  return homes;
}

function listHolders(live: readonly LiveResource[]): Map<string, LiveResource[]> {
  const holders = new Map<string, LiveResource[]>();
  for (const resource of live) {
    for (const eventType of resource.eventTypes) {
      const found = holders.get(eventType);
      if (found) found.push(resource);
      else holders.set(eventType, [resource]);
    }
  }
  return holders;
}

function isEnabled({ delivers }: LiveResource): boolean {
  return delivers === "yes";
}

/**
 * Compares resources that could become the wanted one, the one to keep first: by endpoint, then by name, which no other
 * resource may take while it exists, then by owner, by state, and by how many event types it has.
 */
export function compareWorth(
  desired: Subscription,
  wanted: Pick<ResourceDocument, "endpoint" | "eventTypes">,
  owner: string,
): (a: LiveResource, b: LiveResource) => number {
  const name = resourceName(desired.kind, desired.group, wanted);
  const worth = (resource: LiveResource): readonly number[] => [
    sameEndpoint(resource.endpoint, wanted.endpoint) ? 1 : 0,
    resource.name === name ? 1 : 0,
    // Its endpoint may be spelt otherwise.
    resource.name === resourceName(desired.kind, desired.group, resource) ? 1 : 0,
    resource.owner === owner ? 1 : 0,
    resource.state === desired.state ? 1 : 0,
    resource.eventTypes.filter((eventType) => desired.eventTypes.includes(eventType)).length,
  ];
  return (a, b) => {
    const [of, ofOther] = [worth(a), worth(b)];
    const difference = of.map((value, index) => (ofOther[index] ?? 0) - value).find((value) => value !== 0);
    return difference ?? compareText(a.id, b.id);
  };
}
