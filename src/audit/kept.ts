// `.reconcile/metrics.json` keeps the last run and the figures from run to run, even if a new trail is begun.
import type { Files } from "../lib/files.ts";
import type { CountedTrail, RecordFilter } from "./belongs.ts";
import { readLastRecord } from "./head.ts";
import { readKeptHead } from "./kept-head.ts";
import { setAside } from "../lib/set-aside.ts";
import { findRecord } from "./parse-record.ts";
import { readLinesBackwards } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";
import { isMetrics } from "./metrics.ts";
import { bufferOf, decodeLine } from "./lines.ts";
import type { Metrics } from "../model/audit-record.ts";
import { errorText, systemErrorCode } from "../model/errors.ts";
import type { Organization } from "../model/organization.ts";
import type { Summary } from "../model/result.ts";

export interface Kept {
  readonly formatVersion: 1;
  readonly lastRun: LastRun;
  /** Null until something is recorded. */
  readonly metrics: Metrics | null;
}

/** A pass that was not a dry run, whether or not there was anything to write. */
export interface LastRun {
  readonly runId: string;
  /** The command: sync, apply, rollback or watch; absent in older files. */
  readonly task?: string;
  /** The machine's name; absent in older files. */
  readonly host?: string | undefined;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
  readonly environment: string;
  /** Absent in older files. */
  readonly owner?: string | undefined;
  /** Null if it is not known; absent in older files. */
  readonly organization?: Organization | null | undefined;
  /** Says that older records of the trail do not count as this organisation's; absent if all do. */
  readonly unclaimed?: string | undefined;
  readonly ok: boolean;
  readonly summary: Omit<Summary, "orphans"> & Partial<Pick<Summary, "orphans">>;
  /** The errors with which it ended. */
  readonly errors: readonly string[];
  /** True if it worked on selected groups only. */
  readonly ofSelection?: boolean | undefined;
}

/** More errors than this do not help a reader of the status. */
const maxErrors = 5;
/** The file has a few kilobytes; the errors in it may be long. */
const maxKeptBytes = 1024 * 1024;
/** Only this user may read or write the file. */
const keptMode = 0o600;

/**
 * Reads the file; `kept` is null if there is none. A corrupt file is moved to `<path>.corrupt`, or to the next free name.
 * `notice` reports that, and also a file that cannot be read; neither is thrown, because a pass must not fail because of
 * its figures.
 */
export async function readKept(
  files: Pick<Files, "read" | "create" | "remove">,
  path: string,
): Promise<{ readonly kept: Kept | null; readonly notice: string | null }> {
  try {
    const bytes = await files.read(path, maxKeptBytes);
    const kept = parseKept(new TextDecoder().decode(bytes));
    if (kept) return { kept, notice: null };
    const aside = await setAside(files, `${path}.corrupt`, bytes);
    await files.remove(path);
    return { kept: null, notice: `${path} is corrupt, so it was moved to ${aside}` };
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return { kept: null, notice: null };
    return { kept: null, notice: `${path} cannot be used: ${errorText(error)}` };
  }
}

/**
 * Writes the last run, with the figures of the trail's last record, or the kept ones if that record is not proven. Returns
 * what was wrong with the file that it replaces, as `readKept` does. Rejects with Node's errors.
 */
export async function keepRun(
  lastRun: LastRun,
  files: TrailFiles & Pick<Files, "read" | "write" | "create" | "remove">,
  paths: { readonly kept: string; readonly trail: string; readonly head: string },
): Promise<{ readonly notice: string | null }> {
  const errors = lastRun.errors.slice(0, maxErrors);
  const { kept: before, notice } = await readKept(files, paths.kept);
  const whose = { owner: lastRun.owner ?? null, organization: lastRun.organization?.id ?? null };
  const metrics =
    (await findProvenMetrics(files, paths, whose)) ??
    (before && isRunOf(before.lastRun, whose) ? before.metrics : null);
  const kept: Kept = { formatVersion: 1, lastRun: { ...lastRun, errors }, metrics };
  await files.write(paths.kept, `${JSON.stringify(kept, null, 2)}\n`, { mode: keptMode });
  return { notice };
}

