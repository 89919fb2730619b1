// Lists the resources of each kind, and collects the kinds that the platform does not let this client list.
import type { ResourcePort } from "../genesys/driver.ts";
import { joinListings, listEach } from "../genesys/drivers.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { isCode, type ReconcileError } from "../model/errors.ts";
import { isSharedBy } from "../model/ownership.ts";
import type { LiveResource } from "../model/resource.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import type { Subscription } from "../model/subscription.ts";
import { wholeListing, type Listing } from "../model/listing.ts";
import type { Deps } from "../model/deps.ts";

export interface ListPorts {
  readonly kinds: Kinds;
  readonly driverOf: (kinds: ReadonlySet<Kind>) => ResourcePort;
}

export interface Listed extends Listing {
  /** The kinds that the organisation does not offer or does not let this client list, with the platform's error. */
  readonly unlisted: ReadonlyMap<Kind, ReconcileError>;
  /** How many resources the platform counts but does not show, for each kind with such resources. */
  readonly hiddenOf: ReadonlyMap<Kind, number>;
}

/** Lists that a pass asked for before it knew all kinds that it needs. */
export interface ListsAhead {
  readonly lists: Map<Kind, Promise<Listing>>;
  /** When the first of them was asked for, by the monotonic clock; null before. */
  sinceMs: number | null;
}

/** Asks for the lists of these kinds, each once. What becomes of a list is told to the one who takes it. */
export function listAhead(
  wanted: ReadonlySet<Kind>,
  ahead: ListsAhead,
  { driverOf, clock }: Pick<ListPorts, "driverOf"> & Pick<Deps, "clock">,
): void {
  for (const kind of wanted) {
    // Where such a kind is listed depends on the list of the shared one.
    if (ahead.lists.has(kind) || kind.shared) continue;
    ahead.sinceMs ??= clock.monotonic();
    const list = driverOf(new Set([kind])).list();
    list.catch(() => undefined);
    ahead.lists.set(kind, list);
  }
}

/**
 * `known`: what was listed before. A kind that this client may not list is not an error here: the caller decides whether it
 * needs that kind.
 */
export async function listKinds(
  wanted: ReadonlySet<Kind>,
  { kinds, driverOf }: Pick<ListPorts, "kinds" | "driverOf">,
  {
    ahead,
    known = [],
  }: { readonly ahead?: ListsAhead | undefined; readonly known?: readonly LiveResource[] } = {},
): Promise<Listed> {
  const unlisted = new Map<Kind, ReconcileError>();
  const hiddenOf = new Map<Kind, number>();
  const listOf = listEach(
    (kind) => wanted.has(kind),
    (kind, feeds = known.filter((one) => isSharedBy(kind, one))) =>
      (ahead?.lists.get(kind) ?? driverOf(new Set([kind])).list(feeds))
        .then((listing) => {
          if (listing.hidden > 0) hiddenOf.set(kind, listing.hidden);
          return listing;
        })
        .catch((error: unknown) => {
          if (!isRefusal(error)) throw error;
          // The organisation has none of a kind that another replaces, and then needs none.
          if (!isReplaced(kind, kinds) || isForbidden(error)) unlisted.set(kind, error);
          return wholeListing([]);
        }),
  );
  const lists = await Promise.all(kinds.all.filter((kind) => wanted.has(kind)).map(listOf));
  return { ...joinListings(lists), unlisted, hiddenOf };
}

/** True if the config chooses another kind for the endpoints of this one. */
function isReplaced(kind: Kind, kinds: Kinds): boolean {
  const chosen = kinds.choose(`${kind.scheme}//`);
  return chosen !== null && chosen !== kind && kind.isChosen === undefined;
}

/** Adds the default kind of a scheme where another is chosen: it may still have resources of a group. */
export function addReplaced(named: readonly Kind[], kinds: Kinds): readonly Kind[] {
  const replaced = kinds.all.filter(
    (kind) =>
      isReplaced(kind, kinds) && named.some(({ scheme, isChosen }) => isChosen && scheme === kind.scheme),
  );
  return [...named, ...replaced];
}

/** Returns all kinds but those in AWS, unless the config names it. */
export function possibleKinds({ all, sought }: Kinds): readonly Kind[] {
  return all.filter((kind) => !kind.isInAws || sought.includes(kind));
}

/** Returns a warning for each kind of which the platform counts more resources than it shows. */
export function describeHidden(hiddenOf: Listed["hiddenOf"]): readonly Diagnostic[] {
  return [...hiddenOf].map(([{ noun, nouns }, hidden]) => {
    const more = hidden === 1 ? `1 more ${noun}` : `${hidden} more ${nouns}`;
    const message = `the platform counts ${more} than it shows: this OAuth client may not see all of them`;
    const hint = `${nouns} that it does not see are neither compared nor changed, and may deliver too: check the roles and divisions of the client`;
    return { severity: "warning", code: "list/notAllShown", message, hint, ...nowhere };
  });
}

/** The codes of a refusal that another role, or another scope, would mend. */
const forbidden = ["api/forbidden", "api/scopeMissing"];

export function isForbidden(error: ReconcileError): boolean {
  return isCode(error, ...forbidden);
}

function isRefusal(error: unknown): error is ReconcileError {
  return isCode(error, "api/notOffered", ...forbidden);
}

/**
 * Throws if every wanted kind is unlisted. It prefers an error that another role would mend, because that kind is more
 * likely the one that the user meant.
 */
export function throwIfAllUnlisted(
  wanted: ReadonlySet<Kind>,
  unlisted: ReadonlyMap<Kind, ReconcileError>,
): void {
  const errors = [...wanted].flatMap((kind) => unlisted.get(kind) ?? []);
  const [first] = [...errors.filter(isForbidden), ...errors];
  if (first && errors.length === wanted.size) throw first;
}

export function kindsOf(desired: readonly Pick<Subscription, "kind">[]): ReadonlySet<Kind> {
  return new Set(desired.map(({ kind }) => kind));
}
