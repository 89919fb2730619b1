// Finds the run that a rollback takes back, and checks that the trail's records of it can be trusted.
import type { RecordOptions } from "../apply/on-record.ts";
import { pickRun } from "../audit/pick-run.ts";
import { listRuns, readRun, type Run, type RunSummary } from "../audit/read-run.ts";
import { findPlace, findTrailBytes, type Place } from "../audit/read-trail.ts";
import { requireChain, requireSignature } from "../audit/require-sound.ts";
import { verifyTrail } from "../audit/verify.ts";
import type { Acceptance } from "../audit/walk-chain.ts";
import type { Files } from "../lib/files.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { sayOrganization, type Organization } from "../model/organization.ts";
import type { Kinds } from "../model/kind.ts";
import { ReconcileError } from "../model/errors.ts";

export interface RunChoice extends Pick<RecordOptions, "audit"> {
  readonly dryRun: boolean;
  /** The beginning of the run's id; null for the last run that changed something here. */
  readonly run: string | null;
  /** A copy of another machine's trail, which is not trusted; null for this machine's trail. */
  readonly trail: string | null;
  /** Finds the organisation whose runs are taken back; null if it is not known. Called once the trail is proven. */
  readonly findOrganization: () => Promise<Organization | null>;
}

export interface RunToTakeBack {
  readonly run: Run;
  /** The trail that holds its records. */
  readonly path: string;
  /** A dry run warns of these faults of the records; a rollback that writes refuses them. */
  readonly doubts: readonly Diagnostic[];
}

/** Throws ReconcileError if the trail has no such run, or if its records are not sound. */
export async function readRunToTakeBack(
  choice: RunChoice,
  { files, kinds }: { readonly files: Files; readonly kinds: Kinds },
): Promise<RunToTakeBack> {
  const { audit, trail, dryRun } = choice;
  const path = trail ?? audit.path;
  if ((await findTrailBytes(files, path)) === null) throw noTrail(path);
  const verification = await verifyTrail(files, path, audit);
  const trust = { path, key: audit.key, names: audit.names, dryRun, isOwn: trail === null };
  const unproven = requireChain(verification, trust);
  const { environment, owner } = audit;
  const here = { owner, organization: await choice.findOrganization() };
  const run = await readRun(
    { files, path, kinds },
    chooseRun(
      await listRuns(files, path, { environment, owner, organization: here.organization?.id ?? null }),
      path,
      { ...choice, here },
    ),
  );
  const { acceptance } = verification;
  if (acceptance && run.line < acceptance.line)
    throw notProven(run, await findPlace(files, path, acceptance.line), acceptance);
  const doubts = unproven ? [unproven] : requireSignature(verification, run, trust);
  return { run, path, doubts };
}

function chooseRun(
  runs: readonly RunSummary[],
  path: string,
  { run: wanted, here, audit: { environment } }: RunChoice & { readonly here: Here },
): RunSummary {
  if (wanted === null) {
    const last = runs.findLast((run) => run.hasChanged && run.belonging !== "other");
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
  if (run?.environment === environment && run.belonging !== "other") return run;
  if (run?.environment === environment) throw ofOther(run, here);
  const message = `run ${runId} was on ${run?.environment ?? ""}, and this is ${environment}`;
  throw new ReconcileError("rollback/otherEnvironment", message, {
    hint: "roll it back on that environment: set `environment` in reconcile.yaml or GENESYS_ENVIRONMENT, or use --sandbox",
  });
}

interface Here {
  readonly organization: Organization | null;
  readonly owner: string;
}

/** A run of another organisation or owner of the same region. */
export function ofOther(run: RunSummary, { organization, owner }: Here): ReconcileError {
  const here = organization === null ? "an organisation that is not known" : sayOrganization(organization);
  const its = run.organization === null ? null : sayOrganization(run.organization);
  const isOther = its !== null && run.organization?.id !== organization?.id;
  if (isOther) {
    const message = `run ${run.runId} was in organisation ${its}, and this is ${here}`;
    const hint = "roll it back with the credentials of that organisation";
    return new ReconcileError("rollback/otherOrganization", message, { hint });
  }
  const whose = run.owner === null ? "another owner or organisation" : `owner "${run.owner}"`;
  const message = `run ${run.runId} is of ${whose}, and this is owner "${owner}" in ${here}`;
  const hint =
    run.owner === null
      ? "if its records are of this organisation, say so on record with `reconcile audit claim`"
      : `roll it back with --owner ${run.owner}`;
  return new ReconcileError("rollback/otherOwner", message, { hint });
}

/** A rollback sends what the run's records hold, so a person's word for the head is not enough. */
function notProven({ runId }: Run, { file, line }: Place, { runId: by }: Acceptance): ReconcileError {
  const message = `the records of run ${runId} are not proven: ${file} verifies only from line ${line} on, where run ${by} accepted its head`;
  return new ReconcileError("rollback/unproven", message, {
    hint: "take the change back in Git and sync, or pass a sound copy of the trail with --audit FILE",
  });
}

function noTrail(path: string): ReconcileError {
  const hint =
    "the trail of a run is on the machine that ran it; for a run of CI, pass a copy of its trail with --audit FILE";
  return new ReconcileError("audit/missing", `there is no audit trail at ${path}`, { hint });
}
