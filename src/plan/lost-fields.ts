// Warns of fields that reconcile does not know and that get lost: a resource that is made anew has only those that
// reconcile sends.
import { groupBy } from "../lib/group-by.ts";
import { count } from "../lib/count.ts";
import { nowhere, type Diagnostic, type Place } from "../model/diagnostic.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { Kinds } from "../model/kind.ts";
import { isPlanned, type Operation } from "../model/plan.ts";
import type { ResourceDocument } from "../model/resource.ts";

/** Returns a warning for each planned delete whose resource another one replaces, within its group or elsewhere. */
export function warnOfLostFields(
  operations: readonly Operation[],
  { kinds, places }: { readonly kinds: Kinds; readonly places: ReadonlyMap<string, Place> },
): readonly Diagnostic[] {
  const planned = operations.filter(isPlanned);
  const losing = planned.filter(
    ({ action, before, cause }) =>
      action === "delete" && before?.unmodelled !== undefined && cause.code !== "surplus",
  );
  if (losing.length === 0) return [];
  const creates = groupBy(
    planned.filter(({ action }) => action === "create"),
    (one) => kinds.of(one),
  );
  const replaced = losing.filter((one) =>
    (creates.get(kinds.of(one)) ?? []).some((create) => replaces(create, one)),
  );
  return bounded(
    replaced.map((one) => {
      const { noun } = kinds.of(one);
      const which = `${noun} "${one.name}" (id ${one.webhookId ?? ""}) of group "${one.group ?? ""}"`;
      const message = `${which} is deleted, and what replaces it does not get these fields, which reconcile does not know`;
      return warning(noun, one.before, { message, place: places.get(one.group ?? "") });
    }),
  );
}

/** Returns a warning for each resource that a rollback makes again. */
export function warnOfLostBefore(
  group: string,
  writes: readonly { readonly before: object | null; readonly after: ResourceDocument | null }[],
  { kinds, place }: { readonly kinds: Kinds; readonly place: Place },
): readonly Diagnostic[] {
  return bounded(
    writes.flatMap(({ before, after }) => {
      if (before || !after?.unmodelled) return [];
      const { noun } = kinds.of(after);
      const which = `${noun} "${after.name}" of group "${group}"`;
      const message = `${which} is made again without these fields, which reconcile does not know`;
      return [warning(noun, after, { message, place })];
    }),
  );
}

/** Another group may deliver the same event types somewhere else without replacing anything. */
function replaces(create: Operation, deleted: Operation): boolean {
  if (create.group === deleted.group) return true;
  const lost = deleted.before?.eventTypes ?? [];
  return (
    sameEndpoint(create.endpoint, deleted.endpoint) &&
    lost.some((eventType) => create.after?.eventTypes.includes(eventType))
  );
}

function warning(
  noun: string,
  document: ResourceDocument | null,
  {
    message,
    place = nowhere,
  }: { readonly message: string; readonly place: Place | undefined | typeof nowhere },
): Diagnostic {
  const fields = (document?.unmodelled ?? []).join(", ");
  const hint = `set them by hand on the new ${noun} if they matter`;
  return {
    severity: "warning",
    code: "fields/lost",
    message: `${message}: ${fields}`,
    hint,
    ...place,
  };
}

/** A reader does not look at more. */
const maxWarnings = 50;

function bounded(warnings: readonly Diagnostic[]): readonly Diagnostic[] {
  const more = warnings.length - maxWarnings;
  const [last] = warnings.slice(maxWarnings - 1);
  if (more <= 0 || !last) return warnings;
  const rest = { ...last, message: `${count(more + 1, "more resource")} lose fields in the same way` };
  return [...warnings.slice(0, maxWarnings - 1), rest];
}
