// What the trail knows that a pass needs: which documents it last recorded as live, for that is the other side of
// the comparison that finds drift; and which writes it does not know the outcome of.
import type { Files } from "../lib/files.ts";
import type { AuditRecord } from "../model/audit-record.ts";
import { sameDocument } from "../model/document.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { parseRecord } from "./parse-record.ts";
import { readLinesBackwards } from "./read-trail.ts";
import { findLines, noteUnsound, type UnsoundLine, type UnsoundTexts } from "./unsound.ts";

export interface History {
  /**
   * By webhook id, the document after its last applied or recovered change, where `live` shows anything else; none
   * for a deleted one. What is live as recorded, nearly everything, is left out, so that it is not in memory twice.
   */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** Intents without an outcome, or with an unknown one: a run was cut short, or could not look. Oldest first. */
  readonly open: readonly OpenIntent[];
  /**
   * Creates of the last minutes of which a run that ended properly could not tell what became of them: they may still
   * take effect.
   */
  readonly late: readonly OpenIntent[];
  /** Records that would have told some of it, had nobody changed them: what they say is unknown. */
  readonly unsound: readonly UnsoundLine[];
}

/** A `change.intended` record. */
export type OpenIntent = Pick<
  AuditRecord,
  "seq" | "timestamp" | "runId" | "webhookId" | "before" | "after" | "patch"
> & {
  readonly operation: NonNullable<AuditRecord["operation"]>;
  readonly group: string;
  readonly endpoint: string;
};

interface TrailPlace {
  readonly path: string;
  /** Records of another one tell nothing about this one. */
  readonly environment: string;
}

/** Throws ReconcileError `audit/unreadable`. */
export async function readHistory(
  files: Pick<Files, "stat" | "readRange">,
  { path, environment }: TrailPlace,
  live: readonly LiveResource[],
): Promise<History> {
  const isHere = Buffer.from(`"environment":${JSON.stringify(environment)}`);
  const unsound: UnsoundTexts = new Map();
  const documents = collectDocuments(live, unsound);
  const intents = collectIntents(unsound);
  const late = collectLate(unsound);
  // From the end, so that of a long trail only the last change of each webhook is parsed. Of the rest a few keys are
  // found in the raw text: inside a JSON string every quote has a backslash before it, so what they find is a key.
  for await (const bytes of readLinesBackwards(files, path)) {
    const line = bufferOf(bytes);
    if (!line.includes(isHere)) continue;
    intents.see(line);
    late.see(line);
    documents.see(line);
  }
  return {
    ...{ recorded: documents.recorded, open: intents.open.reverse(), late: late.late },
    unsound: await findLines(files, path, unsound),
  };
}

/**
 * Of every environment, oldest first; reads no further back than it must. `onUnsound` is told of each intent that may be
 * open, and cannot be believed. Throws ReconcileError `audit/unreadable`.
 */
export async function readOpenIntents(
  files: Pick<Files, "stat" | "readRange">,
  path: string,
  onUnsound: (line: UnsoundLine) => void = () => undefined,
): Promise<readonly OpenIntent[]> {
  const unsound: UnsoundTexts = new Map();
  const intents = collectIntents(unsound);
  for await (const bytes of readLinesBackwards(files, path)) {
    intents.see(bufferOf(bytes));
    if (intents.isOver()) break;
  }
  for (const line of await findLines(files, path, unsound)) onUnsound(line);
  return intents.open.reverse();
}

/** The same bytes, not a copy. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Made once: a trail has them looked for in every line. */
const applied = Buffer.from('"event":"change.applied"');
const recovered = Buffer.from('"event":"change.recovered"');

function collectDocuments(
  live: readonly LiveResource[],
  unsound: UnsoundTexts,
): {
  readonly recorded: Map<string, ResourceDocument>;
  readonly see: (line: Buffer) => void;
} {
  const liveById = new Map(live.map((webhook) => [webhook.id, webhook]));
  const seen = new Set<string>();
  const documents = new Map<string, ResourceDocument>();
  const see = (line: Buffer): void => {
    // Few of a long trail's lines get past this, which costs far less than to make each a text.
    if (!line.includes(applied) && !line.includes(recovered)) return;
    const event = eventOf(line);
    if (event !== "change.applied" && event !== "change.recovered") return;
    const text = line.toString();
    if (seen.has(/"webhookId":"([^"]*)"/.exec(text)?.[1] ?? "")) return;
    const parsed = parseRecord(text);
    if (!parsed.ok) {
      noteUnsound(unsound, text, parsed.fault);
      // An older record does not tell either what this one, the last of its webhook, left live.
      if (typeof parsed.found?.webhookId === "string") seen.add(parsed.found.webhookId);
      return;
    }
    const { webhookId, after, operation } = parsed.record;
    if (webhookId === null || (after === null && operation !== "delete")) return;
    const now = liveById.get(webhookId);
    // What only means the same is for the plan to judge.
    if (after && !(now && sameDocument(after, now))) documents.set(webhookId, after);
    seen.add(webhookId);
  };
  return { recorded: documents, see };
}

