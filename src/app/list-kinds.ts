// What the platform lists of each kind of resource, and which kinds it does not let this client list.
import type { Platform } from "../genesys/driver.ts";
import { requireDistinct } from "../genesys/drivers.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";

export interface ListPorts {
  readonly kinds: Kinds;
  readonly driverOf: (kinds: ReadonlySet<Kind>) => Platform;
}

export interface Listed {
  readonly live: readonly LiveResource[];
  /** What the organisation does not offer, or does not let this client see, and the platform's words for it. */
  readonly unseen: ReadonlyMap<Kind, ReconcileError>;
}

/** A kind that this client may not list is no error here: the caller decides whether it needs that kind. */
export async function listKinds(
  wanted: ReadonlySet<Kind>,
  { kinds, driverOf }: Pick<ListPorts, "kinds" | "driverOf">,
): Promise<Listed> {
  const unseen = new Map<Kind, ReconcileError>();
  const lists = await Promise.all(
    kinds.all
      .filter((kind) => wanted.has(kind))
      .map((kind) =>
        driverOf(new Set([kind]))
          .list()
          .catch((error: unknown) => {
            if (!isRefusal(error)) throw error;
            unseen.set(kind, error);
            return [];
          }),
      ),
  );
  return { live: requireDistinct(lists.flat()), unseen };
}

function isRefusal(error: unknown): error is ReconcileError {
  return error instanceof ReconcileError && ["api/notOffered", "api/forbidden"].includes(error.code);
}

/** What may be seen with another role is the likelier one to be meant. */
export function throwIfBlind(wanted: ReadonlySet<Kind>, unseen: ReadonlyMap<Kind, ReconcileError>): void {
  const errors = [...wanted].flatMap((kind) => unseen.get(kind) ?? []);
  const [first] = [...errors.filter(({ code }) => code === "api/forbidden"), ...errors];
  if (first && errors.length === wanted.size) throw first;
}

export function kindsOf(desired: readonly Pick<Subscription, "kind">[]): ReadonlySet<Kind> {
  return new Set(desired.map(({ kind }) => kind));
}
