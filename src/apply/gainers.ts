// Before a write takes event types away, the resources that are to deliver them instead are read again: the plan may be
// minutes old, and someone else may have changed them since.
import type { ResourcePort } from "../genesys/driver.ts";
import { groupBy } from "../lib/group-by.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { Kinds } from "../model/kind.ts";
import { listServing, type EndpointPlan, type GroupPlan, type Operation } from "../model/plan.ts";
import type { LiveResource } from "../model/resource.ts";

/** A resource that must deliver event types once another one's write is done. */
export interface Successor {
  readonly webhookId: string;
  /** The kind's name, if the scheme of its endpoint is another kind's. */
  readonly kind: string | undefined;
  /** The endpoints to which it may deliver: the one before its own write, and the one after it. */
  readonly endpoints: readonly [string, ...string[]];
  readonly eventTypes: readonly string[];
}

/** By URL, the resources that serve an endpoint of the group and exist by now, with the event types that they have. */
export type Servers = Map<string, readonly Successor[]>;

/** Finds the servers before the first write. What is only going to be enabled serves nothing until its write is done. */
export function findServers(endpoints: readonly EndpointPlan[], operations: readonly Operation[]): Servers {
  const before = new Map(operations.map((operation) => [operation.webhookId, operation.before]));
  const servers: Servers = new Map();
  for (const endpoint of endpoints) {
    const { url, kind } = endpoint;
    const successors = listServing(endpoint).flatMap(({ webhookId, eventTypes }): Successor[] => {
      if (webhookId === null) return [];
      const now = before.get(webhookId) ?? { kind, endpoint: url, eventTypes, state: "enabled" };
      if (now.state !== "enabled") return [];
      return [{ webhookId, kind: now.kind, endpoints: [url, now.endpoint], eventTypes: now.eventTypes }];
    });
    // A rollback lists each resource by itself, so a URL may occur several times.
    servers.set(url, [...(servers.get(url) ?? []), ...successors]);
  }
  return servers;
}

/** Updates the servers after an operation of the group was done. */
export function noteServer(servers: Servers, { webhookId, after, endpoint }: Operation): void {
  if (webhookId === null || !after) return;
  const others = (servers.get(endpoint) ?? []).filter((other) => other.webhookId !== webhookId);
  const { kind, eventTypes } = after;
  servers.set(endpoint, [...others, { webhookId, kind, endpoints: [endpoint], eventTypes }]);
}

/**
 * Finds the resources that take over from an operation of the group: the server of the event type's endpoint, or, until it
 * has the event type, a resource that has it and is deleted later. There are none if the operation takes away nothing that
 * is delivered, or if the group is to deliver nothing.
 */
export function findSuccessors(
  { before, after, status, phase }: Operation,
  { endpoints, state }: Pick<GroupPlan, "endpoints" | "state">,
  group: { readonly servers: Servers; readonly operations: readonly Operation[] },
): readonly Successor[] {
  if (status !== "planned" || before?.state !== "enabled" || state !== "enabled") return [];
  const kept = new Set(after?.eventTypes);
  const lost = new Set(before.eventTypes.filter((eventType) => !kept.has(eventType)));
  const later = group.operations.filter(
    (other) => other.phase > phase && other.before?.state === "enabled",
  );
  return endpoints.flatMap(({ url, eventTypes }): Successor[] => {
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
 * Finds the resources that go on delivering what a prune takes away: for each event type that a group with a manifest
 * delivers, one resource, because each costs a request. `operations` are done.
 */
export function makePruneSuccessors(
  groups: readonly GroupPlan[],
  operations: readonly Operation[],
): (prune: Operation) => readonly Successor[] {
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
      findSuccessors(prune, group, { servers, operations: [] }).flatMap((successor): Successor[] => {
        const eventTypes = successor.eventTypes.filter((eventType) => !covered.has(eventType));
        for (const eventType of eventTypes) covered.add(eventType);
        return eventTypes.length === 0 ? [] : [{ ...successor, eventTypes }];
      }),
    );
  };
}

/** An event type that no server has counts as the first one's; when that server is read again, it is found missing. */
function shareOut(eventTypes: readonly string[], servers: readonly Successor[]): readonly Successor[] {
  const whose = (eventType: string): Successor | undefined =>
    servers.find((server) => server.eventTypes.includes(eventType)) ?? servers[0];
  return servers
    .map((server) => ({ ...server, eventTypes: eventTypes.filter((one) => whose(one) === server) }))
    .filter((server) => server.eventTypes.length > 0);
}

function findLeaver(eventType: string, later: readonly Operation[]): Successor[] {
  const leaver = later.find(({ before }) => before?.eventTypes.includes(eventType));
  if (!leaver?.webhookId || !leaver.before) return [];
  const { kind, endpoint } = leaver.before;
  return [{ webhookId: leaver.webhookId, kind, endpoints: [endpoint], eventTypes: [eventType] }];
}

/** Returns the fault, in words, of the first successor that does not deliver what it should; null if all do. Throws as `read`. */
export async function findLostSuccessor(
  successors: readonly Successor[],
  { driver, kinds }: { readonly driver: Pick<ResourcePort, "read">; readonly kinds: Kinds },
): Promise<string | null> {
  // They are read side by side, so that no answer is old when the last one comes.
  const live = await Promise.all(
    successors.map((successor) =>
      driver.read({
        kind: kinds.of({ ...successor, endpoint: successor.endpoints[0] }),
        id: successor.webhookId,
      }),
    ),
  );
  const faults = successors.flatMap((successor, index) => {
    const fault = faultOf(successor, live[index] ?? null);
    const { noun } = kinds.of({ ...successor, endpoint: successor.endpoints[0] });
    return fault === null ? [] : [`not sent, because ${noun} ${successor.webhookId} ${fault}`];
  });
  return faults[0] ?? null;
}

function faultOf({ endpoints, eventTypes }: Successor, live: LiveResource | null): string | null {
  if (!live) return "was deleted by someone else";
  if (live.delivers !== "yes")
    return live.state === "disabled" ? "was disabled by someone else" : `does not deliver: ${live.state}`;
  if (!endpoints.some((endpoint) => sameEndpoint(endpoint, live.endpoint)))
    return "was sent elsewhere by someone else";
  const missing = eventTypes.find((eventType) => !live.eventTypes.includes(eventType));
  return missing === undefined ? null : `does not have ${missing} any more, which someone else took away`;
}
