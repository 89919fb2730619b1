// Collects from a trail's end backwards, by webhook id, the documents that were last recorded and differ from what is live.
import type { AuditRecord } from "../model/audit-record.ts";
import { longestSettleMs } from "../model/config.ts";
import { sameDocument } from "../model/document.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { parseRecord } from "./parse-record.ts";
import { eventOf, webhookIdOf } from "./raw-keys.ts";
import { noteUnsound, type UnsoundTexts } from "./unsound.ts";

/** These are made once, because the reading searches every line for them. */
const applied = Buffer.from('"event":"change.applied"');
const recovered = Buffer.from('"event":"change.recovered"');

/** A resource that was created or changed in the trail's last minute. */
export interface RecentWrite {
  readonly id: string;
  readonly document: ResourceDocument;
  readonly atMs: number;
}

/** Counted from the newest write on record. Nobody waits longer for what was just written. */
const recentWindowMs = 60_000;

interface Among {
  /** The names of resources that a later record says were deleted. */
  readonly deletedNames: Set<string>;
  /** The ids of resources whose last record another collector has seen. */
  readonly settled: (id: string) => boolean;
  /** Called for each resource that the records leave live; `isLive`: whether it is. */
  readonly onLeft?: (document: ResourceDocument, isLive: boolean) => void;
}

export function collectDocuments(
  live: readonly LiveResource[],
  unsound: UnsoundTexts,
  { deletedNames, settled, onLeft }: Among,
): {
  readonly recorded: Map<string, ResourceDocument>;
  /** The ids of live resources that were last recorded as deleted. */
  readonly deleted: Set<string>;
  readonly recent: readonly RecentWrite[];
  /** By id, when what was created or changed in the last minutes was recorded, in ms since 1970. */
  readonly recordedAtMs: ReadonlyMap<string, number>;
  /** The ids of which the last record was seen. */
  readonly seen: ReadonlySet<string>;
  readonly see: (line: Buffer) => void;
} {
  const liveById = new Map(live.map((webhook) => [webhook.id, webhook]));
  const seen = new Set<string>();
  const deleted = new Set<string>();
  const documents = new Map<string, ResourceDocument>();
  const keepDocument = ({ before, after }: AuditRecord, webhookId: string): void => {
    const now = liveById.get(webhookId);
    if (!after) {
      if (now) deleted.add(webhookId);
      if (before) deletedNames.add(before.name);
      return;
    }
    // The resource is not missing: a later one of its name was made in its place, and a run deleted that one.
    if (!now && deletedNames.has(after.name)) return;
    onLeft?.(after, now !== undefined);
    // A document that differs only in spelling is kept; the plan decides whether it means the same.
    if (!now || !sameDocument(after, now)) documents.set(webhookId, after);
  };
  const recent: RecentWrite[] = [];
  const recordedAtMs = new Map<string, number>();
  let newestMs: number | null = null;
  const keepRecent = (id: string, { after: document, timestamp }: AuditRecord): void => {
    if (!document) return;
    const atMs = Date.parse(timestamp);
    newestMs ??= atMs;
    if (atMs >= newestMs - recentWindowMs) recent.push({ id, document, atMs });
    if (atMs >= newestMs - longestSettleMs) recordedAtMs.set(id, atMs);
  };
  const see = (line: Buffer): void => {
    // Few of a long trail's lines get past this, which costs far less than to make each a text.
    if (!line.includes(applied) && !line.includes(recovered)) return;
    if (!/^change\.(applied|recovered)$/.test(eventOf(line) ?? "")) return;
    const text = line.toString();
    const id = webhookIdOf(text);
    if (seen.has(id) || settled(id)) return;
    const parsed = parseRecord(text);
    if (!parsed.ok) {
      noteUnsound(unsound, text, parsed.fault);
      // This was the webhook's last record, so an older one cannot replace it.
      if (typeof parsed.found?.webhookId === "string") seen.add(parsed.found.webhookId);
      return;
    }
    const { webhookId, after, operation } = parsed.record;
    if (webhookId === null || (after === null && operation !== "delete")) return;
    keepDocument(parsed.record, webhookId);
    keepRecent(webhookId, parsed.record);
    seen.add(webhookId);
  };
  return { recorded: documents, deleted, recent, recordedAtMs, seen, see };
}
