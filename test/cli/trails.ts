// Trails as text, and the audit commands on them.
import { emptyMetrics } from "../../src/audit/metrics.ts";
import { genesisHash, sealRecord } from "../../src/audit/record.ts";
import { formatRecord } from "../support/format-record.ts";
import type { AuditEntry, AuditRecord } from "../../src/model/audit-record.ts";
import { makeApplied, makeDocument, makeEntry } from "../audit/samples.ts";
import { runWorld, type WorldOptions } from "../support/world.ts";

export const path = "audit-logs/subscription_audit.log";

const startMs = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

type More = Partial<Omit<AuditRecord, "hash">>;

/** A trail of these, one second after the other, chained and sealed. */
export function trailOf(records: readonly More[], key?: string): string {
  let [prevHash, text] = [genesisHash, ""];
  for (const [index, more] of records.entries()) {
    const record = sealOne({ seq: index + 1, prevHash, ...more }, key);
    prevHash = record.hash;
    text += formatRecord(record);
  }
  return text;
}

export function sealOne(more: More, key?: string): AuditRecord {
  const { seq = 1 } = more;
  const content = {
    timestamp: new Date(startMs + seq * 1000).toISOString(),
    runId: "aaaaaaaa-1111",
    environment: "mypurecloud.com",
    actor: "ada@host",
    metrics: emptyMetrics,
    ...{ seq, prevHash: genesisHash },
    ...makeEntry(),
    ...more,
  };
  return sealRecord(content, key).record;
}

export const runEntry: AuditEntry = {
  ...makeEntry({ event: "run.started", operation: null, group: null, endpoint: null }),
  ...{ after: null, patch: null, source: null },
};

export const started = (runId: string): More => ({ ...runEntry, runId });

const finished = (runId: string, success = true): More => ({
  ...runEntry,
  ...{ runId, success, event: "run.finished" },
});

export const [few, many] = [["a.one"], ["a.one", "b.two", "c.three"]].map((eventTypes) =>
  makeDocument({ eventTypes }),
);

const policy = { retryCount: 5, retryInterval: "PT1M", retryOnTimeout: true };

const grown = { ...makeDocument({ eventTypes: ["b.two", "c.three"] }), retryPolicy: policy };

export const [runA, runB] = ["aaaaaaaa-1111", "bbbbbbbb-2222"];

export const twoRuns: readonly More[] = [
  started(runA),
  makeEntry({ after: many ?? null }),
  makeApplied("1", { after: many ?? null }),
  finished(runA),
  { ...started(runB), actor: "CI run 7" },
  { ...makeEntry({ operation: "update", group: "h", before: few ?? null, after: grown }), runId: runB },
  {
    ...makeEntry({ operation: "update", group: "h", before: few ?? null, after: grown }),
    ...{ runId: runB, event: "change.failed", success: false, error: "the platform refused it (422)" },
  },
  { ...makeEntry({ operation: "delete", before: few ?? null, after: null }), runId: runB },
  finished(runB, false),
];

export function audit(
  argv: string,
  text: string,
  more: Partial<WorldOptions> = {},
): ReturnType<typeof runWorld> {
  return runWorld({ argv: `audit ${argv}`, files: { [path]: text }, environment: {}, ...more });
}

/** Changes one line. */
export function withLine(text: string, number: number, change: (line: string) => string): string {
  return text
    .split("\n")
    .map((line, index) => (index + 1 === number ? change(line) : line))
    .join("\n");
}

/** The third column. */
export function whats(out: string): string[] {
  return out
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(/ {2,}/)[2] ?? "");
}

export const lineOf = (text: string, ...numbers: number[]): string =>
  numbers.map((number) => `${text.split("\n")[number - 1] ?? ""}\n`).join("");

export const key = { RECONCILE_AUDIT_KEY: "k" };
