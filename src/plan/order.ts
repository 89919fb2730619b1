// In which order a group's webhooks are written, so that no event type is ever without an enabled webhook: whoever
// gains it is written before whoever loses it.
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import { mayDeliver } from "../model/document.ts";
import { invariant } from "../model/errors.ts";

export interface Write {
  readonly before: LiveWebhook | null;
  readonly after: WebhookDocument | null;
  /** It is deleted when all else is done. */
  readonly last: boolean;
}

/** For each write its phase, from 1. */
export function makePhases(writes: readonly Write[]): readonly number[] {
  const phases = findPhases(writes);
  invariant(phases, "two webhooks each wait for the other");
  return phases;
}

/** The same of writes that nobody made sure of; null where webhooks wait for each other, so that no order is right. */
export function findPhases(writes: readonly Write[]): readonly number[] | null {
  const gainer = new Map<string, number>();
  for (const [index, write] of writes.entries()) {
    // What is only being switched on has nothing yet that another could give up.
    const held = write.before?.state === "enabled" ? delivered(write.before) : new Set<string>();
    for (const eventType of delivered(write.after)) if (!held.has(eventType)) gainer.set(eventType, index);
  }
  // Such a webhook delivers until the very end, so nobody needs to wait for what it holds; one that is only being
  // switched on does not yet.
  const heldToTheEnd = new Set(
    writes.flatMap(({ before, last }) => (last && before?.state === "enabled" ? before.eventTypes : [])),
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

function delivered(webhook: LiveWebhook | WebhookDocument | null): ReadonlySet<string> {
  return new Set(webhook && mayDeliver(webhook) ? webhook.eventTypes : []);
}
