// Makes one row of `audit log`: a record as short texts without control characters.
import type { FoundRecord } from "../audit/parse-record.ts";
import { plain } from "../lib/plain.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import { findDifferingFields } from "../model/field-changes.ts";
import { isDeletion } from "../model/find-deleted.ts";
import type { Kinds } from "../model/kind.ts";
import type { PatchStep } from "../model/plan.ts";

export const titles = {
  time: "time (UTC)",
  run: "run",
  what: "what",
  group: "group",
  endpoint: "endpoint",
  change: "change",
  who: "who",
  commit: "commit",
  pullRequest: "pull request",
  page: "CI run",
  client: "OAuth client",
} as const;
export type Column = keyof typeof titles;

export interface Row {
  /** Texts without control characters. */
  readonly cells: Readonly<Record<Column, string>>;
  readonly tone: "plain" | "good" | "open" | "bad";
  /** Printed below the row, one a line. */
  readonly error: readonly string[];
}

export interface RowOptions {
  readonly kinds: Kinds;
  /** Whether ids are shown whole, and what only a wide table has room for. */
  readonly isWide: boolean;
}

export function makeRow(record: FoundRecord, isOpen: boolean, { kinds, isWide }: RowOptions): Row {
  const { timestamp, runId, group, endpoint, error, source } = record;
  const provenance = fieldsOf(record.provenance);
  const pullRequest = show(provenance.get("pullRequest"));
  const commit = show(provenance.get("commit") ?? fieldsOf(source).get("commit"));
  return {
    cells: {
      time: showTime(show(timestamp)),
      run: isWide ? show(runId) : show(runId).slice(0, 8),
      what: describeEvent(record, isOpen),
      group: show(group),
      endpoint: shownEndpoint(show(endpoint)),
      change: describeChange(record, kinds),
      who: describeWho(record),
      commit: isWide ? commit : commit.replace(/^([0-9a-f]{12})[0-9a-f]+/, "$1"),
      pullRequest: pullRequest === "" ? "" : `#${pullRequest}`,
      page: isWide ? show(fieldsOf(provenance.get("ci")).get("url")) : "",
      client: isWide ? show(provenance.get("client")) : "",
    },
    tone: findTone(record, isOpen),
    error: shorten(typeof error === "string" ? error.split("\n").map(plain) : []),
  };
}

/** `Ada <ada@example.com> (claimed, ada@laptop)`, `svc@host7 (daemon on host7, woken by files)`. */
function describeWho({ event, actor, provenance }: FoundRecord): string {
  const known = fieldsOf(provenance);
  const [ci, daemon] = [fieldsOf(known.get("ci")), fieldsOf(known.get("daemon"))];
  const approvedBy = show(ci.get("approvedBy"));
  const wokenBy = daemon.get("wokenBy");
  const login = known.has("login") ? [show(known.get("login"))] : [];
  const remarks = [
    ...(known.get("claimed") === true ? ["claimed", ...login] : []),
    ...(approvedBy === "" ? [] : [`approved by ${approvedBy}`]),
    ...(daemon.size > 0 ? [`daemon on ${show(daemon.get("host"))}`] : []),
    ...(Array.isArray(wokenBy) ? [`woken by ${wokenBy.map(show).join(" and ")}`] : []),
  ];
  // The run found the drift; who made it is not known.
  const name = event === "drift.found" ? `found by ${show(actor)}` : show(actor);
  return `${name}${remarks.length === 0 ? "" : ` (${remarks.join(", ")})`}`;
}

/** A pass records nothing longer. In a trail that was edited by hand, one long cell must not widen every row. */
const maxCellLength = 500;

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Shows a missing value as an empty cell, and a value that is not a string as JSON. */
function show(value: unknown): string {
  if (value === null || value === undefined) return "";
  return cut(plain(typeof value === "string" ? value : JSON.stringify(value)), maxCellLength);
}

/** Shows a time to the second; a text that is not a time is shown as it is. */
function showTime(timestamp: string): string {
  const timeMs = Date.parse(timestamp);
  if (Number.isNaN(timeMs)) return cut(timestamp, 19);
  return new Date(timeMs).toISOString().slice(0, 19).replace("T", " ");
}

