// One port over several resources: what is listed is remembered with the driver that it came from. The list is whole, or
// it throws.
import { invariant, ReconcileError } from "../model/errors.ts";
import { kindOf, resourceKinds, type Scheme } from "../model/resource-kind.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import type { Driver } from "./driver.ts";

export type Drivers = Readonly<Record<Scheme, Driver>>;

/** `owners`: shared by all that are joined from these drivers, so that one may write what another has listed. */
export function joinDrivers(
  drivers: Drivers,
  schemes: ReadonlySet<Scheme>,
  owners = new Map<string, Driver>(),
): Driver {
  const used = (Object.keys(drivers) as Scheme[]).filter((scheme) => schemes.has(scheme));
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
            throw isNotOffered(error) ? explain(scheme, error) : error;
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
    update: (id, document, before) => driverOf(id).update(id, document, before),
    delete: (id, before) => driverOf(id).delete(id, before),
  };
}

function isNotOffered(error: unknown): error is ReconcileError {
  return error instanceof ReconcileError && error.code === "api/notFound";
}

function explain(scheme: Scheme, { message, correlationId }: ReconcileError): ReconcileError {
  const hint = `this organisation does not offer ${resourceKinds[scheme].nouns}: \`reconcile doctor\` shows what it offers`;
  return new ReconcileError("api/notOffered", message, { hint, correlationId: correlationId ?? undefined });
}
