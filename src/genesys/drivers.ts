// Joins the drivers of several kinds into one port. Its list is complete, or it throws.
import { answerFacts, invariant, ReconcileError } from "../model/errors.ts";
import type { Kind } from "../model/kind.ts";
import type { Listing } from "../model/listing.ts";
import { isSharedBy } from "../model/ownership.ts";
import type { LiveResource } from "../model/resource.ts";
import type { Driver, ResourcePort } from "./driver.ts";

/** Each driver by the kind whose resources it reads and writes. */
export type Drivers = ReadonlyMap<Kind, Driver>;

/** `list` covers only `kinds`; resources of every kind that has a driver can be read and written. */
export function joinDrivers(drivers: Drivers, kinds: ReadonlySet<Kind>): ResourcePort {
  const driverOf = (kind: Kind): Driver => {
    const driver = drivers.get(kind);
    invariant(driver, `${kind.nouns} have a driver`);
    return driver;
  };
  return {
    list: async (feeds = []) => {
      const listed = [...drivers.keys()].filter((kind) => kinds.has(kind));
      const listOf = listEach(
        (kind) => kinds.has(kind),
        async (kind, fed) =>
          driverOf(kind)
            .list(fed ?? feeds)
            .catch((error: unknown) => {
              throw isNotOffered(error) ? explain(kind, error) : error;
            }),
      );
      return joinListings(await Promise.all(listed.map(listOf)));
    },
    read: ({ kind, id }) => driverOf(kind).read(id),
    create: (kind, document) => driverOf(kind).create(document),
    update: ({ kind, id }, document, before) => driverOf(kind).update(id, document, before),
    delete: ({ kind, id }, before) => driverOf(kind).delete(id, before),
    noteWritten: ({ kind, id }, ageMs) => driverOf(kind).noteWritten?.(id, ageMs),
    found: ({ kind, id }) => driverOf(kind).found?.(id) ?? null,
    testEvent: async ({ kind, id }, body) => (await driverOf(kind).testEvent?.(id, body)) ?? null,
    room: async (kind) => (await driverOf(kind).room?.()) ?? null,
  };
}

/**
 * Returns a function that lists each kind once: one whose resources get their events through a shared one after the kind of
 * that, if it is listed too.
 */
export function listEach(
  isListed: (kind: Kind) => boolean,
  list: (kind: Kind, feeds: readonly LiveResource[] | undefined) => Promise<Listing>,
): (kind: Kind) => Promise<Listing> {
  const lists = new Map<Kind, Promise<Listing>>();
  const listOf = (kind: Kind): Promise<Listing> => {
    const known = lists.get(kind);
    if (known) return known;
    const { shared } = kind;
    const asked =
      shared && isListed(shared.kind)
        ? listOf(shared.kind).then(({ live }) =>
            list(
              kind,
              live.filter((one) => isSharedBy(kind, one)),
            ),
          )
        : list(kind, undefined);
    lists.set(kind, asked);
    return asked;
  };
  return listOf;
}

/** Throws as `requireDistinct` does. */
export function joinListings(listings: readonly Listing[]): Listing {
  return {
    live: requireDistinct(listings.flatMap(({ live }) => live)),
    unread: listings.flatMap(({ unread }) => unread),
    hidden: listings.reduce((sum, { hidden }) => sum + hidden, 0),
  };
}

/**
 * Refuses an id that occurs twice, because records and plans name a resource by its id alone. Throws `api/malformed`.
 */
export function requireDistinct(live: readonly LiveResource[]): readonly LiveResource[] {
  const kinds = new Map<string, Kind>();
  for (const { id, kind } of live) {
    const message = `two resources have the id ${id}`;
    if ((kinds.get(id) ?? kind) !== kind) throw new ReconcileError("api/malformed", message);
    kinds.set(id, kind);
  }
  return live;
}

function isNotOffered(error: unknown): error is ReconcileError {
  return error instanceof ReconcileError && error.code === "api/notFound";
}

function explain({ nouns }: Kind, error: ReconcileError): ReconcileError {
  const hint = `this organisation does not offer ${nouns}: \`reconcile doctor\` shows what it offers`;
  return new ReconcileError("api/notOffered", error.message, { hint, ...answerFacts(error) });
}