function describeEvent({ event, operation, success, attempted }: FoundRecord, isOpen: boolean): string {
  const [about, what] = show(event).split(".");
  if (what === undefined || about !== "change") return show(event).replace(".", " ");
  if (isOpen) return `${show(operation)} outcome open`;
  if (what !== "failed") return `${show(operation)} ${what}`;
  const how = success === null ? "outcome unknown" : attempted === false ? "not attempted" : what;
  return `${show(operation)} ${how}`;
}

function findTone({ event, success, attempted }: FoundRecord, isOpen: boolean): Row["tone"] {
  if (isOpen || event === "drift.found") return "open";
  if (event === "change.failed" && (success === null || attempted === false)) return "open";
  if (event === "change.failed" || event === "validation.failed") return "bad";
  return event === "change.applied" || event === "change.recovered" ? "good" : "plain";
}

function describeChange(record: FoundRecord, kinds: Kinds): string {
  const { event, success, after, patch, accepted, olderThan } = record;
  // The first record of a run that went on so: it started, or its manifests were invalid.
  if (accepted && (event === "run.started" || event === "validation.failed"))
    return describeAccepted(fieldsOf(accepted));
  if (olderThan && event === "run.started") return describeOlder(fieldsOf(olderThan));
  if (event === "run.finished") return success === false ? "with failures" : "";
  return event === "drift.found" && after === null && isGone(patch)
    ? "deleted"
    : describeDifference(record, kinds);
}

/** A person went on from a trail that did not verify: `accepted head 0; last seen 12`. */
function describeAccepted(accepted: Fields): string {
  const [found, lastSeen] = [fieldsOf(accepted.get("found")), fieldsOf(accepted.get("lastSeen"))];
  const seen = lastSeen.has("seq") ? `last seen ${show(lastSeen.get("seq"))}` : "none seen before";
  return `accepted head ${show(found.get("seq"))}; ${seen}`;
}

/** A person went back to an older commit: `older than 3f2a9c01d4e5, applied before`. */
function describeOlder(olderThan: Fields): string {
  return `older than ${show(olderThan.get("commit")).slice(0, 12)}, applied before`;
}

/** `+3 −1 event types, retryPolicy`. */
function describeDifference({ endpoint, before, after }: FoundRecord, kinds: Kinds): string {
  const [from, to] = [fieldsOf(before), fieldsOf(after)];
  const [had, has] = [eventTypesOf(from), eventTypesOf(to)];
  const gained = [...has].filter((eventType) => !had.has(eventType)).length;
  const lost = [...had].filter((eventType) => !has.has(eventType)).length;
  const [only] = has.size > 0 ? has : had;
  const isOfOne = typeof endpoint === "string" && kinds.of({ endpoint }).granularity === "eventType";
  const counts = [...(gained > 0 ? [`+${gained}`] : []), ...(lost > 0 ? [`−${lost}`] : [])];
  const noun = gained + lost === 1 ? "event type" : "event types";
  const others = findOtherFields(from, to);
  // The triggers of a workflow differ only in their event type, so it is named instead of counted.
  if (isOfOne && only !== undefined) {
    const sign = gained > 0 ? "+" : lost > 0 ? "−" : "";
    return `${sign}${show(only)}${others.length > 0 ? `: ${others.join(", ")}` : ""}`;
  }
  return [...(counts.length > 0 ? [`${counts.join(" ")} ${noun}`] : []), ...others].join(", ");
}

function isGone(patch: unknown): boolean {
  return Array.isArray(patch) && isDeletion({ patch: patch as PatchStep[] });
}

/** A create or a delete has a document on one side only. */
function findOtherFields(from: Fields, to: Fields): readonly string[] {
  const isUpdate = from.size > 0 && to.size > 0;
  return isUpdate ? findDifferingFields(Object.fromEntries(from), Object.fromEntries(to)) : [];
}

type Fields = ReadonlyMap<string, unknown>;

function fieldsOf(document: unknown): Fields {
  return new Map(typeof document === "object" && document !== null ? Object.entries(document) : []);
}

function eventTypesOf(fields: Fields): ReadonlySet<unknown> {
  const eventTypes = fields.get("eventTypes");
  return new Set(Array.isArray(eventTypes) ? eventTypes : []);
}

/** One record may hold the errors of a thousand manifests. */
const maxErrorLines = 3;
const maxErrorLength = 2_000;

function shorten(lines: readonly string[]): readonly string[] {
  const shown = lines.slice(0, maxErrorLines).map((line) => cut(line, maxErrorLength));
  const more = lines.length - shown.length;
  return more <= 0 ? shown : [...shown, `… ${more} more (--json shows all)`];
}
