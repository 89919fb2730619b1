// `reconcile rollback`: the inverse of a run, shown or applied.
import { makeEndpointMatcher } from "../../manifest/rules/allowed-hosts.ts";
import { makeResult } from "../../model/result.ts";
import { rollBack, type RollbackOptions } from "../../app/rollback.ts";
import { reportRun } from "../../report/report.ts";
import {
  desiredSource,
  readSettings,
  recordOptions,
  type RunFlags,
  type Settings,
} from "../../app/pass-settings.ts";
import { makeProgress } from "../../app/progress.ts";
import { refuse, runSession } from "../../app/session.ts";
import type { World } from "../../app/world.ts";

export interface RollbackFlags extends RunFlags {
  readonly dryRun?: true;
  /** The beginning of a run's id; absent with --last. */
  readonly run?: string;
  readonly force?: true;
  readonly allowDeletes?: true;
  /** A trail from elsewhere. */
  readonly audit?: string;
  readonly writeManifests?: true;
}

/** The exit status. */
export async function runRollback(flags: RollbackFlags, world: World): Promise<number> {
  const settings = await readSettings(flags, world);
  const around = { task: "rollback", flags, world, progress: makeProgress(world, flags.progress) };
  const { facts, ending } = settings.ok
    ? await runSession(
        { ...settings.value, warnings: settings.diagnostics },
        around,
        (ports, environment) =>
          rollBack(rollbackOptions(settings.value, flags, environment), ports, {
            workingTree: world.workingTree,
            folder: flags.manifests ?? settings.value.config.manifests,
            writes: flags.writeManifests === true,
          }),
      )
    : refuse(settings.diagnostics, around);
  return reportRun(makeResult(facts, ending), flags, world);
}

function rollbackOptions(settings: Settings, flags: RollbackFlags, environment: string): RollbackOptions {
  const { owner, maxDeletePercent, allowedEndpointHosts, limits } = settings.config;
  const isAllowed = makeEndpointMatcher(allowedEndpointHosts);
  return {
    ...recordOptions(settings, flags, environment),
    dryRun: flags.dryRun === true,
    run: flags.run ?? null,
    trail: flags.audit ?? null,
    desired: { ...desiredSource(settings, flags), allowEmpty: true },
    plan: {
      ...{ owner, maxDeletePercent, isAllowed, limits },
      force: flags.force === true,
      allowDeletes: flags.allowDeletes === true,
    },
  };
}
