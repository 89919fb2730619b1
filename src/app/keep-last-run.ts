// Keeps what `reconcile status` shows of the last run of this machine.
import { unclaimedCode } from "../audit/describe-unclaimed.ts";
import { keepRun } from "../audit/kept.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { errorText } from "../model/errors.ts";
import type { Organization } from "../model/organization.ts";
import type { Plan } from "../model/plan.ts";
import { isWell, summarise, type RunFacts } from "../model/result.ts";
import type { PassFlags, Settings } from "./pass-settings.ts";
import type { World } from "./world.ts";

interface EndedRun extends Pick<RunFacts, "diagnostics"> {
  /** Null if an error ended the run before it had a result. */
  readonly ending: { readonly runId?: string | undefined; readonly plan?: Plan | null } | null;
}

interface RunContext {
  readonly runId: string;
  /** The command, such as `sync`. */
  readonly task: string;
  readonly flags: Pick<PassFlags, "group" | "selector">;
  readonly world: Pick<World, "clock" | "files" | "processes">;
  readonly organization: Organization | null;
}

/** Returns a warning if the figures could not be written, or if the old file was corrupt. */
export async function keepLastRun(
  { ending, diagnostics }: EndedRun,
  { config, platform, paths }: Pick<Settings, "config" | "platform" | "paths">,
  { task, flags, world, runId: own, organization }: RunContext,
): Promise<readonly Diagnostic[]> {
  const plan = ending?.plan ?? null;
  const [runId, ok, summary] = [ending?.runId ?? own, isWell(plan, diagnostics), summarise(plan)];
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  const finishedAt = new Date(world.clock.now()).toISOString();
  const environment = platform?.environment ?? "sandbox";
  try {
    const ofSelection = flags.group !== undefined || flags.selector !== undefined;
    const { host } = world.processes;
    const run = { runId, task, host, finishedAt, environment, owner: config.owner, organization };
    const unclaimed = diagnostics.find(({ code }) => code === unclaimedCode)?.message;
    const { notice } = await keepRun(
      { ...run, unclaimed, ok, summary, errors, ofSelection },
      world.files,
      paths,
    );
    return notice === null ? [] : [warn("state/corrupt", notice)];
  } catch (error) {
    return [warn("state/unwritable", `the figures of this run are not kept: ${errorText(error)}`)];
  }
}

function warn(code: string, message: string): Diagnostic {
  return { severity: "warning", code, message, hint: null, ...nowhere };
}
