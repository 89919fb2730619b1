// Turns a record of the trail into one short line.
import type { AuditEvent, AuditRecord } from "../../model/audit-record.ts";
import { findDifferingFields } from "../../model/field-changes.ts";
import { splitUrl } from "./words.ts";

export interface TrailLine {
  readonly seq: number;
  readonly timestamp: string;
  readonly runId: string;
  readonly event: AuditEvent;
  readonly sign: string;
  /** `update applied`. */
  readonly what: string;
  readonly isBad: boolean;
  readonly group: string;
  readonly endpoint: string;
  /** `+3 −1 event types, state`. */
  readonly change: string;
  readonly actor: string;
  readonly error: string;
  /** The text that filters search, in lower case. */
  readonly text: string;
}

const signs: Readonly<Record<AuditEvent, string>> = {
  "run.started": "▸",
  "run.finished": "■",
  "validation.failed": "✕",
  "change.intended": "…",
  "change.applied": "✓",
  "change.failed": "✕",
  "change.recovered": "↺",
  "drift.found": "≠",
  "trail.closed": "⊣",
  "trail.continued": "⊢",
  "trail.claimed": "⊢",
};

export function describeRecord(record: AuditRecord): TrailLine {
  const { seq, timestamp, runId, event, operation, actor, error, before, after } = record;
  const isBad = event === "change.failed" || event === "validation.failed" || record.success === false;
  const line = {
    ...{ seq, timestamp, runId, event, actor, isBad },
    sign: isBad ? "✕" : signs[event],
    what: event.startsWith("change.")
      ? `${operation ?? "change"} ${event.slice(7)}`
      : event.replace(".", " "),
    group: record.group ?? "",
    endpoint: record.endpoint === null ? "" : splitUrl(record.endpoint).path,
    change: describeChange(record),
    error: error ?? "",
  };
  const types = [...(before?.eventTypes ?? []), ...(after?.eventTypes ?? [])];
  const texts = [
    line.what,
    line.group,
    record.endpoint ?? "",
    line.change,
    actor,
    line.error,
    runId,
    ...types,
  ];
  return { ...line, text: texts.join("\n").toLowerCase() };
}

function describeChange({ event, success, before, after, source }: AuditRecord): string {
  if (event === "run.finished") return success === false ? "with failures" : "";
  if (event === "validation.failed") return source ? `${source.file}:${source.line}` : "";
  const [had, has] = [new Set(before?.eventTypes), new Set(after?.eventTypes)];
  const gained = [...has].filter((eventType) => !had.has(eventType)).length;
  const lost = [...had].filter((eventType) => !has.has(eventType)).length;
  const counts = [...(gained > 0 ? [`+${gained}`] : []), ...(lost > 0 ? [`−${lost}`] : [])];
  const noun = gained + lost === 1 ? "event type" : "event types";
  const fields = before && after ? findDifferingFields(before, after) : [];
  return [...(counts.length > 0 ? [`${counts.join(" ")} ${noun}`] : []), ...fields].join(", ");
}
