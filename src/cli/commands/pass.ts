// `reconcile sync` and `reconcile plan`: settings, one pass, its result.
import { pass } from "../../pass.ts";
import { hasChanges } from "../../model/result.ts";
import { report } from "../output/report.ts";
import { showText } from "../output/text.ts";
import { passOptions, readSettings, type PassFlags } from "../pass-settings.ts";
import { makeProgress } from "../progress.ts";
import { refuse, runSession } from "../session.ts";
import type { World } from "../world.ts";

/** The exit status. */
export async function runPass(flags: PassFlags, world: World): Promise<number> {
  const settings = await readSettings(flags, world);
  const around = { flags, world, progress: makeProgress(world, flags.progress) };
  const result = settings.ok
    ? await runSession(
        { ...settings.value, warnings: settings.diagnostics },
        around,
        (ports, environment) => pass(passOptions(settings.value, flags, environment), ports),
      )
    : refuse(settings.diagnostics, around);
  const style = { colours: world.stdout.colours, verbose: flags.verbose === true };
  const isPlanned = result.ok || result.groups.length + result.orphans.length > 0;
  const text = isPlanned ? showText(result, style) : null;
  const status = await report(result, { output: flags.output, text }, world);
  return status === 0 && flags.detailedExitcode && hasChanges(result) ? 2 : status;
}
