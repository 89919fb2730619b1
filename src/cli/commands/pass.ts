// `reconcile sync` and `reconcile plan`: settings, one pass, its result.
import { hasPlan, type Result } from "../../model/result.ts";
import { pass } from "../../pass.ts";
import { report } from "../output/report.ts";
import { showText } from "../output/text.ts";
import { passOptions, readSettings, type PassFlags, type SettingsFlags } from "../pass-settings.ts";
import { makeProgress } from "../progress.ts";
import { refuse, runSession, type Around } from "../session.ts";
import type { World } from "../world.ts";

/** One pass with the settings as they are now. Throws ReconcileError `env/unreadable`. */
export async function runOnce(flags: SettingsFlags, around: Around): Promise<Result> {
  const settings = await readSettings(flags, around.world);
  if (!settings.ok) return refuse(settings.diagnostics, around);
  return runSession({ ...settings.value, warnings: settings.diagnostics }, around, (ports, environment) =>
    pass(passOptions(settings.value, flags, environment), ports),
  );
}

/** The exit status. */
export async function runPass(flags: PassFlags, world: World): Promise<number> {
  const result = await runOnce(flags, { flags, world, progress: makeProgress(world, flags.progress) });
  const style = { colours: world.stdout.colours, verbose: flags.verbose === true };
  const text = hasPlan(result) ? showText(result, style) : null;
  const status = await report(result, { output: flags.output, text }, world);
  return status === 0 && flags.detailedExitcode && result.operations.length > 0 ? 2 : status;
}
