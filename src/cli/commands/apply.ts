// `reconcile apply`: reads a saved plan, then applies it unchanged.
import { applySavedPlan } from "../../app/apply-saved-plan.ts";
import { readSavedPlan } from "../../apply/saved-plan-file.ts";
import { reportRun } from "../../report/report.ts";
import { desiredSource, readSettings, recordOptions, type RunFlags } from "../../app/pass-settings.ts";
import { makeProgress } from "../../app/progress.ts";
import { refuse, runSession } from "../../app/session.ts";
import type { World } from "../../app/world.ts";

/** Returns the exit status. Throws ReconcileError when the file is not a saved plan. */
export async function runApply(file: string, flags: RunFlags, world: World): Promise<number> {
  const saved = await readSavedPlan(file, world.files);
  const settings = await readSettings(flags, world);
  const around = { task: "apply", flags, world, progress: makeProgress(world, flags.progress) };
  if (!settings.ok) return reportRun(refuse(settings.diagnostics, around), flags, world);
  const { owner, limits, maxDeletePercent } = settings.value.config;
  const result = await runSession(
    { ...settings.value, warnings: settings.diagnostics },
    around,
    (ports, environment) => {
      const options = {
        ...recordOptions(settings.value, flags, environment),
        file,
        desired: desiredSource(settings.value, flags),
        plan: { owner, limits, maxDeletePercent },
      };
      return applySavedPlan(saved, options, ports);
    },
  );
  return reportRun(result, flags, world);
}
