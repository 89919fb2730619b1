// Runs one pass with everything that it needs: the settings, the base revision and a session.
import { makeResult, type Ending, type Result } from "../model/result.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { openBase } from "./open-base.ts";
import { pass, type MadePlan, type PassOptions } from "./pass.ts";
import { passOptions, readSettings, type SettingsFlags } from "./pass-settings.ts";
import { refuse, runSession, type SessionSource, type EndedSession } from "./session.ts";

export interface UnsavedPlan extends MadePlan {
  readonly options: PassOptions;
  readonly runId: string;
}

type SavePlan = (made: UnsavedPlan) => Promise<readonly Diagnostic[]>;

/** Runs one pass with the current settings. Throws ReconcileError `env/unreadable`. */
export async function runOnce(
  flags: SettingsFlags,
  source: SessionSource,
  savePlan?: SavePlan,
): Promise<Result> {
  const { facts, ending } = await runPass(flags, source, savePlan);
  return makeResult(facts, ending);
}

async function runPass(
  flags: SettingsFlags,
  source: SessionSource,
  savePlan: SavePlan | undefined,
): Promise<EndedSession<Ending>> {
  const settings = await readSettings(flags, source.world);
  if (!settings.ok) return refuse(settings.diagnostics, source);
  const base = await openBase(flags, settings.value, source.world);
  if (!base.ok) return refuse([...settings.diagnostics, ...base.diagnostics], source);
  return runSession(settings, source, (ports, here) => {
    const options = { ...passOptions(here.settings, flags, here.environment), base: base.value };
    const { runId } = ports;
    const saving = savePlan && { savePlan: (made: MadePlan) => savePlan({ ...made, options, runId }) };
    return pass(options, { ...ports, ...saving });
  });
}
