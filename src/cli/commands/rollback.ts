// `reconcile rollback`: shows or applies the inverse of a run.
import { makeEndpointMatcher } from "../../manifest/rules/allowed-hosts.ts";
import { makeResult, type Result } from "../../model/result.ts";
import { rollBack, type RollbackOptions } from "../../app/rollback.ts";
import { reportApproved } from "../ask-first.ts";
import type { PortsSource } from "../../app/session-ports.ts";
import type { TokenMemory } from "../../genesys/client/token.ts";
import { desiredSource, readSettings, type RunFlags } from "../../app/pass-settings.ts";
import { recordOptions } from "../../app/run-options.ts";
import { notifyOfRun } from "../../app/notifying.ts";
import { makeProgress } from "../../app/progress.ts";
import { runSession, type SessionContext } from "../../app/session.ts";
import type { World } from "../../app/world.ts";

export interface RollbackFlags extends RunFlags {
  readonly dryRun?: true;
  /** Do not ask. */
  readonly yes?: true;
  /** The beginning of a run's id; absent with --last. */
  readonly run?: string;
  readonly owner?: string;
  /** An organisation's id. */
  readonly organization?: string;
  readonly force?: true;
  readonly allowDeletes?: true;
  /** The path of another machine's trail. */
  readonly audit?: string;
  readonly writeManifests?: true;
}

/** Returns the exit status. */
export async function runRollback(flags: RollbackFlags, world: World): Promise<number> {
  const progress = makeProgress(world, flags.progress);
  const tokenMemory: TokenMemory = { known: null };
  const run = async (approves?: PortsSource["approves"]): Promise<Result> => {
    const settings = await readSettings({ ...flags, notifies: true }, world);
    const source = { task: "rollback", flags, world, progress, tokenMemory, ...(approves && { approves }) };
    const { facts, ending } = await runSession(settings, source, (ports, here) =>
      rollBack(rollbackOptions(here, flags), ports, {
        workingTree: world.workingTree,
        folder: flags.manifests ?? here.settings.config.manifests,
        writes: flags.writeManifests === true,
      }),
    );
    const result = makeResult(facts, ending);
    // A plan that is only shown is no run, and the trail of another machine is not this installation's.
    const isTold = !ending?.isUnapproved && flags.audit === undefined;
    const scope = { task: "rollback", isPart: true, named: [] } as const;
    return notifyOfRun(result, isTold ? settings.notifying : null, { scope, world });
  };
  return reportApproved(run, flags, world);
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
