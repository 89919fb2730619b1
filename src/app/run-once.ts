// One pass with all that it takes: settings, base revision, session.
import { makeResult, type Ending, type Result } from "../model/result.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { readBase } from "./open-base.ts";
import { pass, type MadePlan, type PassOptions } from "./pass.ts";
import { passOptions, readSettings, type SettingsFlags } from "./pass-settings.ts";
import { refuse, runSession, type Around, type Ended } from "./session.ts";

export interface Made extends MadePlan {
  readonly options: PassOptions;
  readonly runId: string;
}

type SavePlan = (made: Made) => Promise<readonly Diagnostic[]>;

/** One pass with the settings as they are now. Throws ReconcileError `env/unreadable`. */
export async function runOnce(flags: SettingsFlags, around: Around, savePlan?: SavePlan): Promise<Result> {
  const { facts, ending } = await runPass(flags, around, savePlan);
  return makeResult(facts, ending);
}

async function runPass(
  flags: SettingsFlags,
  around: Around,
  savePlan: SavePlan | undefined,
): Promise<Ended<Ending>> {
  const settings = await readSettings(flags, around.world);
  if (!settings.ok) return refuse(settings.diagnostics, around);
  const base = await readBase(flags, settings.value, around.world);
  if (!base.ok) return refuse([...settings.diagnostics, ...base.diagnostics], around);
  return runSession(settings, around, (ports, here) => {
    const options = { ...passOptions(here.settings, flags, here.environment), base: base.value };
    const { runId } = ports;
    const saving = savePlan && { savePlan: (made: MadePlan) => savePlan({ ...made, options, runId }) };
    return pass(options, { ...ports, ...saving });
  });
}
