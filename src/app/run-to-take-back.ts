// The run that a rollback takes back: found in a trail, whose records have to be worth going by.
import type { RecordOptions } from "../apply/on-record.ts";
import { pickRun } from "../audit/pick-run.ts";
import { listRuns, readRun, type Run, type RunSummary } from "../audit/read-run.ts";
import { findTrailBytes } from "../audit/read-trail.ts";
import { requireChain, requireSignature } from "../audit/require-sound.ts";
import { verifyTrail } from "../audit/verify.ts";
import type { Files } from "../lib/files.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { ReconcileError } from "../model/errors.ts";

export interface RunChoice extends Pick<RecordOptions, "audit"> {
  readonly dryRun: boolean;
  /** The beginning of the run's id; null for the last run that changed something here. */
  readonly run: string | null;
  /** The trail of another machine, which is not trusted; null for this one's. */
  readonly trail: string | null;
}

export interface RunToTakeBack {
  readonly run: Run;
  /** The trail that its records are in. */
  readonly path: string;
  /** What a dry run only warns of: records that nothing would be written by. */
  readonly doubts: readonly Diagnostic[];
}

/** Throws ReconcileError where there is no such run here, or its records cannot be gone by. */
export async function readRunToTakeBack(choice: RunChoice, files: Files): Promise<RunToTakeBack> {
  const { audit, trail, dryRun } = choice;
  const path = trail ?? audit.path;
  if ((await findTrailBytes(files, path)) === null) throw noTrail(path);
  const verification = await verifyTrail(files, path, audit);
  const trust = { path, key: audit.key, dryRun, isOwn: trail === null };
  const unproven = requireChain(verification, trust);
  const run = await readRun(files, path, chooseRun(await listRuns(files, path), path, choice));
  const doubts = unproven ? [unproven] : requireSignature(verification, run, trust);
  return { run, path, doubts };
}

function chooseRun(
  runs: readonly RunSummary[],
  path: string,
  { run: wanted, audit: { environment } }: RunChoice,
): RunSummary {
  if (wanted === null) {
    const last = runs.findLast((run) => run.hasChanged && run.environment === environment);
    if (last) return last;
    const message = `no run in ${path} has changed anything on ${environment}`;
    throw new ReconcileError("rollback/noRun", message, { hint: "`reconcile audit log` shows the runs" });
  }
  const runId = pickRun(
    wanted,
    runs.map((run) => run.runId),
    path,
  );
  const run = runs.find((other) => other.runId === runId);
  if (run?.environment === environment) return run;
  const message = `run ${runId} was on ${run?.environment ?? ""}, and this is ${environment}`;
  throw new ReconcileError("rollback/otherEnvironment", message, {
    hint: "roll it back where it ran: see `environment` in reconcile.yaml, GENESYS_ENVIRONMENT, and --sandbox",
  });
}

function noTrail(path: string): ReconcileError {
  const hint =
    "the trail of a run is on the machine that ran it: for one of CI's, pass its copy with --audit FILE";
  return new ReconcileError("audit/missing", `there is no audit trail at ${path}`, { hint });
}
