// There is one integration of an event source. Where another group's, or nobody's, stands at an endpoint that a group
// wants, a create would be refused: an orphan is handed over, and of any other the plan says whose it is.
import { endpointKey, parseEventSource } from "../model/endpoint.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Limits, Subscription } from "../model/subscription.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import { readOwnership } from "./identity.ts";
import { poolOf } from "./places.ts";

export interface SourceOptions {
  readonly owner: string;
  readonly limits: Limits;
  readonly prune: boolean;
}

export interface Sources {
  /** Orphans that the group takes over. */
  readonly taken: readonly LiveWebhook[];
  readonly conflicts: readonly Diagnostic[];
}

/** By the meaning of their endpoints. */
export type Holders = ReadonlyMap<string, LiveWebhook>;

export function findSourceHolders(live: readonly LiveWebhook[]): Holders {
  const sources = live.filter(({ endpoint }) => parseEventSource(endpoint) !== null);
  return new Map(sources.map((integration) => [endpointKey(integration.endpoint), integration]));
}

/** `declared`: the groups that have a manifest. */
export function findSources(
  desired: Subscription,
  { holders, declared }: { readonly holders: Holders; readonly declared: ReadonlySet<string> },
  options: SourceOptions,
): Sources {
  const taken: LiveWebhook[] = [];
  const conflicts: Diagnostic[] = [];
  if (holders.size === 0) return { taken, conflicts };
  for (const { url } of poolOf(desired, options.limits)) {
    const holder = holders.get(endpointKey(url));
    if (!holder || readOwnership(holder.description).group === desired.group) continue;
    const hint = findObstacle(holder, desired, { declared, options });
    if (hint === null) taken.push(holder);
    else conflicts.push(conflictOf(holder, desired, hint));
  }
  return { taken, conflicts };
}

/** The way out; null where it may be had. */
function findObstacle(
  holder: LiveWebhook,
  { eventTypes }: Subscription,
  given: { readonly declared: ReadonlySet<string>; readonly options: SourceOptions },
): string | null {
  const { group, owner } = readOwnership(holder.description);
  const { declared, options } = given;
  if (owner !== null && owner !== options.owner)
    return `use another suffix, or let owner "${owner}" give it up`;
  if (owner === null || group === null) return "use another suffix, or delete it";
  if (declared.has(group))
    return `take it out of group "${group}" first and sync, then give it to this one; or use another suffix`;
  const isLost = holder.eventTypes.some((eventType) => !eventTypes.includes(eventType));
  if (!isLost || options.prune) return null;
  return `pass --prune to hand it over, with what group "${group}" had of it; or use another suffix`;
}

function conflictOf(holder: LiveWebhook, { group, place }: Subscription, hint: string): Diagnostic {
  const whose = readOwnership(holder.description).group;
  const of = whose === null ? "nobody's group" : `group "${whose}"`;
  const message =
    `group "${group}" is skipped: there is one integration of an event source, and that of ${holder.endpoint} ` +
    `is "${holder.name}" (id ${holder.id}) of ${of}`;
  return { severity: "error", code: "source/taken", message, hint, ...place };
}
