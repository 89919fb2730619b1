// When a check looks away, and why: nobody can know what happens after the last look at it. Each excuse is counted.
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { groupOf } from "./edits.ts";
import type { Evidence } from "./evidence.ts";
import { countUp, type Change, type Write } from "./journal.ts";
import type { Resource } from "./resources.ts";

/** Whether the write could not know that it took the event type off its last webhook. */
export function wasExcused(change: Change, eventType: string, evidence: Evidence): boolean {
  const { write, before } = change;
  if (!write) return true;
  const { journal } = evidence;
  const isConcerned = concernOf(before, evidence);
  const unseen = journal.changes.find(
    (other) =>
      other.moment < change.moment &&
      isConcerned(other) &&
      isForeign(other, write) &&
      other.moment > lastLook(other, { write, evidence }) &&
      delivers(other.before, eventType) !== delivers(other.after, eventType),
  );
  const why = unseen
    ? unseen.write
      ? "gap: a late write took effect after the pass had last read that webhook"
      : "gap: somebody edited a webhook after the pass had last read it"
    : write.isLate && wasRight(change, eventType, evidence)
      ? "gap: the write took effect late, and was right when it left"
      : wasAddedBetweenSteps(change, eventType, evidence)
        ? "gap: somebody added it by hand between two steps of the write"
        : null;
  if (why !== null) countUp(journal.totals.excuses, why);
  return why !== null;
}

/** What is made in steps is looked at between them to see how far it got, and not to decide anew. */
function wasAddedBetweenSteps(
  { id, write, moment }: Change,
  eventType: string,
  { journal }: Evidence,
): boolean {
  if (!write) return false;
  const first = journal.writes.find((other) => other.pass === write.pass && other.id === id);
  const began = first === write ? null : (first?.committedAt ?? null);
  return journal.changes.some(
    (other) =>
      began !== null &&
      other.id === id &&
      !other.write &&
      other.moment > began &&
      other.moment < moment &&
      !delivers(other.before, eventType) &&
      delivers(other.after, eventType),
  );
}

/**
 * Of a webhook that was read by itself, that moment: what a list shows that another group asked for meanwhile is not for
 * this one, and whether it was read again in time is a check of its own.
 */
function lastLook(
  { id, before, after }: Change,
  { write: { looks, reads, listedAt }, evidence }: { write: Write; evidence: Evidence },
): number {
  const own = looks.findLast(({ webhook }) => webhook.id === id);
  const { scheme } = evidence.platform.kinds.ofEndpoint((before ?? after)?.endpoint ?? "");
  return own?.moment ?? Math.max(reads.get(id) ?? 0, listedAt.get(scheme) ?? 0);
}

/** What may deliver instead: the group's own; of a group without a manifest, any group's. */
function concernOf(
  before: Resource | null,
  { groups }: Evidence,
): (other: Pick<Change, "before" | "after">) => boolean {
  const name = groupOf(before);
  const isOrphan = !groups.some((group) => group.name === name);
  return (other) => isOrphan || groupOf(other.before ?? other.after) === name;
}

/** Somebody else's change, or one of ours that came when nobody waited for it any more. */
function isForeign({ write }: Change, by: Write): boolean {
  return write === null || write.isLate || write.pass !== by.pass;
}

/** When it left, the event type was delivered by another webhook, or not by this one. */
function wasRight({ id, write }: Change, eventType: string, evidence: Evidence): boolean {
  const then = stateAt(write?.leftAt ?? 0, evidence);
  const isConcerned = concernOf(then.get(id) ?? null, evidence);
  const others = [...then.values()].filter(
    (webhook) => webhook.id !== id && isConcerned({ before: webhook, after: webhook }),
  );
  return !delivers(then.get(id) ?? null, eventType) || others.some((other) => delivers(other, eventType));
}

/** The webhooks at an earlier moment, by id. */
export function stateAt(at: number, { journal, platform }: Evidence): ReadonlyMap<string, Resource> {
  const then = new Map(platform.all());
  for (const { moment, id, before } of journal.changes.toReversed()) {
    if (moment <= at) break;
    if (before) then.set(id, before);
    else then.delete(id);
  }
  return then;
}

export function delivers(webhook: Resource | null, eventType: string): boolean {
  return webhook?.state === "enabled" && webhook.eventTypes.includes(eventType);
}

