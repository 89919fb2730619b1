// `reconcile status`: shows the last run, the process that holds the lock, writes whose outcome is not on record, the head
// of the trail, and the figures.
import { compareRuns, findRecordedRun, type RecordedRun } from "../../audit/compare-runs.ts";
import { findClaimed } from "../../audit/find-claimed.ts";
import { readHead } from "../../audit/head.ts";
import { readOpenIntents } from "../../audit/history.ts";
import type { OpenIntent } from "../../audit/open-intent.ts";
import { makeRecordFilter, type RecordFilter } from "../../audit/belongs.ts";
import { isRunOf, readKept, readMetrics, type Kept } from "../../audit/kept.ts";
import { emptyMetrics } from "../../audit/metrics.ts";
import type { Head } from "../../audit/record.ts";
import { describeUnsound, type UnsoundLine } from "../../audit/unsound.ts";
import { count } from "../../lib/count.ts";
import type { LockHolder } from "../../lib/lock-file.ts";
import type { Config } from "../../model/config.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { shownEndpoint } from "../../model/endpoint.ts";
import { plainJson, plainLines } from "../../lib/plain.ts";
import { showDiagnostics, showWarning } from "../../report/diagnostics.ts";
import { describeSummary } from "../../report/summary.ts";
import { findTrailFaults } from "../../app/find-trail-faults.ts";
import { requireConfig, statePaths } from "../../app/pass-settings.ts";
import { describeHolder } from "../../state/describe-holder.ts";
import { wasMoved } from "../../state/was-moved.ts";
import type { State, StatePaths } from "../../state/state.ts";
import { openState } from "../../app/open-state.ts";
import type { World } from "../../app/world.ts";

export interface StatusFlags {
  readonly config?: string;
  readonly sandbox?: true;
  readonly owner?: string;
  /** An organisation's id. */
  readonly organization?: string;
  readonly output: "text" | "json";
}

interface StatusReport {
  readonly lastRun: Kept["lastRun"] | null;
  /** The last run of the trail, which may be another machine's; null if nothing is on record. */
  readonly recordedRun: RecordedRun | null;
  readonly holder: LockHolder | null;
  readonly openIntents: readonly OpenIntent[];
  readonly metrics: NonNullable<Kept["metrics"]>;
  /** The trail's last record, proven or not; null if there is none. */
  readonly head: Head | null;
}

/** Returns the exit status. Throws ReconcileError when the config or the trail cannot be read. */
export async function runStatus(flags: StatusFlags, world: World): Promise<number> {
  const config = await requireConfig(flags, world.files);
  const { state, shared, close } = await openState(config, flags, world);
  try {
    if (shared) await state.look();
    return await show(state, config, { flags, world });
  } finally {
    await close();
  }
}

interface Showing {
  readonly flags: StatusFlags;
  readonly world: World;
}

async function show(state: State, config: Config, { flags, world }: Showing): Promise<number> {
  const { files, clock } = world;
  const { paths } = state;
  const { kept, notice } = await readKept(files, paths.kept);
  if (notice !== null) world.stderr.write(showWarning(notice));
  const faults = await findTrailFaults(paths, world, { ...flags, growth: state.growth });
  const unsound: UnsoundLine[] = [];
  const { lastRun, whose, counts } = findWhose(flags, config, await withoutClaimed(kept, paths, files));
  const openIntents = await readOpenIntents(files, paths.trail, {
    ...{ counts, onUnsound: (line) => void unsound.push(line) },
  });
  const warnings = [...faults, ...describeUnsound(unsound, paths.trail)];
  world.stderr.write(await showDiagnostics(warnings, files, world.stderr));
  const recordedRun = await findRecordedRun(files, { path: paths.trail, counts });
  const otherRun = compareRuns({
    trail: paths.copyOf ?? paths.trail,
    kept,
    lastRun,
    recorded: recordedRun,
  });
  if (otherRun !== null) world.stderr.write(showWarning(otherRun));
  const movedTo = await state.findMovedTo();
  const moved = movedTo && wasMoved("the trail", movedTo);
  if (moved) world.stderr.write(showWarning(`${moved.problem}; ${moved.hint ?? ""}`));
  const isElsewhere = kept === null && (await hasState(statePaths(config, flags.sandbox !== true), files));
  const elsewhere = isElsewhere ? flagOfOther(flags.sandbox === true) : "";
  const { metrics } = faults.every(isAboutKeys)
    ? await readMetrics(files, { ...paths, whose, counts })
    : { metrics: lastRun && kept ? kept.metrics : null };
  const status: StatusReport = {
    lastRun,
    recordedRun,
    holder: await state.findHolder(),
    openIntents,
    metrics: metrics ?? emptyMetrics,
    head: await readHead(files, paths.trail),
  };
  world.stdout.write(
    flags.output === "json" ? showJson(status) : showText(status, { nowMs: clock.now(), elsewhere }),
  );
  return 0;
}

/** The older records that the last run did not count may have been claimed since. */
async function withoutClaimed(
  kept: Kept | null,
  { trail }: StatePaths,
  files: World["files"],
): Promise<Kept | null> {
  const { unclaimed, environment, owner, organization } = kept?.lastRun ?? {};
  if (!kept || unclaimed === undefined || owner === undefined || environment === undefined) return kept;
  const whose = { environment, owner, organization: organization?.id ?? null };
  const claimed = await findClaimed(files, trail, whose);
  return claimed === 0 ? kept : { ...kept, lastRun: { ...kept.lastRun, unclaimed: undefined } };
}

interface ShownState {
  /** Null if the last run that is kept is another owner's, or of another organisation. */
  readonly lastRun: Kept["lastRun"] | null;
  readonly whose: RecordFilter;
  /** Which lines of the trail are theirs. */
  readonly counts: (line: Buffer) => boolean;
}

