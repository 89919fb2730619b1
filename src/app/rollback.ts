// A run taken back: its records read → list → what was left open looked up → the inverse planned → apply → audit.
import { describeOpen } from "../apply/close-intents.ts";
import { applyOnRecord, type RecordOptions } from "../apply/on-record.ts";
import { findCreated, judgeWrite } from "../apply/judge.ts";
import type { OpenIntent } from "../audit/history.ts";
import { pickRun } from "../audit/pick-run.ts";
import { listRuns, readRun, type Run, type RunSummary } from "../audit/read-run.ts";
import { findTrailBytes } from "../audit/read-trail.ts";
import { requireChain, requireSignature } from "../audit/require-sound.ts";
import { verifyTrail } from "../audit/verify.ts";
import type { Driver } from "../genesys/driver.ts";
import { readLive, schemesOf } from "./live.ts";
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { ReconcileError } from "../model/errors.ts";
import { emptyPlan, makeResult, type Result } from "../model/result.ts";
import type { Plan } from "../model/plan.ts";
import type { Scheme } from "../model/resource-kind.ts";
import type { RunChange } from "../model/run-changes.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import { isWork, type PassPorts } from "./pass.ts";
import { invertRun, type InvertOptions } from "../plan/invert.ts";

export interface RollbackOptions extends RecordOptions {
  readonly dryRun: boolean;
  /** The beginning of the run's id; null for the last run that changed something here. */
  readonly run: string | null;
  /** The trail of another machine, which is not trusted; null for this one's. */
  readonly trail: string | null;
  /** Where today's manifests say which groups are frozen. */
  readonly desired: DesiredSource;
  readonly plan: Omit<InvertOptions, "freezes">;
}