/** Why the trail may say that a write failed which took effect at `committedAt`; null where it may not. */
export function excuseOutcome(
  {
    committedAt,
    isLater,
    at,
  }: { readonly committedAt: number; readonly isLater: boolean; readonly at: number },
  { journal }: Evidence,
): string | null {
  if (isLater) return "outcome: the write took effect after it was recorded as failed";
  const done = journal.changes.find(({ moment }) => moment === committedAt);
  const isHidden = journal.changes.some(
    ({ id, moment, atMs, write }) => id === done?.id && !write && moment > committedAt && atMs <= at,
  );
  return isHidden ? "outcome: somebody edited the webhook before anybody could look" : null;
}

/** Whether the trail may say for good that nobody can tell: somebody edited the webhook before anybody could look. */
export function wasHidden(
  intent: AuditRecord,
  outcomes: readonly AuditRecord[],
  { journal, trail }: Evidence,
): boolean {
  // The plan is older than the intent, but hardly older than its run.
  const started = trail
    .records()
    .find(({ event, runId }) => event === "run.started" && runId === intent.runId);
  const from = Date.parse((started ?? intent).timestamp) - listingMs;
  const to = Math.max(...outcomes.map(({ timestamp }) => Date.parse(timestamp)));
  const isEdited = journal.changes.some(({ id, before, after, atMs, write }) => {
    const isNamesake = before?.name === intent.after?.name;
    // What is taken over from another group is that group's until then.
    const isConcerned = groupOf(before ?? after) === intent.group || id === intent.webhookId;
    return !write && (atMs >= from || isNamesake) && atMs <= to && isConcerned;
  });
  const lastOfRun = trail.records().findLast(({ runId }) => runId === intent.runId) ?? intent;
  // A pass judges by the list that it asked for first.
  const isFresh = outcomes.some(({ timestamp }) => {
    const atMs = Date.parse(timestamp);
    const pass = journal.passes.findLast(({ startedAtMs }) => startedAtMs <= atMs);
    return (pass?.startedAtMs ?? atMs) - Date.parse(lastOfRun.timestamp) < lateMs;
  });
  if ((isEdited || isFresh) && !seen.has(intent)) {
    seen.add(intent);
    const why = isEdited ? "for somebody edited the group meanwhile" : "so soon after it was sent";
    countUp(journal.totals.excuses, `outcome: nobody could tell, ${why}`);
  }
  return isEdited || isFresh;
}

/** Until then the platform may still have the request in its hands. */
const lateMs = 60_000;

/** From the list that a plan is made from to the run that applies it. */
const listingMs = 1_000;

/** Each is looked at after every calm pass, and counts once. */
const seen = new WeakSet<AuditRecord>();

/** Whether the platform was as intended at some moment from the intent to its outcome. */
export function isOurWork(intent: AuditRecord, outcome: AuditRecord, evidence: Evidence): boolean {
  const { journal, platform } = evidence;
  const id = outcome.webhookId ?? intent.webhookId ?? "";
  const [from, to] = [Date.parse(intent.timestamp), Date.parse(outcome.timestamp)];
  const changes = journal.changes.filter((change) => change.id === id);
  const first = changes[0] ? changes[0].before : platform.look(id);
  const versions = [
    { sinceMs: Number.NEGATIVE_INFINITY, webhook: first },
    ...changes.map(({ atMs, after }) => ({ sinceMs: atMs, webhook: after })),
  ];
  return versions.some(({ sinceMs, webhook }, index) => {
    const untilMs = versions[index + 1]?.sinceMs ?? Number.POSITIVE_INFINITY;
    return sinceMs <= to && untilMs >= from && isAsIntended(webhook, intent.after);
  });
}

function isAsIntended(webhook: Resource | null, after: AuditRecord["after"]): boolean {
  if (!webhook || !after) return webhook === null && after === null;
  const texts = ["name", "endpoint", "description"] as const;
  const policy = ["retryCount", "retryInterval", "retryOnTimeout"] as const;
  return (
    texts.every((key) => webhook[key] === after[key]) &&
    webhook.intended === after.state &&
    policy.every((key) => webhook.retryPolicy?.[key] === after.retryPolicy?.[key]) &&
    [...webhook.eventTypes].sort().join() === [...after.eventTypes].sort().join()
  );
}
