// One pass with all that it takes: settings, base revision, session.
import type { Result } from "../model/result.ts";
import { readBase } from "./open-base.ts";
import { pass, type MadePlan, type PassOptions } from "./pass.ts";
import { passOptions, readSettings, type SettingsFlags } from "./pass-settings.ts";
import { refuse, runSession, type Around } from "./session.ts";

export interface Made extends MadePlan {
  readonly options: PassOptions;
}

/** One pass with the settings as they are now. Throws ReconcileError `env/unreadable`. */
export async function runOnce(
  flags: SettingsFlags,
  around: Around,
  onPlan?: (made: Made) => void,
): Promise<Result> {
  const settings = await readSettings(flags, around.world);
  const base = settings.ok ? await readBase(flags, settings.value, around.world) : settings;
  if (!settings.ok) return refuse(settings.diagnostics, around);
  if (!base.ok) return refuse([...settings.diagnostics, ...base.diagnostics], around);
  return runSession({ ...settings.value, warnings: settings.diagnostics }, around, (ports, environment) => {
    const options = { ...passOptions(settings.value, flags, environment), base: base.value };
    return pass(options, {
      ...ports,
      ...(onPlan && {
        onPlan: (plan) => {
          onPlan({ ...plan, options });
        },
      }),
    });
  });
}
