// What the trail last recorded as live: the other side of the comparison that finds drift.
import type { Files } from "../lib/files.ts";
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import { readLinesBackwards } from "./read-trail.ts";
import { parseRecord } from "./record.ts";

/**
 * By webhook id, the document after its last applied or recovered change, where `live` shows anything else; none for
 * a deleted one. What is live as recorded, nearly everything, is left out, so that it is not in memory twice. Reads
 * what stands there: lines that are no records are passed over. Throws ReconcileError `audit/unreadable`.
 */
export async function readRecorded(
  files: Pick<Files, "stat" | "readRange">,
  path: string,
  live: readonly LiveWebhook[],
): Promise<ReadonlyMap<string, WebhookDocument>> {
  const liveById = new Map(live.map((webhook) => [webhook.id, webhook]));
  const seen = new Set<string>();
  const recorded = new Map<string, WebhookDocument>();
  // From the end, so that of a long trail only the last change of each webhook is parsed. The tests on raw text are
  // safe: inside a JSON string every quote has a backslash before it, so what they find is a key.
  for await (const bytes of readLinesBackwards(files, path)) {
    const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!line.includes('"event":"change.applied"') && !line.includes('"event":"change.recovered"'))
      continue;
    const text = line.toString();
    if (seen.has(/"webhookId":"([^"]*)"/.exec(text)?.[1] ?? "")) continue;
    const record = parseRecord(text);
    if (typeof record?.webhookId !== "string") continue;
    if (isDocument(record.after)) {
      if (!isSame(record.after, liveById.get(record.webhookId)))
        recorded.set(record.webhookId, record.after);
    } else if (record.operation !== "delete") continue;
    seen.add(record.webhookId);
  }
  return recorded;
}

/** To the letter, but for the order of event types: what only means the same is for the plan to judge. */
function isSame(document: WebhookDocument, live: LiveWebhook | undefined): boolean {
  if (!live?.retryPolicy) return false;
  const texts = ["name", "endpoint", "state", "description"] as const;
  const policy = ["retryCount", "retryInterval", "retryOnTimeout"] as const;
  return (
    texts.every((key) => document[key] === live[key]) &&
    policy.every((key) => document.retryPolicy[key] === live.retryPolicy?.[key]) &&
    document.eventTypes.length === live.eventTypes.length &&
    document.eventTypes.every((eventType) => live.eventTypes.includes(eventType))
  );
}

/** A line that somebody edited may hold anything. */
function isDocument(value: unknown): value is WebhookDocument {
  if (typeof value !== "object" || value === null) return false;
  const found = new Map<string, unknown>(Object.entries(value));
  const eventTypes = found.get("eventTypes");
  const retryPolicy = found.get("retryPolicy");
  return (
    ["name", "endpoint", "state", "description"].every((field) => typeof found.get(field) === "string") &&
    Array.isArray(eventTypes) &&
    eventTypes.every((eventType) => typeof eventType === "string") &&
    typeof retryPolicy === "object" &&
    retryPolicy !== null
  );
}
