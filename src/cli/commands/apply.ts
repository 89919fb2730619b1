// `reconcile apply`: reads a saved plan, then applies it unchanged.
import { applySavedPlan } from "../../app/apply-saved-plan.ts";
import { readSavedPlan } from "../../apply/saved-plan-file.ts";
import { nowhere, type Diagnostic } from "../../model/diagnostic.ts";
import type { SavedPlan } from "../../model/saved-plan.ts";
import { makeResult } from "../../model/result.ts";
import { reportRun } from "../../report/report.ts";
import { judgeOlder } from "../../app/find-older.ts";
import { desiredSource, readSettings, type RunFlags } from "../../app/pass-settings.ts";
import { recordOptions } from "../../app/run-options.ts";
import { notifyOfRun } from "../../app/notifying.ts";
import { makeProgress } from "../../app/progress.ts";
import { runSession } from "../../app/session.ts";
import type { World } from "../../app/world.ts";

/** Returns the exit status. Throws ReconcileError when the file is not a saved plan. */
export async function runApply(file: string, flags: RunFlags, world: World): Promise<number> {
  const saved = await readSavedPlan(file, world.files);
  const misdirected = findMisdirected(file, saved, flags);
  const settings = misdirected
    ? ({ ok: false, diagnostics: [misdirected], notifying: null } as const)
    : await readSettings({ ...flags, notifies: true }, world);
  const source = { task: "apply", flags, world, progress: makeProgress(world, flags.progress) };
  const { facts, ending } = await runSession(settings, source, (ports, here) => {
    const { owner, limits, maxDeletePercent } = here.settings.config;
    const options = {
      ...recordOptions(here.settings, flags, here.environment),
      file,
      olderCommit: judgeOlder(here.settings.store, flags),
      desired: desiredSource(here.settings, flags),
      plan: { kinds: here.settings.kinds, owner, limits, maxDeletePercent },
    };
    return applySavedPlan(saved, options, ports);
  });
  // A saved plan holds the groups that it was made for.
  const scope = { task: "apply", isPart: true, named: [] } as const;
  const result = await notifyOfRun(makeResult(facts, ending), settings.notifying, { scope, world });
  return reportRun(result, flags, world);
}

/**
 * Returns the error if the plan was made for the sandbox and is applied without it, or the other way round; else null. It
 * comes before the settings, because a user of the sandbox need not have the credentials that they ask for.
 */
function findMisdirected(file: string, saved: SavedPlan, flags: RunFlags): Diagnostic | null {
  const wasSandbox = saved.environment === "sandbox";
  if (wasSandbox === (flags.sandbox === true)) return null;
  const [its, here] = wasSandbox ? ["with", "without"] : ["without", "with"];
  const command = `reconcile apply ${file}${wasSandbox ? " --sandbox" : ""}`;
  return {
    ...{ severity: "error", code: "plan/otherTarget" },
    message: `${file} was made ${its} --sandbox, and this apply is ${here} it`,
    hint: `run \`${command}\`, or make a new plan ${here} --sandbox`,
    ...nowhere,
  };
}
