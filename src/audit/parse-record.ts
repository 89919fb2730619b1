// Parses a line of the trail, which someone may have edited, and checks each field of the record.
import { isNestedDeeper } from "../lib/nesting.ts";
import {
  anything,
  listOf,
  numberIn,
  object,
  oneOf,
  optional,
  orNull,
  text,
  textLike,
  truth,
  whole,
  wholeFrom,
  type Shape,
} from "../lib/shape.ts";
import type {
  AcceptedHead,
  Archive,
  AuditRecord,
  AuditSource,
  Claims,
  Continued,
  Metrics,
  OlderThan,
  RunProvenance,
  UnsignedBefore,
} from "../model/audit-record.ts";
import { findDocumentFault, parseDocument } from "../model/document.ts";
import { maxRecordLevels } from "../model/nesting.ts";
import type { Organization } from "../model/organization.ts";
import type { PatchStep } from "../model/plan.ts";
import { groupOf } from "../model/ownership.ts";

/** A line's content, if it has a `seq` and a `hash`; each field may hold anything. */
export type FoundRecord = Readonly<Partial<Record<keyof AuditRecord, unknown>>>;

export type ParsedRecord =
  | { readonly ok: true; readonly record: AuditRecord }
  | {
      readonly ok: false;
      /** Undefined if the line is not a record at all. */
      readonly found: FoundRecord | undefined;
      /** Such as `after.retryPolicy is not an object`. */
      readonly fault: string;
    };

/** Returns a whole record or what is wrong with it, for code that acts on records. Documents hold only their known fields. */
export function parseRecord(line: string): ParsedRecord {
  const found = findRecord(line);
  if (!found) return { ok: false, found, fault: "it is not an audit record in JSON" };
  const fault = findRecordFault(found);
  if (fault !== null) return { ok: false, found, fault };
  const record = found as unknown as AuditRecord;
  const [before, after] = [parseDocument(record.before), parseDocument(record.after)];
  return { ok: true, record: { ...record, before, after } };
}

/** Finds a record without checking its fields, for code that shows it or checks the fields that it reads. */
export function findRecord(line: string): FoundRecord | undefined {
  const value = parseJson(line);
  const isRecord = typeof value === "object" && value !== null && "seq" in value && "hash" in value;
  return isRecord && !isTooDeep(line, value) ? value : undefined;
}

/** Whether a record of this event says what became of an intent. */
export function isOutcome(event: unknown): boolean {
  return event === "change.applied" || event === "change.failed" || event === "change.recovered";
}

/** Describes the first field that does not have its type; null if there is none. */
export function findRecordFault(found: FoundRecord): string | null {
  const fault = everyRecord(found, "");
  if (fault !== null || !(found.event as string).startsWith("change.")) return fault;
  return everyChange(found, "") ?? findMissingGroup(found as unknown as AuditRecord);
}

/** Only a resource that several groups share is of no group. */
function findMissingGroup({ group, before, after }: AuditRecord): string | null {
  const named = group === null ? [before, after].find((one) => one && groupOf(one) !== null) : null;
  return named ? "group is null, and its document names one" : null;
}

type Fields<Value> = Readonly<Record<keyof Value, Shape>>;

const hash = textLike(/^[0-9a-f]{64}$/, "64 hexadecimal digits");
const isTime = textLike(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "a time in UTC");
const time: Shape = (value, path) =>
  isTime(value, path) ??
  (Number.isNaN(Date.parse(value as string)) ? `${path} is not a time in UTC` : null);

const operation = oneOf("create", "update", "delete", "adopt");

const commit = textLike(/^[0-9a-f]{40,64}$/, "a whole commit");
const headFields = { seq: wholeFrom(0), hash } satisfies Fields<AcceptedHead["found"]>;
const head = object(headFields);

const fileName = textLike(/^[^/\\]+$/, "the name of a file");

const isTrue: Shape = (value, path) => (value === true ? null : `${path} is not true`);

const provenance = object({
  claimed: optional(isTrue),
  login: optional(text),
  client: optional(text),
  commit: optional(text),
  pullRequest: optional(text),
  ci: optional(
    object({
      system: text,
      url: optional(text),
      startedBy: optional(text),
      approvedBy: optional(text),
    } satisfies Fields<NonNullable<RunProvenance["ci"]>>),
  ),
  daemon: optional(
    object({ host: text, wokenBy: listOf(text) } satisfies Fields<NonNullable<RunProvenance["daemon"]>>),
  ),
} satisfies Fields<RunProvenance>);

/** Fields that older versions did not write are optional. The types require the keys that the schema has, and no others. */
const everyRecord = object({
  seq: wholeFrom(1),
  timestamp: time,
  runId: text,
  environment: text,
  owner: optional(text),
  organization: optional(orNull(object({ id: text, name: orNull(text) } satisfies Fields<Organization>))),
  event: oneOf(
    ...["run.started", "validation.failed", "change.intended", "change.applied", "change.failed"],
    ...[
      "change.recovered",
      "drift.found",
      "run.finished",
      "trail.closed",
      "trail.continued",
      "trail.claimed",
    ],
  ),
  operation: orNull(operation),
  group: orNull(text),
  endpoint: orNull(text),
  webhookId: orNull(text),
  before: orNull(findDocumentFault),
  after: orNull(findDocumentFault),
  patch: orNull(
    listOf(
      object({
        op: oneOf("add", "remove", "replace", "move", "copy", "test"),
        path: text,
        from: optional(text),
        value: optional(anything),
      } satisfies Fields<PatchStep>),
    ),
  ),
  success: orNull(truth),
  latencyMs: orNull(numberIn(0)),
  error: orNull(text),
  metrics: object({
    // The outcome of a write that was never tried subtracts its attempt, so in an edited trail the count may fall below 0.
    totalAttempts: whole,
    successfulRegistrations: wholeFrom(0),
    failedRegistrations: wholeFrom(0),
    validationFailures: wholeFrom(0),
    rebalanceTriggers: wholeFrom(0),
    averageLatency: numberIn(0),
    successRate: numberIn(0, 100),
  } satisfies Fields<Metrics>),
  actor: text,
  source: orNull(
    object({ file: text, line: wholeFrom(1), commit: orNull(text) } satisfies Fields<AuditSource>),
  ),
  intent: optional(orNull(wholeFrom(1))),
  rollbackOf: optional(text),
  keptHealing: optional(isTrue),
  attempted: optional(orNull(truth)),
  carried: optional(isTrue),
  platformTime: optional(time),
  provenance: optional(provenance),
  accepted: optional(object({ lastSeen: orNull(head), found: head } satisfies Fields<AcceptedHead>)),
  olderThan: optional(object({ commit, runId: text } satisfies Fields<OlderThan>)),
  unsignedBefore: optional(object({ head: hash, count: wholeFrom(1) } satisfies Fields<UnsignedBefore>)),
  continues: optional(object({ file: fileName, seq: wholeFrom(1), hash } satisfies Fields<Continued>)),
  archive: optional(object({ owner: text, ...headFields } satisfies Fields<Archive>)),
  claims: optional(object({ before: wholeFrom(1), records: wholeFrom(0) } satisfies Fields<Claims>)),
  prevHash: hash,
  hash,
} satisfies Fields<AuditRecord>);

const everyChange = object({ operation, endpoint: text });

/** A line with few brackets cannot be too deep; only a line with many is checked level by level. */
function isTooDeep(line: string, value: unknown): boolean {
  const isSuspect = line.split("[").length + line.split("{").length > maxRecordLevels;
  return isSuspect && isNestedDeeper(value, maxRecordLevels);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
