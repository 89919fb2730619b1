// A resource of any kind: the document that reconcile sends to Genesys Cloud, and the live resource that it reports.
import type { Kind } from "./kind.ts";
import { noOptions } from "./option-forms.ts";
import type { DocumentOptions, OptionsKey } from "./options.ts";
import { readOwnership } from "./ownership.ts";
import type { TypeOf } from "./schema/type-of.ts";
import type * as schema from "./schema/document.ts";

export type ResourceDocument = TypeOf<typeof schema.document>;

/** A resource as the platform reports it. Fields that someone else wrote may hold any value of their type. */
export interface LiveResource extends DocumentOptions {
  readonly kind: Kind;
  readonly id: string;
  /** The consumer group that its description names; null if it names none. */
  readonly group: string | null;
  /** The owner in the marker that ends its description; null without a marker. */
  readonly owner: string | null;
  /**
   * Whether it delivers its event types. `perhaps`: it is being switched on or off, or reports an error, and may
   * deliver from one moment to the next.
   */
  readonly delivers: "yes" | "perhaps" | "no";
  readonly name: string;
  readonly endpoint: string;
  readonly eventTypes: readonly string[];
  readonly state: string;
  readonly description: string;
  /** The names of fields with a value that reconcile does not know; absent if there are none. */
  readonly unmodelled?: readonly string[];
}

/** True if the resource delivers, or may deliver from one moment to the next. */
export function mayDeliver(resource: ResourceDocument | LiveResource): boolean {
  return "delivers" in resource ? resource.delivers !== "no" : resource.state === "enabled";
}

/** The fields that a driver has read; `makeLive` drops the options of other kinds than its own. */
type FoundResource = Omit<LiveResource, "kind" | "group" | "owner" | "delivers" | OptionsKey> &
  Partial<DocumentOptions>;

/** Makes a live resource of the fields that a driver has read. */
export function makeLive(kind: Kind, found: FoundResource): LiveResource {
  const { id, name, endpoint, eventTypes, state, description } = found;
  const { group, owner } = readOwnership(description);
  // The fields are spelt out because ten thousand objects of one shape take the least memory.
  const live: LiveResource = {
    ...{ kind, id, group, owner, delivers: deliveryOf(kind, state) },
    ...{ name, endpoint, eventTypes, ...noOptions, state, description },
  };
  const key = kind.options?.key;
  const own = key && found[key] ? { ...live, [key]: found[key] } : live;
  return found.unmodelled ? { ...own, unmodelled: found.unmodelled } : own;
}

function deliveryOf({ isMadeInSteps }: Kind, state: string): LiveResource["delivers"] {
  if (state === "enabled") return "yes";
  return isMadeInSteps && state !== "disabled" ? "perhaps" : "no";
}