export interface Rollback {
  readonly run: Run;
  readonly plan: Plan;
  readonly driver: Driver;
  readonly live: readonly LiveWebhook[];
  /** What earlier runs left open here. */
  readonly open: readonly OpenIntent[];
  readonly hidden: readonly OpenIntent[];
  readonly late: readonly OpenIntent[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Throws ReconcileError where there is no such run here, or its records cannot be gone by. */
export async function planRollback(options: RollbackOptions, ports: PassPorts): Promise<Rollback> {
  const { files } = ports;
  const path = options.trail ?? options.audit.path;
  if ((await findTrailBytes(files, path)) === null) throw noTrail(path);
  const verification = await verifyTrail(files, path, options.audit);
  const trust = { path, key: options.audit.key, dryRun: options.dryRun, isOwn: options.trail === null };
  const unproven = requireChain(verification, trust);
  const run = await readRun(files, path, chooseRun(await listRuns(files, path), path, options));
  const doubts = unproven ? [unproven] : requireSignature(verification, run, trust);
  const about = { needed: schemesIn(run), others: new Set<Scheme>(), prune: false, groups: null };
  const known = await readLive(about, options, ports);
  const { driver, live, open, hidden, late } = known;
  // What cannot be seen cannot be told to be as the run left it.
  const [refusal] = [...known.unseen].filter(([scheme]) => about.needed.has(scheme));
  if (refusal) throw refusal[1];
  const seen = lookUp(run.open, live);
  const places = new Map(
    [...run.sources].map(([group, { file, line }]) => [group, { file, line, column: 1 }]),
  );
  const inTrail = { file: path, line: run.line, column: 1 };
  const changes = [...run.changes, ...seen.changes];
  for (const { group } of [...changes, ...run.open]) if (!places.has(group)) places.set(group, inTrail);
  const { runId, later } = run;
  const { freezes, unread } = await readFreezes(options.desired, ports);
  const inverse = { runId, changes, later, unclear: seen.unclear, places };
  const plan = invertRun(inverse, live, { ...options.plan, freezes });
  const diagnostics = [
    ...doubts,
    ...known.diagnostics,
    ...(changes.length === 0 ? [nothingToDo(run)] : []),
    ...unread,
  ];
  return { run, plan, driver, live, open, hidden, late, diagnostics };
}

/** Of all that the run wrote, or may have written. */
function schemesIn({ changes, open }: Run): ReadonlySet<Scheme> {
  const documents = [...changes, ...open].flatMap(({ before, after }) =>
    [before ?? [], after ?? []].flat(),
  );
  return schemesOf(documents.map(({ endpoint }) => ({ endpointUrl: endpoint })));
}

function chooseRun(
  runs: readonly RunSummary[],
  path: string,
  { run: wanted, audit: { environment } }: RollbackOptions,
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

/** What came of writes that the records leave open, by what is live now. */
function lookUp(
  open: readonly OpenIntent[],
  live: readonly LiveWebhook[],
): { readonly changes: readonly RunChange[]; readonly unclear: ReadonlyMap<string, string> } {
  const changes: RunChange[] = [];
  const unclear = new Map<string, string>();
  for (const intent of open) {
    const { operation: action, webhookId, group, before, after } = intent;
    const found =
      webhookId === null ? findCreated(intent, live) : (live.find(({ id }) => id === webhookId) ?? null);
    const seen = judgeWrite({ ...intent, action }, found, "that all is said");
    if (seen.state === "done" && seen.webhookId !== null)
      changes.push({ webhookId: seen.webhookId, group, before, after });
    if (seen.state === "changed") {
      const name = (after ?? before)?.name ?? "";
      unclear.set(group, `what came of the run's ${action} of "${name}" cannot be told: ${seen.how}`);
    }
  }
  return { changes, unclear };
}

/** Invalid manifests keep nobody from going back to where they were valid. */
async function readFreezes(
  source: DesiredSource,
  { files }: Pick<PassPorts, "files">,
): Promise<Pick<InvertOptions, "freezes"> & { readonly unread: readonly Diagnostic[] }> {
  const desired = await readDesired(source, files);
  if (desired.ok) {
    const frozen = desired.value.flatMap(({ group, freeze }) =>
      freeze === null ? [] : [[group, freeze] as const],
    );
    return { freezes: new Map(frozen), unread: [] };
  }
  const [first] = desired.diagnostics.filter(({ severity }) => severity === "error");
  if (!first || first.code === "folder/missing") return { freezes: new Map(), unread: [] };
  const message = `the manifests of today are invalid, so which groups they freeze is not known: ${first.message}`;
  const hint = "where a group is frozen, mend them first: `reconcile validate` shows each fault";
  const { file, line, column } = first;
  const unread = {
    ...{ severity: "warning" as const, code: "rollback/freezesUnknown", message, hint },
    ...{ file, line, column },
  };
  return { freezes: new Map(), unread: [unread] };
}

function nothingToDo({ runId }: Run): Diagnostic {
  const message = `run ${runId} changed nothing that could be taken back`;
  return { severity: "warning", code: "rollback/nothing", message, hint: null, ...nowhere };
}

function noTrail(path: string): ReconcileError {
  const hint =
    "the trail of a run is on the machine that ran it: for one of CI's, pass its copy with --audit FILE";
  return new ReconcileError("audit/missing", `there is no audit trail at ${path}`, { hint });
}

/**
 * A run of its own in the trail, and so itself to be taken back. `commit`: of the manifests that the platform is then
 * as; null where it is not known. Throws ReconcileError `audit/…` where nothing can be recorded.
 */
export async function applyRollback(
  { run, plan, driver, live, open, hidden, late }: Rollback,
  {
    options,
    ports,
    commit,
  }: {
    readonly options: RollbackOptions;
    readonly ports: PassPorts;
    readonly commit: string | null;
  },
): Promise<Result> {
  const base = { dryRun: options.dryRun, runId: ports.runId };
  if (options.dryRun || !isWork(plan)) {
    const diagnostics = describeOpen(open, false);
    return makeResult(plan, { ...base, traffic: ports.traffic(), diagnostics });
  }
  const provenance: PassPorts["provenance"] = async () => ({ ...(await ports.provenance()), commit });
  const desired = plan.groups.filter(({ group }) => run.sources.has(group));
  const applied = await applyOnRecord(
    { plan, desired, driver, live, open, hidden, late, replan: null },
    { options, ports: { ...ports, provenance }, runId: base.runId, rollbackOf: run.runId },
  );
  const diagnostics = [...describeOpen(open, true), ...applied.diagnostics];
  return makeResult(applied.plan, { ...base, traffic: ports.traffic(), diagnostics });
}

/** Where something else keeps it from being applied. */
export function refuseRollback(
  diagnostics: readonly Diagnostic[],
  options: RollbackOptions,
  ports: PassPorts,
): Result {
  return makeResult(emptyPlan, {
    dryRun: options.dryRun,
    runId: ports.runId,
    traffic: ports.traffic(),
    diagnostics,
  });
}
