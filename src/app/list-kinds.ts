// What the platform lists of each kind of resource, and which kinds it does not let this client list.
import type { Driver } from "../genesys/driver.ts";
import { ReconcileError } from "../model/errors.ts";
import { kindOf, resourceKinds, type Scheme } from "../model/resource-kind.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveWebhook } from "../model/webhook.ts";

export interface ListPorts {
  readonly driverOf: (schemes: ReadonlySet<Scheme>) => Driver;
}

export interface Listed {
  readonly live: readonly LiveWebhook[];
  /** What the organisation does not offer, or does not let this client see, and the platform's words for it. */
  readonly unseen: ReadonlyMap<Scheme, ReconcileError>;
}

export const allSchemes: ReadonlySet<Scheme> = new Set(Object.keys(resourceKinds) as Scheme[]);

/** A kind that this client may not list is no error here: the caller decides whether it needs that kind. */
export async function listKinds(schemes: ReadonlySet<Scheme>, { driverOf }: ListPorts): Promise<Listed> {
  const unseen = new Map<Scheme, ReconcileError>();
  const lists = await Promise.all(
    [...allSchemes]
      .filter((scheme) => schemes.has(scheme))
      .map((scheme) =>
        driverOf(new Set([scheme]))
          .list()
          .catch((error: unknown) => {
            if (!isRefusal(error)) throw error;
            unseen.set(scheme, error);
            return [];
          }),
      ),
  );
  return { live: lists.flat(), unseen };
}

function isRefusal(error: unknown): error is ReconcileError {
  return error instanceof ReconcileError && ["api/notOffered", "api/forbidden"].includes(error.code);
}

/** What may be seen with another role is the likelier one to be meant. */
export function throwIfBlind(
  schemes: ReadonlySet<Scheme>,
  unseen: ReadonlyMap<Scheme, ReconcileError>,
): void {
  const errors = [...schemes].flatMap((scheme) => unseen.get(scheme) ?? []);
  const [first] = [...errors.filter(({ code }) => code === "api/forbidden"), ...errors];
  if (first && errors.length === schemes.size) throw first;
}

export function schemesOf(desired: readonly Pick<Subscription, "endpointUrl">[]): ReadonlySet<Scheme> {
  return new Set(desired.map(({ endpointUrl }) => kindOf(endpointUrl).scheme));
}
