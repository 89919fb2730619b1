// The audit trail as a power cut would leave it: only what is synced counts.
import type { AuditRecord } from "../../src/model/audit-record.ts";
import type { MemoryFiles } from "../support/memory-files.ts";
import { trailPath } from "../support/world.ts";

export interface TrailView {
  /** On disk, in order. */
  records(): readonly AuditRecord[];
  /** Intents on disk without an outcome on disk, by seq. */
  open(): ReadonlyMap<number, AuditRecord>;
  /** By the intent's seq, its outcomes on disk. */
  outcomes(): ReadonlyMap<number, readonly AuditRecord[]>;
  /** Outcomes on disk that answer no intent that is still to be settled. */
  strays(): readonly AuditRecord[];
  appended(text: string): void;
  synced(): void;
  /** Something else happened to the file: read it anew, all that is there. */
  reread(): void;
}

export function makeTrailView(files: MemoryFiles): TrailView {
  let records: AuditRecord[] = [];
  let open = new Map<number, AuditRecord>();
  // Those whose outcome is unknown among them: a later run may tell.
  let unsettled = new Set<number>();
  let outcomes = new Map<number, AuditRecord[]>();
  let strays: AuditRecord[] = [];
  let pending: string[] = [];
  let rest = "";

  const take = (text: string): void => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const record = parse(line);
      if (record) add(record);
    }
  };
  const add = (record: AuditRecord): void => {
    records.push(record);
    if (record.event === "change.intended") {
      open.set(record.seq, record);
      unsettled.add(record.seq);
    }
    if (!outcomeEvents.has(record.event)) return;
    const { intent } = record;
    if (intent === null || !unsettled.has(intent)) {
      strays.push(record);
      return;
    }
    outcomes.set(intent, [...(outcomes.get(intent) ?? []), record]);
    open.delete(intent);
    if (isFinal(record)) unsettled.delete(intent);
  };

  return {
    records: () => records,
    open: () => open,
    outcomes: () => outcomes,
    strays: () => strays,
    appended: (text) => void pending.push(text),
    synced: () => {
      for (const text of pending) take(text);
      pending = [];
    },
    reread: () => {
      records = [];
      open = new Map();
      unsettled = new Set();
      outcomes = new Map();
      strays = [];
      pending = [];
      rest = "";
      if (files.paths().includes(`/${trailPath}`)) take(files.text(trailPath));
    },
  };
}

const outcomeEvents = new Set(["change.applied", "change.failed", "change.recovered"]);

/** An outcome that is still open (`success` null) is none. */
export function isFinal({ event, success }: AuditRecord): boolean {
  return event !== "change.failed" || success !== null;
}

function parse(line: string): AuditRecord | null {
  try {
    return JSON.parse(line) as AuditRecord;
  } catch {
    return null;
  }
}
