// A resource that is created in place of another one keeps what its manifest does not state, such as the form in which a
// workflow gets its events: the workflow relies on it.
import { groupBy } from "../lib/group-by.ts";
import { fillFrom, sortedSet, type Side } from "../model/document.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { endpointKey } from "../model/endpoint.ts";
import type { Kinds } from "../model/kind.ts";
import type { Operation } from "../model/plan.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";

interface Earlier {
  readonly kinds: Kinds;
  readonly owner: string;
  readonly live: readonly LiveResource[];
  /** The documents that the trail last recorded, by resource id. */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
}

/**
 * Fills the creates from this owner's live resource that delivers the same event types to the same endpoint for another
 * group; else from the record of the resource of the same name, which someone else deleted.
 */
export function keepUnstated(operations: readonly Operation[], given: Earlier): readonly Operation[] {
  const { kinds, owner, live, recorded } = given;
  const mayKeep = ({ action, endpoint, after }: Operation): boolean =>
    action === "create" && Boolean(kinds.of({ endpoint, after }).options?.mayBeUnstated);
  if (!operations.some(mayKeep)) return operations;
  const ids = new Set(live.map(({ id }) => id));
  const gone = new Map([...recorded].flatMap(([id, one]) => (ids.has(id) ? [] : [[one.name, one]])));
  const own = groupBy(
    live.filter((one) => one.owner === owner),
    placeOf,
  );
  return operations.map((operation) => {
    const { after } = operation;
    if (!after || !mayKeep(operation)) return operation;
    const kind = kinds.of(operation);
    const replaced = own.get(placeOf(after))?.find((one) => one.kind === kind);
    const earlier = replaced ?? gone.get(after.name);
    const filled = earlier ? fillFrom(after, earlier, kind) : after;
    return filled === after
      ? operation
      : { ...operation, after: filled, patch: diffDocuments(null, filled, kind) };
  });
}

function placeOf({ endpoint, eventTypes }: Side): string {
  return JSON.stringify([endpointKey(endpoint), sortedSet(eventTypes)]);
}
