// Finds the recorded resources in whose place a plan is about to write, although only a list says that they are gone.
import { groupBy } from "../lib/group-by.ts";
import { endpointKey } from "../model/endpoint.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import { groupOf } from "../model/ownership.ts";
import type { Operation } from "../model/plan.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";

export interface Missing {
  readonly id: string;
  readonly document: ResourceDocument;
  /** The group that is about to write in its place. */
  readonly group: string | null;
}

/**
 * Returns the recorded resources that the list lacks, and in whose place or at whose endpoint the plan creates others, or
 * whose event types it gives to others. `planned` are the operations that are to be done.
 */
export function findMissing(
  planned: readonly Operation[],
  live: readonly LiveResource[],
  { recorded, kinds }: { readonly recorded: ReadonlyMap<string, ResourceDocument>; readonly kinds: Kinds },
): readonly Missing[] {
  const creates = planned.filter(({ action }) => action === "create");
  const gained = gainedIn(planned);
  if (creates.length + gained.size === 0 || recorded.size === 0) return [];
  const groups = new Set(creates.map(({ group }) => group));
  const groupAt = new Map(creates.map(({ endpoint, group }) => [endpointKey(endpoint), group]));
  const ids = new Set(live.map(({ id }) => id));
  // Of one name, only the newest may still be there: a later one was made because the earlier one was gone.
  const names = new Set(live.map(({ kind, name }) => nameKey(kind, name)));
  return [...recorded].flatMap(([id, document]): Missing[] => {
    const own = groupOf(document);
    const isReplaced =
      groups.has(own) || document.eventTypes.some((eventType) => gained.get(own)?.has(eventType));
    const group = isReplaced ? own : groupAt.get(endpointKey(document.endpoint));
    const key = nameKey(kinds.of(document), document.name);
    if (group === undefined || ids.has(id) || names.has(key)) return [];
    names.add(key);
    return [{ id, document, group }];
  });
}

/** By group, the event types that its updates give to resources which do not have them. */
function gainedIn(planned: readonly Operation[]): ReadonlyMap<string | null, ReadonlySet<string>> {
  const gaining = planned.flatMap(({ group, before, after }) => {
    const had = new Set(before?.eventTypes);
    const gained = before && after ? after.eventTypes.filter((eventType) => !had.has(eventType)) : [];
    return gained.map((eventType) => ({ group, eventType }));
  });
  const byGroup = [...groupBy(gaining, ({ group }) => group)];
  return new Map(
    byGroup.map(([group, those]) => [group, new Set(those.map(({ eventType }) => eventType))]),
  );
}

function nameKey({ noun }: Kind, name: string): string {
  return `${noun} ${name}`;
}
