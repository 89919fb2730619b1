// `reconcile rollback`: shows or applies the inverse of a run.
import { makeEndpointMatcher } from "../../manifest/rules/allowed-hosts.ts";
import { makeResult } from "../../model/result.ts";
import { rollBack, type RollbackOptions } from "../../app/rollback.ts";
import { reportRun } from "../../report/report.ts";
import { desiredSource, readSettings, recordOptions, type RunFlags } from "../../app/pass-settings.ts";
import { makeProgress } from "../../app/progress.ts";
import { runSession, type SessionContext } from "../../app/session.ts";
import type { World } from "../../app/world.ts";

export interface RollbackFlags extends RunFlags {
  readonly dryRun?: true;
  /** The beginning of a run's id; absent with --last. */
  readonly run?: string;
  readonly force?: true;
  readonly allowDeletes?: true;
  /** The path of another machine's trail. */
  readonly audit?: string;
  readonly writeManifests?: true;
}

/** Returns the exit status. */
export async function runRollback(flags: RollbackFlags, world: World): Promise<number> {
  const settings = await readSettings(flags, world);
  const source = { task: "rollback", flags, world, progress: makeProgress(world, flags.progress) };
  const { facts, ending } = await runSession(settings, source, (ports, here) =>
    rollBack(rollbackOptions(here, flags), ports, {
      workingTree: world.workingTree,
      folder: flags.manifests ?? here.settings.config.manifests,
      writes: flags.writeManifests === true,
    }),
  );
  return reportRun(makeResult(facts, ending), flags, world);
}

function rollbackOptions({ settings, environment }: SessionContext, flags: RollbackFlags): RollbackOptions {
  const { kinds } = settings;
  const { owner, maxDeletePercent, allowedEndpointHosts, limits } = settings.config;
  const isAllowed = makeEndpointMatcher(allowedEndpointHosts, kinds);
  return {
    ...recordOptions(settings, flags, environment),
    dryRun: flags.dryRun === true,
    run: flags.run ?? null,
    trail: flags.audit ?? null,
    desired: { ...desiredSource(settings, flags), allowEmpty: true },
    plan: {
      ...{ kinds, owner, maxDeletePercent, isAllowed, limits },
      force: flags.force === true,
      allowDeletes: flags.allowDeletes === true,
    },
  };
}
