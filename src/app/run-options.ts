// Makes the options of a pass, and of any run on record, from the settings and the flags.
import type { RecordOptions } from "../apply/on-record.ts";
import { judgeOlder } from "./find-older.ts";
import type { PassOptions } from "./pass.ts";
import { desiredSource, type RunFlags, type Settings, type SettingsFlags } from "./pass-settings.ts";

export function passOptions(settings: Settings, flags: SettingsFlags, environment: string): PassOptions {
  const { config } = settings;
  return {
    ...recordOptions(settings, flags, environment),
    dryRun: flags.dryRun === true,
    keepHealing: flags.keepHealing === true,
    desired: { ...desiredSource(settings, flags), allowEmpty: flags.allowEmpty === true },
    base: null,
    selection: { groups: flags.group ?? null, labels: flags.selector ?? null },
    pruneRemoved: flags.pruneRemoved === true,
    olderCommit: judgeOlder(settings.store, flags),
    plan: {
      kinds: settings.kinds,
      owner: config.owner,
      limits: config.limits,
      prune: flags.prune ?? config.prune,
      adopt: flags.adopt === true,
      ...(flags.adoptFrom === undefined ? {} : { adoptFrom: flags.adoptFrom }),
      allowDeletes: flags.allowDeletes === true,
      createOnly: flags.createOnly === true,
      maxDeletePercent: config.maxDeletePercent,
      explain: flags.explain === true,
    },
  };
}

export function recordOptions(
  settings: Pick<Settings, "config" | "paths" | "auditKeys" | "readAnew" | "growth" | "refusesQueries">,
  { concurrency, acceptHead }: Pick<RunFlags, "concurrency" | "acceptHead">,
  environment: string,
): RecordOptions {
  const { config, paths, auditKeys, readAnew, growth, refusesQueries } = settings;
  const { trail: path, copyOf, kept: keptPath, head: headPath, pending: pendingPath, checkpoint } = paths;
  return {
    concurrency,
    refusesQueries,
    audit: {
      ...{ path, copyOf, keptPath, headPath, pendingPath, ...auditKeys, environment, owner: config.owner },
      ...{ acceptHead: acceptHead ?? null, readAnew, growth, checkpointPath: checkpoint },
    },
  };
}