/** The platform is not asked here: the last run tells which organisation it is, unless the config or a flag does. */
function findWhose(flags: StatusFlags, config: Config, kept: Kept | null): ShownState {
  const owner = flags.owner ?? config.owner;
  const pinned = flags.organization ?? config.organization;
  const lastRun = kept && isRunOf(kept.lastRun, { owner, organization: pinned }) ? kept.lastRun : null;
  const whose = { owner, organization: pinned ?? lastRun?.organization?.id ?? null };
  const counts = makeRecordFilter(whose, { older: lastRun?.unclaimed === undefined });
  return { lastRun, whose, counts };
}

/** Such a fault says nothing against what the records hold. */
function isAboutKeys({ code }: Diagnostic): boolean {
  return code === "audit/keyMissing" || code === "audit/keyChanged";
}

/** Whether a run has left its figures at these paths. */
async function hasState({ kept }: StatePaths, files: World["files"]): Promise<boolean> {
  return files.stat(kept).then(
    () => true,
    () => false,
  );
}

function flagOfOther(isSandbox: boolean): string {
  return isSandbox
    ? "; without the sandbox: reconcile status"
    : "; for the sandbox: reconcile status --sandbox";
}

function showJson(status: StatusReport): string {
  const openIntents = status.openIntents.map(({ seq, runId, operation, group, endpoint, webhookId }) => ({
    seq,
    runId,
    operation,
    group,
    endpoint,
    webhookId,
  }));
  return `${plainJson(JSON.stringify({ formatVersion: 1, ...status, openIntents }, null, 2))}\n`;
}

/** `elsewhere`: how to see the status that there is, if there is none here. */
function showText(
  { lastRun, holder, openIntents, metrics, head }: StatusReport,
  { nowMs, elsewhere }: { readonly nowMs: number; readonly elsewhere: string },
): string {
  const lines = [
    ...(lastRun
      ? describeRun(lastRun, nowMs)
      : [`last run   none has finished on this machine${elsewhere}`]),
    ...(holder ? [`at work    ${describeHolder(holder)}`] : []),
    `open       ${openIntents.length === 0 ? "nothing: the outcome of every write is on record" : describeOpen(openIntents)}`,
    ...(head ? [`trail      ends with record ${head.seq}, ${head.hash}`] : []),
    `writes     ${describeWrites(metrics)}`,
    `rebalances ${count(metrics.rebalanceTriggers, "time")} a group was split or split again`,
    `refusals   ${count(metrics.validationFailures, "time")}, because manifests were invalid or missing`,
  ];
  return `${plainLines(lines.join("\n"))}\n`;
}

function describeWrites(metrics: StatusReport["metrics"]): string {
  const { totalAttempts: tried, successfulRegistrations: done, failedRegistrations: failed } = metrics;
  if (tried === 0) return "none so far";
  const counts = `${tried} tried, ${done} done, ${failed} failed`;
  if (done + failed === 0) return counts;
  return `${counts} (${metrics.successRate} % done), ${Math.round(metrics.averageLatency)} ms on average`;
}

function describeRun(run: Kept["lastRun"], nowMs: number): string[] {
  const { runId, host, finishedAt, environment, organization, unclaimed, summary, errors } = run;
  const name = environment === "sandbox" ? null : (organization?.name ?? null);
  const where = `${environment}${name === null ? "" : ` in ${name}`}`;
  return [
    `last run   ${finishedAt}, ${describeAge(nowMs - Date.parse(finishedAt))} ago, on ${where}: ${describeEnd(run)}`,
    ...(foundNothing(run) ? [] : [`           ${describeSummary({ dryRun: false, summary })}`]),
    ...errors.map((error) => `           ${error}`),
    `           run ${runId}${host === undefined ? "" : `, on machine ${host}`}`,
    ...(unclaimed === undefined ? [] : [`older      ${unclaimed}; \`reconcile audit claim\` assigns them`]),
  ];
}

/** After a rollback or a release the platform differs from the manifests until these are changed as well. */
function describeEnd(run: Kept["lastRun"]): string {
  const { task, ok, summary } = run;
  const { create, update, delete: deleted, adopt } = summary;
  const changed = create + update + deleted + adopt;
  if (task === "rollback") {
    if (changed === 0) return "a rollback that changed nothing";
    return ok ? "a run was rolled back" : "a run was rolled back in part";
  }
  if (foundNothing(run)) return "it ended with an error, and changed nothing";
  if (task === "release") {
    if (changed === 0) return "a release that changed nothing";
    return ok ? "groups were given up" : "groups were given up in part";
  }
  const what = run.ofSelection ? "everything in the selected groups" : "everything";
  return ok ? `${what} is as the manifests declare` : `not ${what} is as the manifests declare`;
}

/** Whether a run ended without a count of anything: most often before it compared the manifests with what is live. */
function foundNothing({ ok, summary }: Kept["lastRun"]): boolean {
  const { create, update, delete: deleted, adopt, unchanged, failed, skipped } = summary;
  return !ok && create + update + deleted + adopt + unchanged + failed + skipped === 0;
}

function describeOpen(open: readonly OpenIntent[]): string {
  const lines = open.map(
    ({ operation, group, endpoint }) =>
      `           ${operation} of ${shownEndpoint(endpoint)}${group === null ? "" : ` in group "${group}"`}`,
  );
  const title = `the outcome of ${count(open.length, "write")} is not on record; the next sync checks what is live`;
  return [title, ...lines].join("\n");
}

/** Gives an age in the largest unit that fits: `3 h`. */
function describeAge(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