interface FiguresPlace {
  readonly kept: string;
  readonly trail: string;
  /** Whose figures; if absent, anyone's. */
  readonly whose?: RecordFilter;
  /** Which lines of the trail are theirs; if absent, all. */
  readonly counts?: CountedTrail["counts"];
}

const anyone: RecordFilter = { owner: null, organization: null };

/** Whether a last run is of this owner in this organisation, as far as both are known. */
export function isRunOf(
  { owner, organization }: Pick<LastRun, "owner" | "organization">,
  wanted: RecordFilter,
): boolean {
  const isOwner = wanted.owner === null || (owner ?? wanted.owner) === wanted.owner;
  const id = organization?.id ?? wanted.organization;
  return isOwner && (wanted.organization === null || id === wanted.organization);
}

/**
 * Reads the figures from which a new trail continues; null if nothing was recorded yet. Throws ReconcileError
 * `audit/unreadable`.
 */
export async function readMetrics(
  files: TrailFiles & Pick<Files, "read" | "write" | "create" | "remove">,
  { kept: path, trail, whose = anyone, counts = () => true }: FiguresPlace,
): Promise<{ readonly metrics: Metrics | null; readonly notice: string | null }> {
  const metrics = await findMetrics(files, trail, counts);
  if (metrics) return { metrics, notice: null };
  const { kept, notice } = await readKept(files, path);
  return { metrics: kept && isRunOf(kept.lastRun, whose) ? kept.metrics : null, notice };
}

/** Returns the figures of the trail's last record that has any. */
async function findMetrics(
  files: TrailFiles,
  trail: string,
  counts: CountedTrail["counts"],
): Promise<Metrics | null> {
  for await (const bytes of readLinesBackwards(files, trail)) {
    const line = bufferOf(bytes);
    if (!counts(line)) continue;
    const metrics = findRecord(decodeLine(line) ?? "")?.metrics;
    if (isMetrics(metrics)) return metrics;
  }
  return null;
}

/** Returns the figures of the trail's last record, if it is theirs, and the head that this machine proved last. */
async function findProvenMetrics(
  files: TrailFiles & Pick<Files, "read">,
  { trail, head }: { readonly trail: string; readonly head: string },
  whose: RecordFilter,
): Promise<Metrics | null> {
  const { record } = await readLastRecord(files, trail);
  const seen = await readKeptHead(files, { path: trail, headPath: head, key: undefined });
  const isTheirs = record && isRunOf(record as Pick<LastRun, "owner" | "organization">, whose);
  return isTheirs && record.hash === seen?.kept.hash && isMetrics(record.metrics) ? record.metrics : null;
}

const summaryKeys = [
  "create",
  "update",
  "delete",
  "adopt",
  "unchanged",
  "movedEventTypes",
  "failed",
  "skipped",
];

function parseKept(text: string): Kept | null {
  try {
    const { formatVersion, lastRun, metrics } = JSON.parse(text) as Record<string, unknown>;
    const isKept = formatVersion === 1 && isLastRun(lastRun) && (metrics === null || isMetrics(metrics));
    return isKept ? { formatVersion, lastRun, metrics } : null;
  } catch {
    return null;
  }
}

function isLastRun(value: unknown): value is LastRun {
  const {
    runId,
    task,
    host,
    finishedAt,
    environment,
    owner,
    organization,
    unclaimed,
    ok,
    summary,
    errors,
    ofSelection,
  } = (value ?? {}) as Record<string, unknown>;
  const counts = (summary ?? {}) as Record<string, unknown>;
  return (
    [runId, finishedAt, environment].every((text) => typeof text === "string") &&
    [task, host, owner, unclaimed].every((text) => text === undefined || typeof text === "string") &&
    isOrganization(organization ?? null) &&
    typeof ok === "boolean" &&
    ["undefined", "boolean"].includes(typeof ofSelection) &&
    summaryKeys.every((key) => Number.isSafeInteger(counts[key])) &&
    // A file of an earlier version does not count orphans.
    Number.isSafeInteger(counts["orphans"] ?? 0) &&
    Array.isArray(errors) &&
    errors.every((error) => typeof error === "string")
  );
}

function isOrganization(value: unknown): value is Organization | null {
  if (value === null) return true;
  const { id, name } = value as Record<string, unknown>;
  return typeof id === "string" && (name === null || typeof name === "string");
}
