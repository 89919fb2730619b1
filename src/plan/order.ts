// Finds an order of a group's writes in which an enabled resource delivers every event type at all times: the resource that
// gains an event type is written before the one that loses it.
import { mayDeliver, type LiveResource, type ResourceDocument } from "../model/resource.ts";
import { invariant } from "../model/errors.ts";

export interface WriteToOrder {
  readonly before: LiveResource | null;
  readonly after: ResourceDocument | null;
  /** It is deleted after all other writes of the group. */
  readonly last: boolean;
}

/** Returns the phase of each write, from 1. */
export function makePhases(writes: readonly WriteToOrder[]): readonly number[] {
  const phases = findPhases(writes);
  invariant(phases, "two resources each wait for the other");
  return phases;
}

/** The same for writes that may have no such order, because resources wait for each other; then it returns null. */
export function findPhases(writes: readonly WriteToOrder[]): readonly number[] | null {
  const gainer = new Map<string, number>();
  for (const [index, write] of writes.entries()) {
    // A resource that is only being switched on delivers nothing yet, so no other may lose an event type because of it.
    const held = write.before?.delivers === "yes" ? delivered(write.before) : new Set<string>();
    for (const eventType of delivered(write.after)) if (!held.has(eventType)) gainer.set(eventType, index);
  }
  // A resource that is deleted last delivers until the very end, so no other needs to wait for its event types. One that
  // is only being switched on does not deliver them yet.
  const heldToTheEnd = new Set(
    writes.flatMap(({ before, last }) => (last && before?.delivers === "yes" ? before.eventTypes : [])),
  );
  const phases: (number | undefined)[] = writes.map(() => undefined);
  const cycle = { isFound: false };
  const phaseOf = (index: number, depth: number): number => {
    cycle.isFound ||= depth > writes.length;
    if (cycle.isFound) return 1;
    const known = phases[index];
    const write = writes[index];
    if (known !== undefined || !write) return known ?? 1;
    const keeps = delivered(write.after);
    let phase = 1;
    for (const eventType of delivered(write.before)) {
      if (keeps.has(eventType) || heldToTheEnd.has(eventType)) continue;
      const waitsFor = gainer.get(eventType);
      if (waitsFor !== undefined) phase = Math.max(phase, phaseOf(waitsFor, depth + 1) + 1);
    }
    phases[index] = phase;
    return phase;
  };
  const ordered = writes.map((write, index) => (write.last ? 0 : phaseOf(index, 0)));
  if (cycle.isFound) return null;
  const last = Math.max(0, ...ordered) + 1;
  return ordered.map((phase) => phase || last);
}

function delivered(resource: LiveResource | ResourceDocument | null): ReadonlySet<string> {
  return new Set(resource && mayDeliver(resource) ? resource.eventTypes : []);
}
