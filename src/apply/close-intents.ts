// Closes the intents that an earlier run left open, by what is live now: so the trail tells what came of each write, even if
// the process died between the request and the record.
import type { AgedIntent, OpenIntent } from "../audit/open-intent.ts";
import { count } from "../lib/count.ts";
import type { AuditEntry } from "../model/audit-record.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { LiveResource } from "../model/resource.ts";
import { findCreated, judgeWrite, type Judgement } from "./judge.ts";
import { ageOf, lateMs, type Present } from "./intent-age.ts";
import { entryOf, type WritePorts } from "./write-one.ts";

/** The live resources, as the platform listed them after the runs of the intents had ended. */
export interface Seen {
  readonly live: readonly LiveResource[];
  /** When the list was asked for, by the monotonic clock: minutes may have passed since. */
  readonly listedAtMs: number;
  /** The ids of those that a record says a run made or changed: no create without an outcome has made them. */
  readonly onRecord: ReadonlySet<string>;
}

/** Returns the ids of the resources that it recorded as written. Rejects as `record` does. */
export async function closeIntents(
  open: readonly AgedIntent[],
  { live, listedAtMs, onRecord }: Seen,
  ports: Pick<WritePorts, "record" | "sourceOf"> & Present,
): Promise<readonly string[]> {
  const byId = new Map(live.map((webhook) => [webhook.id, webhook]));
  const unclaimed = live.filter(({ id }) => !onRecord.has(id));
  const looked = open.map((intent) => ({ intent, seen: lookFor(intent, unclaimed, byId) }));
  const made = new Set(looked.flatMap(({ seen }) => (seen.state === "done" ? [seen.webhookId] : [])));
  await Promise.all(
    looked.map(({ intent, seen }) => {
      // Another create of the same name made this resource. Had this create taken effect too, the list would show both.
      const isOther = intent.operation === "create" && seen.state === "changed" && made.has(seen.id);
      return ports.record(
        closingOf(intent, { seen: isOther ? { state: "notDone" } : seen, listedAtMs }, ports),
      );
    }),
  );
  return [...made].flatMap((id) => id ?? []);
}

type Looked = Judgement & { readonly id: string | null };

function lookFor(
  intent: AgedIntent,
  unclaimed: readonly LiveResource[],
  byId: ReadonlyMap<string, LiveResource>,
): Looked {
  const { operation: action, webhookId } = intent;
  const found = webhookId === null ? findCreated(intent, unclaimed) : (byId.get(webhookId) ?? null);
  return { ...judgeWrite({ ...intent, action }, found, "that all is said"), id: found?.id ?? null };
}

function closingOf(
  intent: AgedIntent,
  { seen, listedAtMs }: { readonly seen: Judgement; readonly listedAtMs: number },
  ports: Pick<WritePorts, "sourceOf"> & Present,
): AuditEntry {
  const { operation: action } = intent;
  if (seen.state === "done") {
    const recovered = { ...intent, action, webhookId: seen.webhookId, error: null };
    return entryOf(recovered, ports, { event: "change.recovered", intent: intent.seq, success: true });
  }
  // A request that the platform had not finished then may have taken effect since.
  const isFresh = ageOf(intent, ports) - (ports.clock.monotonic() - listedAtMs) < lateMs;
  const how =
    seen.state === "changed"
      ? `what came of it cannot be told: ${seen.how}`
      : isFresh
        ? "it had not taken effect when looked for"
        : "it did not take effect";
  const error = `run ${intent.runId} ended before it knew; ${how}`;
  const more = {
    event: "change.failed",
    intent: intent.seq,
    success: seen.state === "changed" || isFresh ? null : false,
  } as const;
  return entryOf({ ...intent, action, error }, ports, more);
}

/**
 * Records again that an open intent of an unlisted kind is still open. Each run does so, because the next run reads no
 * further back than a run that has settled all open intents.
 */
export async function carryIntents(
  unlistedIntents: readonly OpenIntent[],
  ports: Pick<WritePorts, "record" | "sourceOf">,
): Promise<void> {
  await Promise.all(
    unlistedIntents.map((intent) => {
      const { operation: action, seq, runId } = intent;
      // Earlier versions recognise such a record by its first words.
      const error = `out of sight: run ${runId} ended before it knew, and this run could not look`;
      const more = { event: "change.failed", intent: seq, success: null, carried: true } as const;
      return ports.record(entryOf({ ...intent, action, error }, ports, more));
    }),
  );
}

/**
 * By name, the time of the monotonic clock until which an open create may still take effect. It is never further away than
 * a whole wait: an intent of unknown age counts as just recorded.
 */
export function findLateCreates(
  open: readonly AgedIntent[],
  present: Present,
): ReadonlyMap<string, number> {
  const nowMs = present.clock.monotonic();
  const until = new Map<string, number>();
  for (const intent of open) {
    if (intent.operation !== "create" || !intent.after) continue;
    const untilMs = nowMs + Math.max(0, lateMs - ageOf(intent, present));
    until.set(intent.after.name, Math.max(untilMs, until.get(intent.after.name) ?? 0));
  }
  return until;
}

/** `closed`: how many of them this machine had kept the outcome of; null if this run closes none, as a dry run. */
export function describeOpen(
  open: readonly OpenIntent[],
  closed: { readonly kept: number } | null,
): readonly Diagnostic[] {
  if (open.length === 0) return [];
  const runs = [...new Set(open.map(({ runId }) => runId))].join(", ");
  const message = `run ${runs} left the outcome of ${count(open.length, "write")} open`;
  const hint = closed
    ? `it is on record now, ${sayHow(closed.kept, open.length)}: \`reconcile audit log\` shows it; what was left is done by this run`
    : "the next sync records it, and does what is left";
  return [{ severity: "warning", code: "run/cutShort", message, hint, ...nowhere }];
}

function sayHow(kept: number, all: number): string {
  if (kept === 0) return "by what is live";
  const ofKept = "as this machine had kept it in `.reconcile/pending/`";
  return kept === all ? ofKept : `of ${count(kept, "write")} ${ofKept}, of the others by what is live`;
}
