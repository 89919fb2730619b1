// Finds the event types that nothing delivers any more once a run is taken back.
import { compareText } from "../lib/compare.ts";
import { count } from "../lib/count.ts";
import type { Diagnostic, Place } from "../model/diagnostic.ts";
import type { LiveResource } from "../model/resource.ts";
import type { TakenBack } from "./take-back.ts";

/** A resource of the group after all writes. */
export type After = Pick<LiveResource, "endpoint" | "eventTypes" | "state"> & {
  readonly id: string | null;
};

/** A run may have enabled a resource that someone had disabled by hand; taken back, it delivers nothing again. */
export function warnOfSilence(
  group: string,
  writes: readonly TakenBack[],
  { after, place }: { readonly after: readonly After[]; readonly place: Place },
): readonly Diagnostic[] {
  const later = deliveredBy(after);
  const now = deliveredBy(
    writes.flatMap((write) => (write.after?.state === "disabled" ? (write.before ?? []) : [])),
  );
  const [first, ...others] = [...now].filter((eventType) => !later.has(eventType)).sort(compareText);
  if (first === undefined) return [];
  const what = others.length === 0 ? first : `${first} and ${count(others.length, "other event type")}`;
  const message = `group "${group}" is disabled again, as before the run: nothing delivers ${what}`;
  return [{ severity: "warning", code: "rollback/endsDelivery", message, hint: null, ...place }];
}

/** Counts deletes after which no resource of the group delivers an event type that was delivered before. */
export function countDeliveryEnds(writes: readonly TakenBack[], after: readonly After[]): number {
  const delivered = deliveredBy(after);
  return writes.filter(
    (write) =>
      write.before?.delivers === "yes" &&
      !write.after &&
      write.before.eventTypes.some((eventType) => !delivered.has(eventType)),
  ).length;
}

function deliveredBy(resources: readonly Pick<After, "eventTypes" | "state">[]): ReadonlySet<string> {
  return new Set(
    resources.filter(({ state }) => state === "enabled").flatMap(({ eventTypes }) => eventTypes),
  );
}
