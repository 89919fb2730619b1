// `reconcile sync` and `reconcile plan`: runs one pass, reports its result, and saves the plan for `--out`.
import { makeProgress } from "../../app/progress.ts";
import { runOnce, type Made } from "../../app/run-once.ts";
import type { PassFlags } from "../../app/pass-settings.ts";
import type { World } from "../../app/world.ts";
import { writeSavedPlan } from "../../apply/saved-plan-file.ts";
import { plain } from "../../lib/plain.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../../model/errors.ts";
import type { Result } from "../../model/result.ts";
import type { SavedPlan } from "../../model/saved-plan.ts";
import { makeFingerprints } from "../../plan/fingerprints.ts";
import { reportRun } from "../../report/report.ts";

/** Returns the exit status. */
export async function runPass(flags: PassFlags, world: World): Promise<number> {
  const around = { task: "sync", flags, world, progress: makeProgress(world, flags.progress) };
  let made: Made | null = null;
  const result = await runOnce(flags, around, (plan) => {
    made = plan;
  });
  if (flags.out === undefined) return reportRun(result, flags, world);
  const { note, planFile, diagnostics } = await save(made, result, { path: flags.out, flags, world });
  const shown = { ...result, diagnostics: [...result.diagnostics, ...diagnostics] };
  const outcome = { ...shown, ok: result.ok && diagnostics.length === 0 };
  const status = await reportRun(outcome, { ...flags, planFile }, world);
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
  made: Made | null,
  result: Result,
  { path, flags, world }: { readonly path: string; readonly flags: PassFlags; readonly world: World },
): Promise<SaveReport> {
  if (!made) return { note: `No plan was saved to ${path}: this pass made none`, diagnostics: [] };
  try {
    await writeSavedPlan(path, describe(made, result, world.version), world.files);
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

function describe(made: Made, { runId }: Result, version: string): SavedPlan {
  const { plan, desired, live, options } = made;
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
    plan,
  };
}