/**
 * A run closes what the one before left open before it writes anything itself. So nothing is open that is older than
 * the last run with an end, but for what that run says it could not look for; and of that run itself, what it could not
 * find out.
 */
function collectIntents(unsound: UnsoundTexts): {
  readonly open: OpenIntent[];
  readonly see: (line: Buffer) => void;
  /** Nothing further back can be open. */
  readonly isOver: () => boolean;
} {
  const open: OpenIntent[] = [];
  const closed = new Set<unknown>();
  const carried = new Set<unknown>();
  let runsEnded = 0;
  /** Beyond the last run with an end only what it carries on is open. */
  let isPast = false;
  let isOver = false;
  const seeChange = (line: Buffer): void => {
    if (eventOf(line) === "change.intended") {
      const parsed = parseRecord(line.toString());
      const seq = parsed.ok ? parsed.record.seq : parsed.found?.seq;
      const isCarried = carried.delete(seq);
      if (closed.has(seq) || (isPast && !isCarried)) return;
      if (parsed.ok && isIntent(parsed.record)) open.push(parsed.record);
      if (!parsed.ok) noteUnsound(unsound, line.toString(), parsed.fault);
      return;
    }
    const { intent, isFinal, isCarried } = endOf(line);
    if (isFinal) closed.add(intent);
    else if (isCarried && !isPast && !closed.has(intent)) carried.add(intent);
  };
  const see = (line: Buffer): void => {
    if (isOver) return;
    const event = eventOf(line);
    if (event === "run.finished") runsEnded += 1;
    else if (event === "run.started") isPast ||= runsEnded > 0;
    else if (event?.startsWith("change.")) seeChange(line);
    isOver = isPast && carried.size === 0;
  };
  return { open, see, isOver: () => isOver };
}

/**
 * The event of a record. Its key stands before all documents, whose conditions may have any keys, and no text holds a
 * quote without a backslash: so the first match is the record's own.
 */
function eventOf(line: Buffer): string | undefined {
  return /"event":"([^"]*)"/.exec(line.toString())?.[1];
}

interface OutcomeEnd {
  /** The `seq` of its intent; NaN where it has none. */
  readonly intent: number;
  /** Whether it says for good what became of the intent: one that says neither yes nor no leaves it open. */
  readonly isFinal: boolean;
  /** Whether it carries an older intent on, which could not be looked for and is still open. */
  readonly isCarried: boolean;
}

/** These keys stand behind all documents, `success` first: so its last match is the record's own, and the rest follow it. */
function endOf(line: Buffer): OutcomeEnd {
  const end = line.toString("utf8", Math.max(line.lastIndexOf('"success":'), 0));
  return {
    intent: Number(/"intent":(\d+)/.exec(end)?.[1]),
    isFinal: /^"success":(true|false)/.test(end),
    isCarried: end.includes('"carried":true') || end.includes(olderCarriedMark),
  };
}

/** Versions that wrote no `carried` told it in these words. */
const olderCarriedMark = '"error":"out of sight: ';

/** Longer than a request may be under way, from the record of its intent on. */
const lateWindowMs = 120_000;

/** Of the trail's last minutes, counted from its newest record. */
function collectLate(unsound: UnsoundTexts): {
  readonly late: OpenIntent[];
  readonly see: (line: Buffer) => void;
} {
  const late: OpenIntent[] = [];
  const closed = new Set<unknown>();
  let leastMs: number | null = null;
  let isOver = false;
  const see = (line: Buffer): void => {
    if (isOver) return;
    const atMs = Date.parse(/"timestamp":"([^"]+)"/.exec(line.toString())?.[1] ?? "");
    // A record without a time that can be read is as old as its neighbours.
    if (!Number.isNaN(atMs)) {
      leastMs ??= atMs - lateWindowMs;
      isOver = atMs < leastMs;
    }
    const event = eventOf(line);
    if (isOver || !event?.startsWith("change.")) return;
    if (event !== "change.intended") {
      const { intent, isFinal } = endOf(line);
      if (isFinal) closed.add(intent);
    } else if (/"operation":"([^"]*)"/.exec(line.toString())?.[1] === "create") {
      const parsed = parseRecord(line.toString());
      if (!parsed.ok) noteUnsound(unsound, line.toString(), parsed.fault);
      else if (isIntent(parsed.record) && !closed.has(parsed.record.seq)) late.push(parsed.record);
    }
  };
  return { late, see };
}

/** Every parsed record of a change is one. */
export function isIntent(record: AuditRecord): record is AuditRecord & OpenIntent {
  const { operation, group, endpoint } = record;
  return operation !== null && group !== null && endpoint !== null;
}
