// Entries, runs and short trails for the tests of the trail.
import { openTrail } from "../../src/audit/trail.ts";
import { verifyTrail, type Verification, type VerifyOptions } from "../../src/audit/verify.ts";
import type { AuditEntry, AuditRecord, AuditRun } from "../../src/model/audit-record.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { makeMemoryFiles, type MemoryFiles } from "../support/memory-files.ts";

export const path = "/audit-logs/subscription_audit.log";
export const run: AuditRun = { runId: "run-1", environment: "sandbox", actor: "ada@host" };

export function makeDocument(more: Partial<ResourceDocument> = {}): ResourceDocument {
  return {
    name: "g-1a2b3c4d",
    endpoint: "https://a.example.com/x",
    eventTypes: ["routing.queue.conversation.created"],
    retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
    state: "enabled",
    description: "Consumer group: g | Managed by: reconcile (default)",
    ...more,
  };
}

export function makeEntry(more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    event: "change.intended",
    operation: "create",
    group: "g",
    endpoint: "https://a.example.com/x",
    webhookId: null,
    before: null,
    after: makeDocument(),
    patch: [],
    success: null,
    latencyMs: null,
    error: null,
    source: { file: "subscriptions/a.yaml", line: 1, commit: null },
    intent: null,
    attempted: null,
    ...more,
  };
}

export function makeApplied(webhookId: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return makeEntry({ event: "change.applied", webhookId, success: true, latencyMs: 20, ...more });
}

export const startMs = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

/** Appends the entries in one run; returns their records. */
export async function appendAll(
  files: MemoryFiles,
  entries: readonly AuditEntry[],
  key?: string,
): Promise<readonly AuditRecord[]> {
  const trail = await openTrail({ files, clock: makeFakeClock(startMs), path, run, ...(key && { key }) });
  try {
    return await Promise.all(entries.map((entry) => trail.append(entry)));
  } finally {
    await trail.close();
  }
}

/** The text of a trail with these entries. */
export async function makeTrail(entries: readonly AuditEntry[], key?: string): Promise<string> {
  const files = makeMemoryFiles();
  await appendAll(files, entries, key);
  return files.text(path);
}

/** The verification of a trail that holds just this. */
export async function verifyText(
  content: string | Uint8Array,
  options: VerifyOptions = {},
): Promise<Verification> {
  const files = makeMemoryFiles();
  files.set(path, content);
  return verifyTrail(files, path, options);
}

/** The trail at the path, and whose records count: those of an organisation that is not known. */
export function placeOf(path: string) {
  return { path, environment: run.environment, owner: "default", organization: null };
}

/** What is live; it is not known whether that is all of it. */
export function seen(live: readonly LiveResource[]) {
  return { live, isListed: () => false };
}
