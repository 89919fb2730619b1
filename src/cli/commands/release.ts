// `reconcile release`: takes this owner's marker off the resources of groups, which go on delivering.
import { release, type ReleaseRunOptions } from "../../app/release.ts";
import type { PortsSource } from "../../app/session-ports.ts";
import { desiredSource, readSettings, type RunFlags } from "../../app/pass-settings.ts";
import { recordOptions } from "../../app/run-options.ts";
import { makeProgress } from "../../app/progress.ts";
import { runSession, type SessionContext } from "../../app/session.ts";
import type { World } from "../../app/world.ts";
import type { TokenMemory } from "../../genesys/client/token.ts";
import { makeResult, type Result } from "../../model/result.ts";
import { reportApproved } from "../ask-first.ts";

export interface ReleaseFlags extends RunFlags {
  readonly group: readonly string[];
  readonly dryRun?: true;
  /** Do not ask. */
  readonly yes?: true;
}

/** Returns the exit status. */
export async function runRelease(flags: ReleaseFlags, world: World): Promise<number> {
  const progress = makeProgress(world, flags.progress);
  const tokenMemory: TokenMemory = { known: null };
  const run = async (approves?: PortsSource["approves"]): Promise<Result> => {
    const settings = await readSettings(flags, world);
    const source = { task: "release", flags, world, progress, tokenMemory, ...(approves && { approves }) };
    const { facts, ending } = await runSession(settings, source, (ports, here) =>
      release(releaseOptions(here, flags), ports),
    );
    return makeResult(facts, ending);
  };
  return reportApproved(run, flags, world);
}

function releaseOptions({ settings, environment }: SessionContext, flags: ReleaseFlags): ReleaseRunOptions {
  const { owner, limits } = settings.config;
  return {
    ...recordOptions(settings, flags, environment),
    dryRun: flags.dryRun === true,
    desired: { ...desiredSource(settings, flags), allowEmpty: true },
    plan: { kinds: settings.kinds, owner, limits, groups: flags.group },
  };
}
