// `reconcile apply`: reads a saved plan, then applies it unchanged.
import { applySavedPlan } from "../../app/apply-saved-plan.ts";
import { readSavedPlan } from "../../apply/saved-plan-file.ts";
import { makeResult } from "../../model/result.ts";
import { reportRun } from "../../report/report.ts";
import { desiredSource, readSettings, recordOptions, type RunFlags } from "../../app/pass-settings.ts";
import { makeProgress } from "../../app/progress.ts";
import { runSession } from "../../app/session.ts";
import type { World } from "../../app/world.ts";

/** Returns the exit status. Throws ReconcileError when the file is not a saved plan. */
export async function runApply(file: string, flags: RunFlags, world: World): Promise<number> {
  const saved = await readSavedPlan(file, world.files);
  const settings = await readSettings(flags, world);
  const source = { task: "apply", flags, world, progress: makeProgress(world, flags.progress) };
  const { facts, ending } = await runSession(settings, source, (ports, here) => {
    const { owner, limits, maxDeletePercent } = here.settings.config;
    const options = {
      ...recordOptions(here.settings, flags, here.environment),
      file,
      desired: desiredSource(here.settings, flags),
      plan: { kinds: world.kinds, owner, limits, maxDeletePercent },
    };
    return applySavedPlan(saved, options, ports);
  });
  return reportRun(makeResult(facts, ending), flags, world);
}
