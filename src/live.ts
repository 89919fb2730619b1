// What is live: read of the resources that the manifests name, and of those that the trail knows something of.
import { readHistory, type History } from "./audit/history.ts";
import type { RecordOptions } from "./apply/on-record.ts";
import type { Driver } from "./genesys/driver.ts";
import type { Wanted } from "./genesys/drivers.ts";
import type { Deps } from "./model/deps.ts";
import { kindOf, type Scheme } from "./model/resource-kind.ts";
import type { Subscription } from "./model/subscription.ts";
import type { LiveWebhook } from "./model/webhook.ts";
import { readOwnership } from "./plan/identity.ts";

export interface LivePorts extends Pick<Deps, "files"> {
  readonly driverOf: (wanted: Wanted) => Driver;
}

export interface Known extends History {
  readonly driver: Driver;
  readonly live: readonly LiveWebhook[];
}

/** What a pass is about. */
export interface About {
  /** Of its manifests. */
  readonly needed: ReadonlySet<Scheme>;
  /** Of others that it looks at, such as those of a base revision. */
  readonly others?: ReadonlySet<Scheme>;
  /** Its consumer groups; null for all. */
  readonly groups: ReadonlySet<string> | null;
}

/**
 * One list a resource: where the manifests say all that there is, nothing else is asked for. Throws ReconcileError as
 * the platform and the disk do.
 */
export async function readLive(
  { needed, others = new Set(), groups }: About,
  { audit }: Pick<RecordOptions, "audit">,
  ports: LivePorts,
): Promise<Known> {
  // Of nothing, webhooks: whatever is left to prune is most likely one.
  const wanted: Wanted = { needed, beside: needed.size + others.size > 0 ? others : new Set(["https:"]) };
  const driver = ports.driverOf(wanted);
  const live = await driver.list();
  const history = await readHistory(ports.files, audit, live);
  // A group that went over to another resource, or lost its manifest, has left something there.
  const isConcerned = (group: string | null): boolean =>
    groups === null || (group !== null && groups.has(group));
  const left = [
    ...[...history.recorded.values()].filter(({ description }) =>
      isConcerned(readOwnership(description).group),
    ),
    ...history.open.filter(({ group }) => isConcerned(group)),
  ].map(({ endpoint }) => kindOf(endpoint).scheme);
  const asked = new Set([...needed, ...(wanted.beside ?? [])]);
  const more = new Set(left.filter((scheme) => !asked.has(scheme)));
  if (more.size === 0) return { driver, live, ...history };
  const all = [...live, ...(await ports.driverOf({ needed: new Set(), beside: more }).list())];
  const beside = new Set([...(wanted.beside ?? []), ...more]);
  return {
    ...{ driver: ports.driverOf({ needed, beside }), live: all },
    ...(await readHistory(ports.files, audit, all)),
  };
}

export function schemesOf(desired: readonly Pick<Subscription, "endpointUrl">[]): ReadonlySet<Scheme> {
  return new Set(desired.map(({ endpointUrl }) => kindOf(endpointUrl).scheme));
}
