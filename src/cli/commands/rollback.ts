// `reconcile rollback`: shows or applies the inverse of a run, and warns that Git has to follow, or makes it follow.
import { makeEndpointMatcher } from "../../manifest/rules/allowed-hosts.ts";
import { hasErrors } from "../../model/diagnostic.ts";
import type { Operation } from "../../model/plan.ts";
import type { Result } from "../../model/result.ts";
import type { PassPorts } from "../../app/pass.ts";
import { applyRollback, planRollback, refuseRollback, type RollbackOptions } from "../../app/rollback.ts";
import { checkManifests, describeGit, findManifests, writeManifests } from "../../app/manifests-of-run.ts";
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
  /** The path of another machine's trail. */
  readonly audit?: string;
  readonly writeManifests?: true;
}

/** Returns the exit status. */
export async function runRollback(flags: RollbackFlags, world: World): Promise<number> {
  const settings = await readSettings(flags, world);
  const around = { task: "rollback", flags, world, progress: makeProgress(world, flags.progress) };
  if (!settings.ok) return reportRun(refuse(settings.diagnostics, around), flags, world);
  const result = await runSession(
    { ...settings.value, warnings: settings.diagnostics },
    around,
    (ports, environment) => {
      const options = rollbackOptions(settings.value, flags, environment);
      const folder = flags.manifests ?? settings.value.config.manifests;
      return rollBack(options, ports, { world, folder, writes: flags.writeManifests === true });
    },
  );
  return reportRun(result, flags, world);
}

async function rollBack(
  options: RollbackOptions,
  ports: PassPorts,
  git: { readonly world: World; readonly folder: string; readonly writes: boolean },
): Promise<Result> {
  const rollback = await planRollback(options, ports);
  const { run, plan, diagnostics } = rollback;
  const tree = await git.world.workingTree();
  const manifests = await findManifests(run, plan, tree);
  const unwritable = git.writes ? await checkManifests(manifests, git.folder, tree) : [];
  if (hasErrors(unwritable)) return refuseRollback([...diagnostics, ...unwritable], options, ports);
  const { commit } = manifests;
  const result = await applyRollback(rollback, { options, ports, commit });
  const isDone = git.writes && !options.dryRun;
  const aboutGit = isDone
    ? await writeManifests(manifests, result.operations, tree)
    : [describeGit(run, manifests, git.writes)];
  const hasNoEffect = result.operations.length > 0 && result.operations.every(wasNotApplied);
  const all = [...diagnostics, ...result.diagnostics, ...(run.hasChanged && !hasNoEffect ? aboutGit : [])];
  return { ...result, ok: result.ok && !hasErrors(all), diagnostics: all };
}

function wasNotApplied({ status }: Operation): boolean {
  return status === "skipped" || status === "failed";
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
