// Reads what a pass needs from the trail: the documents that it last recorded as live, which a pass compares with what is
// live to find drift; and the open intents.
import type { Files } from "../lib/files.ts";
import type { AuditRecord } from "../model/audit-record.ts";
import { sameDocument } from "../model/document.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { parseRecord } from "./parse-record.ts";
import { readLinesBackwards } from "./read-trail.ts";
import { findLines, noteUnsound, type UnsoundLine, type UnsoundTexts } from "./unsound.ts";

export interface History {
  /**
   * By webhook id, the document after its last applied or recovered change, if `live` differs from it; a deleted webhook
   * has none. Nearly all webhooks are live as recorded; they are left out, so that they are not in memory twice.
   */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** Intents without an outcome, or with an unknown one: the run was cut short, or could not look. Oldest first. */
  readonly open: readonly OpenIntent[];
  /**
   * Creates of the last minutes whose outcome is unknown although their run ended properly: they may still take effect.
   */
  readonly late: readonly OpenIntent[];
  /** Lines that this reading needed and that are not sound records: someone changed them, so their content is unknown. */
  readonly unsound: readonly UnsoundLine[];
}

/** A `change.intended` record. */
export type OpenIntent = Pick<
  AuditRecord,
  "seq" | "timestamp" | "runId" | "webhookId" | "before" | "after" | "patch"
> & {
  readonly operation: NonNullable<AuditRecord["operation"]>;
  /** Null of a resource that several groups share. */
  readonly group: string | null;
  readonly endpoint: string;
};

interface TrailPlace {
  readonly path: string;
  /** Records of another environment are skipped. */
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
  // The reading starts at the end, so that it parses only the last change of each webhook in a long trail. It finds a few
  // keys of the other lines in the raw text: inside a JSON string every quote has a backslash before it, so what it finds
  // is a key.
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
 * Returns the open intents of every environment, oldest first; reads no further back than it must. It calls `onUnsound`
 * with each line that may be an open intent and is not a sound record. Throws ReconcileError `audit/unreadable`.
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

/** Shares the bytes, without a copy. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** These are made once, because the reading searches every line for them. */
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
  const keepDocument = (webhookId: string, after: ResourceDocument): void => {
    const now = liveById.get(webhookId);
    // A document that differs only in spelling is kept; the plan decides whether it means the same.
    if (!now || !sameDocument(after, now)) documents.set(webhookId, after);
  };
  const see = (line: Buffer): void => {
    // Few of a long trail's lines get past this, which costs far less than to make each a text.
    if (!line.includes(applied) && !line.includes(recovered)) return;
    if (!/^change\.(applied|recovered)$/.test(eventOf(line) ?? "")) return;
    const text = line.toString();
    if (seen.has(/"webhookId":"([^"]*)"/.exec(text)?.[1] ?? "")) return;
    const parsed = parseRecord(text);
    if (!parsed.ok) {
      noteUnsound(unsound, text, parsed.fault);
      // This was the webhook's last record, so an older one cannot replace it.
      if (typeof parsed.found?.webhookId === "string") seen.add(parsed.found.webhookId);
      return;
    }
    const { webhookId, after, operation } = parsed.record;
    if (webhookId === null || (after === null && operation !== "delete")) return;
    if (after) keepDocument(webhookId, after);
    seen.add(webhookId);
  };
  return { recorded: documents, see };
}

/**
 * A run closes the open intents of the run before it before it writes anything itself. So only two sorts of intents older
 * than the end of the last finished run can be open: those that this run recorded as carried, because it could not look,
 * and its own whose outcome it could not find out.
 */
function collectIntents(unsound: UnsoundTexts): {
  readonly open: OpenIntent[];
  readonly see: (line: Buffer) => void;
  /** True if no older record can be an open intent. */
  readonly isOver: () => boolean;
} {
  const open: OpenIntent[] = [];
  const closed = new Set<unknown>();
  const carried = new Set<unknown>();
  let runsEnded = 0;
  /** Before the last finished run, only the intents that it carried can be open. */
  let isPast = false;
  let isOver = false;
  const seeChange = (line: Buffer, event: string): void => {
    if (event === "change.intended") {
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
    else if (event?.startsWith("change.")) seeChange(line, event);
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

/** Older versions wrote this text instead of the field `carried`. */
const olderCarriedMark = '"error":"out of sight: ';

/** No request takes longer than this, counted from the record of its intent. */
const lateWindowMs = 120_000;

/** Collects the creates of the trail's last minutes, counted from its newest record. */
function collectLate(unsound: UnsoundTexts): {
  readonly late: OpenIntent[];
  readonly see: (line: Buffer) => void;
} {
  const late: OpenIntent[] = [];
  const closed = new Set<unknown>();
  const seeCreate = (text: string): void => {
    const parsed = parseRecord(text);
    if (!parsed.ok) noteUnsound(unsound, text, parsed.fault);
    else if (isIntent(parsed.record) && !closed.has(parsed.record.seq)) late.push(parsed.record);
  };
  let leastMs: number | null = null;
  let isOver = false;
  const see = (line: Buffer): void => {
    if (isOver) return;
    const atMs = Date.parse(/"timestamp":"([^"]+)"/.exec(line.toString())?.[1] ?? "");
    // A record whose time cannot be parsed counts as old as its neighbours.
    if (!Number.isNaN(atMs)) {
      leastMs ??= atMs - lateWindowMs;
      isOver = atMs < leastMs;
    }
    const event = eventOf(line);
    if (isOver || !event?.startsWith("change.")) return;
    if (event !== "change.intended") {
      const { intent, isFinal } = endOf(line);
      if (isFinal) closed.add(intent);
    } else if (/"operation":"([^"]*)"/.exec(line.toString())?.[1] === "create") seeCreate(line.toString());
  };
  return { late, see };
}

/** True for every parsed record of a change, not only for `change.intended`. */
export function isIntent(record: AuditRecord): record is AuditRecord & OpenIntent {
  const { operation, endpoint } = record;
  return operation !== null && endpoint !== null;
}
