// Runs one pass with everything that it needs: the settings, the base revision and a session. Saves its plan for `--out`.
import { makeResult, type Ending, type Result } from "../model/result.ts";
import { openBase } from "./open-base.ts";
import { pass } from "./pass.ts";
import type { Loaded } from "../model/diagnostic.ts";
import type { Notifying } from "./notifying.ts";
import { readSettings, type Settings, type SettingsFlags } from "./pass-settings.ts";
import { passOptions } from "./run-options.ts";
import { findPathsInRepository } from "./config-paths.ts";
import { makeSavedPlan, savePlan } from "./save-plan.ts";
import { refuse, runSession, type EndedSession, type SessionSource } from "./session.ts";

export interface OnePass {
  readonly result: Result;
  readonly saved: Saved;
  /** Null if the pass tells nobody, or if the config cannot be read. */
  readonly notifying: Notifying | null;
}

/** Whether the plan was saved. A pass without `--out`, and one that ended before it had a plan, saves none: `noPlan`. */
type Saved = "yes" | "failed" | "noPlan";

/** Runs one pass with the current settings. Throws ReconcileError `env/unreadable`. */
export async function runOnce(flags: SettingsFlags, source: SessionSource): Promise<OnePass> {
  const settings = await readSettings({ ...flags, notifies: true }, source.world);
  const { facts, ending } = await runPass(settings, flags, source);
  // A plan that is only shown is no run.
  const notifying = ending?.isUnapproved ? null : settings.notifying;
  return { result: makeResult(facts, ending), saved: ending?.saved ?? "noPlan", notifying };
}

async function runPass(
  read: Loaded<Settings>,
  flags: SettingsFlags,
  source: SessionSource,
): Promise<EndedSession<Ending & Pick<OnePass, "saved">>> {
  if (!read.ok) return refuse(read.diagnostics, source);
  const { config } = read.value;
  const settings = source.revision
    ? { ...read, value: { ...read.value, config: findPathsInRepository(config) } }
    : read;
  const base = await openBase(flags, settings.value, source.world);
  if (!base.ok) return refuse([...settings.diagnostics, ...base.diagnostics], source);
  return runSession(settings, source, async (ports, here) => {
    const options = { ...passOptions(here.settings, flags, here.environment), base: base.value };
    const { made, ...ending } = await pass(options, ports);
    if (flags.out === undefined || made === null) return { ...ending, saved: "noPlan" };
    const { version } = source.world;
    const plan = makeSavedPlan(made, { options, runId: ports.runId, version });
    const unsaved = await savePlan(flags.out, plan, ports.files);
    return {
      ...ending,
      diagnostics: [...ending.diagnostics, ...unsaved],
      saved: unsaved.length === 0 ? "yes" : "failed",
    };
  });
}
