// Before a write takes event types away, whoever is to deliver them instead is read again: the plan may be minutes
// old, and someone else may have changed them since.
import type { ResourcePort } from "../genesys/driver.ts";
import { groupBy } from "../lib/group-by.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { Kinds } from "../model/kind.ts";
import { listServing, type EndpointPlan, type GroupPlan, type Operation } from "../model/plan.ts";
import type { LiveResource } from "../model/resource.ts";

/** A webhook that must deliver event types once another one's write is done. */
export interface Holder {
  readonly webhookId: string;
  /** The kind's name, where its endpoint's scheme does not say it. */
  readonly kind: string | undefined;
  /** The endpoints to which it may deliver: the one before its own write, and the one after it. */
  readonly endpoints: readonly [string, ...string[]];
  readonly eventTypes: readonly string[];
}

/** Who serves which endpoint of the group, by URL, as far as they exist; with the event types that they have by now. */
export type Servers = Map<string, readonly Holder[]>;

/** Before anything is written. */
export function findServers(endpoints: readonly EndpointPlan[], operations: readonly Operation[]): Servers {
  const before = new Map(operations.map((operation) => [operation.webhookId, operation.before]));
  const servers: Servers = new Map();
  for (const endpoint of endpoints) {
    const { url, kind } = endpoint;
    const holders = listServing(endpoint).flatMap(({ webhookId, eventTypes }): Holder[] => {
      if (webhookId === null) return [];
      const now = before.get(webhookId) ?? { kind, endpoint: url, eventTypes };
      return [{ webhookId, kind: now.kind, endpoints: [url, now.endpoint], eventTypes: now.eventTypes }];
    });
    // A rollback lists each resource by itself, so a URL may occur several times.
    servers.set(url, [...(servers.get(url) ?? []), ...holders]);
  }
  return servers;
}

/** After an operation of the group was done. */
export function noteServer(servers: Servers, { webhookId, after, endpoint }: Operation): void {
  if (webhookId === null || !after) return;
  const others = (servers.get(endpoint) ?? []).filter((other) => other.webhookId !== webhookId);
  const { kind, eventTypes } = after;
  servers.set(endpoint, [...others, { webhookId, kind, endpoints: [endpoint], eventTypes }]);
}

/**
 * Those that take over from an operation of the group: who serves the event type's endpoint, or, until that webhook
 * has it, one that is to go later and has it. None where nothing that is delivered is taken away, or nothing shall be
 * delivered.
 */
export function findHolders(
  { before, after, status, phase }: Operation,
  { endpoints, state }: Pick<GroupPlan, "endpoints" | "state">,
  group: { readonly servers: Servers; readonly operations: readonly Operation[] },
): readonly Holder[] {
  if (status !== "planned" || before?.state !== "enabled" || state !== "enabled") return [];
  const kept = new Set(after?.eventTypes);
  const lost = new Set(before.eventTypes.filter((eventType) => !kept.has(eventType)));
  const later = group.operations.filter(
    (other) => other.phase > phase && other.before?.state === "enabled",
  );
  return endpoints.flatMap(({ url, eventTypes }): Holder[] => {
    const taken = eventTypes.filter((eventType) => lost.has(eventType));
    const servers = group.servers.get(url) ?? [];
    const isServed = (eventType: string): boolean =>
      servers.some((server) => server.eventTypes.includes(eventType));
    const leavers = taken.flatMap((eventType) => (isServed(eventType) ? [] : findLeaver(eventType, later)));
    const left = new Set(leavers.flatMap((leaver) => leaver.eventTypes));
    const served = taken.filter((eventType) => !left.has(eventType));
    return [...shareOut(served, servers), ...leavers];
  });
}

/**
 * Those that go on delivering what a prune takes away: of the groups with a manifest, one resource for each event type
 * that any is to deliver. `operations` are done. One of them is enough: each costs a request.
 */
export function makeHeirs(
  groups: readonly GroupPlan[],
  operations: readonly Operation[],
): (prune: Operation) => readonly Holder[] {
  const byGroup = groupBy(operations, ({ group }) => group);
  const served = groups.map((group) => {
    const done = byGroup.get(group.group) ?? [];
    const servers = findServers(group.endpoints, done);
    for (const operation of done) noteServer(servers, operation);
    return { group, servers };
  });
  return (prune) => {
    const covered = new Set<string>();
    return served.flatMap(({ group, servers }) =>
      findHolders(prune, group, { servers, operations: [] }).flatMap((holder): Holder[] => {
        const eventTypes = holder.eventTypes.filter((eventType) => !covered.has(eventType));
        for (const eventType of eventTypes) covered.add(eventType);
        return eventTypes.length === 0 ? [] : [{ ...holder, eventTypes }];
      }),
    );
  };
}

/** An event type that no server has is asked of the first one; the look at that server then finds it missing. */
function shareOut(eventTypes: readonly string[], servers: readonly Holder[]): readonly Holder[] {
  const whose = (eventType: string): Holder | undefined =>
    servers.find((server) => server.eventTypes.includes(eventType)) ?? servers[0];
  return servers
    .map((server) => ({ ...server, eventTypes: eventTypes.filter((one) => whose(one) === server) }))
    .filter((server) => server.eventTypes.length > 0);
}

function findLeaver(eventType: string, later: readonly Operation[]): Holder[] {
  const leaver = later.find(({ before }) => before?.eventTypes.includes(eventType));
  if (!leaver?.webhookId || !leaver.before) return [];
  const { kind, endpoint } = leaver.before;
  return [{ webhookId: leaver.webhookId, kind, endpoints: [endpoint], eventTypes: [eventType] }];
}

/** Returns the fault, in words, of the first holder that does not deliver what it should; null if all do. Throws as `read`. */
export async function findLostHolder(
  holders: readonly Holder[],
  { driver, kinds }: { readonly driver: Pick<ResourcePort, "read">; readonly kinds: Kinds },
): Promise<string | null> {
  // Side by side: what was read first must not be old by the time that the last has answered.
  const live = await Promise.all(
    holders.map((holder) =>
      driver.read({ kind: kinds.of({ ...holder, endpoint: holder.endpoints[0] }), id: holder.webhookId }),
    ),
  );
  const faults = holders.flatMap((holder, index) => {
    const fault = faultOf(holder, live[index] ?? null);
    const { noun } = kinds.of({ ...holder, endpoint: holder.endpoints[0] });
    return fault === null ? [] : [`not sent, because ${noun} ${holder.webhookId} ${fault}`];
  });
  return faults[0] ?? null;
}

function faultOf({ endpoints, eventTypes }: Holder, live: LiveResource | null): string | null {
  if (!live) return "was deleted by someone else";
  if (live.delivers !== "yes")
    return live.state === "disabled" ? "was disabled by someone else" : `does not deliver: ${live.state}`;
  if (!endpoints.some((endpoint) => sameEndpoint(endpoint, live.endpoint)))
    return "was sent elsewhere by someone else";
  const missing = eventTypes.find((eventType) => !live.eventTypes.includes(eventType));
  return missing === undefined ? null : `does not have ${missing} any more, which someone else took away`;
}
