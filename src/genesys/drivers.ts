// One port over several resources: what is listed is remembered with the driver that it came from.
import { invariant, ReconcileError } from "../model/errors.ts";
import { kindOf, resourceKinds, type Scheme } from "../model/resource-kind.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import type { Driver } from "./driver.ts";

export type Drivers = Readonly<Record<Scheme, Driver>>;

export interface Wanted {
  /** What manifests name: that an organisation does not offer it is an error. */
  readonly needed: ReadonlySet<Scheme>;
  /** What may still be there from before: where it is not offered, or not to be seen, there is none for us. */
  readonly beside?: ReadonlySet<Scheme>;
}

/** `owners`: shared by all that are joined from these drivers, so that one may write what another has listed. */
export function joinDrivers(
  drivers: Drivers,
  { needed, beside = new Set() }: Wanted,
  owners = new Map<string, Driver>(),
): Driver {
  const schemes = Object.keys(drivers) as Scheme[];
  const used = schemes.filter((scheme) => needed.has(scheme) || beside.has(scheme));
  const note = (webhook: LiveWebhook, driver: Driver): LiveWebhook => {
    const owner = owners.get(webhook.id);
    const message = `two resources have the id ${webhook.id}`;
    if (owner && owner !== driver) throw new ReconcileError("api/malformed", message);
    owners.set(webhook.id, driver);
    return webhook;
  };
  const driverOf = (id: string): Driver => {
    const driver = owners.get(id);
    invariant(driver, "a resource is written after it was listed");
    return driver;
  };
  return {
    list: async () => {
      const lists = await Promise.all(
        used.map(async (scheme) => {
          const driver = drivers[scheme];
          const list = await driver.list().catch((error: unknown) => {
            if (needed.has(scheme)) throw isNotOffered(error) ? explain(scheme, error) : error;
            if (isNotOffered(error) || isForbidden(error)) return [];
            throw error;
          });
          return list.map((webhook) => note(webhook, driver));
        }),
      );
      return lists.flat();
    },
    read: (id) => driverOf(id).read(id),
    create: async (document) => {
      const driver = drivers[kindOf(document.endpoint).scheme];
      return note(await driver.create(document), driver);
    },
    update: (id, document) => driverOf(id).update(id, document),
    delete: (id) => driverOf(id).delete(id),
  };
}

function isNotOffered(error: unknown): error is ReconcileError {
  return error instanceof ReconcileError && error.code === "api/notFound";
}

function isForbidden(error: unknown): boolean {
  return error instanceof ReconcileError && error.code === "api/forbidden";
}

function explain(scheme: Scheme, { message, correlationId }: ReconcileError): ReconcileError {
  const hint = `this organisation does not offer ${resourceKinds[scheme].nouns}: \`reconcile doctor\` says what it does`;
  return new ReconcileError("api/notOffered", message, { hint, correlationId: correlationId ?? undefined });
}
