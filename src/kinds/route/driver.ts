// Reads and writes routes (endpoints with https: in a config with aws.webhooks): an EventBridge rule, its target, and an API
// destination. Before each step it reads what is there, so that the next call goes on where one that was cut off stopped.
import type { AwsPorts, Basis, Driver, DriverPorts, Found } from "../../genesys/driver.ts";
import { once } from "../../lib/once.ts";
import { invariant, ReconcileError } from "../../model/errors.ts";
import { wholeListing, type Listing } from "../../model/listing.ts";
import { ownerOf } from "../../model/ownership.ts";
import type { LiveResource } from "../../model/resource.ts";
import { requireActiveSource } from "../eventbridge/associate.ts";
import { feedEndpoint, findBuses, type EventBus } from "./event-bus.ts";
import {
  isLeftOver,
  listRoutes,
  readLeftOver,
  readRoute,
  type OnBus,
  type RulesOfBus,
} from "./read-routes.ts";
import { removeRoute } from "./remove-route.ts";
import { writeRoute, type Written } from "./write-route.ts";

export function makeRoutesDriver({ aws }: DriverPorts): Driver {
  /** By id, the bus on which the last list or write met the route. */
  const busOf = new Map<string, EventBus>();
  /** By id, how the last write found the route done, if it did. */
  const found = new Map<string, Found | null>();
  /** The ids of what the last list showed as destinations without a rule. */
  let leftOver = new Set<string>();
  let rules = 0;
  const ports = (): AwsPorts => {
    invariant(aws, "routes are reached through AWS");
    return aws;
  };
  const on = (bus: EventBus): OnBus => {
    const { api, config } = ports();
    return { bus, api: api.eventBridge(bus.region), settings: config?.webhooks ?? null };
  };
  const feed = (): string | null => {
    const { config } = ports();
    return config && feedEndpoint(config);
  };
  const mainBus = once(async (): Promise<EventBus> => {
    const endpoint = feed();
    invariant(endpoint !== null, "a route is made only if the config asks for routes");
    const [bus] = findBuses([endpoint], await ports().organizationId());
    invariant(bus, "the config states a valid account, region and source");
    return bus;
  });
  const onBusOf = async (id: string): Promise<OnBus> => on(busOf.get(id) ?? (await mainBus()));
  const noteWritten = (id: string, bus: EventBus, { live, requests }: Written): LiveResource => {
    busOf.set(id, bus);
    found.set(id, requests > 0 ? null : "unsent");
    return live;
  };
  return {
    list: async (feeds = []) => {
      if (!aws) return wholeListing([]);
      const own = feed();
      const { owner } = aws;
      const ours = feeds.filter((one) => one.owner === owner).map(({ endpoint }) => endpoint);
      const wanted = [...(own === null ? [] : [own]), ...ours];
      if (wanted.length === 0) return wholeListing([]);
      const buses = findBuses(wanted, await ports().organizationId());
      const lists = await listBuses(buses.map(on), { own, owner });
      for (const { bus, live } of lists) for (const { id } of live) busOf.set(id, bus);
      leftOver = new Set(lists.flatMap(({ live }) => live.filter(isLeftOver).map(({ id }) => id)));
      rules = lists.find(({ bus }) => bus.feed === own)?.rules ?? 0;
      return joinLists(lists);
    },
    read: async (id) => {
      const place = await onBusOf(id);
      return (await readRoute(id, place)) ?? (leftOver.has(id) ? readLeftOver(id, place) : null);
    },
    create: async (document) => {
      const bus = await mainBus();
      await requireActiveSource(bus.feed, ports());
      return noteWritten(document.name, bus, await writeRoute(document, null, on(bus)));
    },
    update: async (id, document, before) => {
      const place = await onBusOf(id);
      // A rule that is still to be made has no owner yet.
      const owner = leftOver.has(id) ? null : ownerBefore(before);
      return noteWritten(id, place.bus, await writeRoute(document, owner, place));
    },
    delete: async (id, before) => {
      const requests = await removeRoute(id, ownerBefore(before), await onBusOf(id));
      found.set(id, requests > 0 ? null : "unsent");
    },
    found: (id) => found.get(id) ?? null,
    room: () => Promise.resolve({ isOffered: true, max: null, used: rules, begun: new Set<string>() }),
  };
}

function ownerBefore(before: Basis | undefined): string | null {
  return before ? ownerOf(before) : null;
}

interface ListOfBus extends RulesOfBus {
  readonly bus: EventBus;
}

/** Throws as `requireOneBus` does. */
async function listBuses(
  places: readonly OnBus[],
  { own, owner }: { readonly own: string | null; readonly owner: string },
): Promise<readonly ListOfBus[]> {
  const lists = await Promise.all(
    places.map(async (place) => ({
      bus: place.bus,
      // A destination is of no bus, so it is shown once.
      ...(await listRoutes(place, place === places[0] ? owner : null)),
    })),
  );
  requireOneBus(lists, own, owner);
  return lists;
}

/**
 * A rule's name is the same on each bus, so routes of two feeds cannot be told apart. Throws ReconcileError
 * `aws/otherSource`.
 */
function requireOneBus(
  lists: readonly Pick<ListOfBus, "bus" | "live">[],
  feed: string | null,
  owner: string,
): void {
  const used = lists.filter(({ live }) => live.some((one) => one.owner === owner));
  const other = used.find(({ bus }) => bus.feed !== (feed ?? used[0]?.bus.feed));
  if (!other) return;
  const message = `routes of owner "${owner}" are live on the event bus ${other.bus.name} (${other.bus.region})`;
  const hint =
    feed === null
      ? "delete the routes of one of the two buses in AWS"
      : "write that account, region and source into aws.webhooks again; to change them, hand the groups over to webhooks first: " +
        "sync without aws.webhooks, then with the new ones";
  throw new ReconcileError("aws/otherSource", message, { hint });
}

function joinLists(lists: readonly Pick<Listing, "live" | "unread">[]): Listing {
  return {
    live: lists.flatMap(({ live }) => live),
    unread: lists.flatMap(({ unread }) => unread),
    hidden: 0,
  };
}
