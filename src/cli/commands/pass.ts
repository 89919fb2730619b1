// `reconcile sync` and `reconcile plan`: runs one pass, reports its result, and saves the plan for `--out`.
import { makeProgress } from "../../app/progress.ts";
import { runOnce, type UnsavedPlan } from "../../app/run-once.ts";
import type { PassFlags } from "../../app/pass-settings.ts";
import type { World } from "../../app/world.ts";
import { writeSavedPlan } from "../../apply/saved-plan-file.ts";
import { plain } from "../../lib/plain.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../../model/errors.ts";
import { tellPlan } from "../../model/plan.ts";
import type { SavedPlan } from "../../model/saved-plan.ts";
import { makeFingerprints } from "../../plan/fingerprints.ts";
import { reportRun } from "../../report/report.ts";

/** Returns the exit status. */
export async function runPass(flags: PassFlags, world: World): Promise<number> {
  const source = { task: "sync", flags, world, progress: makeProgress(world, flags.progress) };
  const { out: path } = flags;
  if (path === undefined) return reportRun(await runOnce(flags, source), flags, world);
  let saved: SaveReport = { note: `No plan was saved to ${path}: this pass made none`, diagnostics: [] };
  const result = await runOnce(flags, source, async (made) => {
    saved = await save(made, { path, flags, world });
    return saved.diagnostics;
  });
  const { note, planFile } = saved;
  const status = await reportRun(result, { ...flags, planFile }, world);
  world.stderr.write(`${plain(note)}\n`);
  return status;
}

interface SaveReport {
  /** One line that tells whether the plan was saved. */
  readonly note: string;
  /** Undefined when no file was written. */
  readonly planFile?: string;
  readonly diagnostics: readonly Diagnostic[];
}

async function save(
  made: UnsavedPlan,
  { path, flags, world }: { readonly path: string; readonly flags: PassFlags; readonly world: World },
): Promise<SaveReport> {
  try {
    await writeSavedPlan(path, toSavedPlan(made, world.version), world.files);
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return { note: `No plan was saved to ${path}`, diagnostics: [diagnosticOf(error)] };
  }
  const words = [
    ...["reconcile apply", path],
    ...(flags.config === undefined ? [] : ["--config", flags.config]),
    ...(flags.manifests === undefined ? [] : ["--manifests", flags.manifests]),
    ...(flags.sandbox ? ["--sandbox"] : []),
  ];
  return {
    note: `Saved to ${path}: \`${words.join(" ")}\` applies exactly this plan, once`,
    planFile: path,
    diagnostics: [],
  };
}

function toSavedPlan(made: UnsavedPlan, version: string): SavedPlan {
  const { plan, desired, live, options, runId } = made;
  const { prune, adopt, allowDeletes, createOnly, owner } = options.plan;
  return {
    formatVersion: 1,
    kind: "ReconcilePlan",
    madeBy: version,
    environment: options.audit.environment,
    owner,
    runId,
    overrides: {
      ...{ prune, adopt, allowDeletes, createOnly, allowEmpty: options.desired.allowEmpty },
      groups: options.selection.groups,
      selector: options.selection.labels,
    },
    fingerprints: makeFingerprints(plan, desired, live),
    plan: tellPlan(plan),
  };
}
