// `reconcile watch`: assembles the daemon from its lease, what wakes it, its HTTP server and its log, and runs it.
import { readRecent } from "../../audit/recent.ts";
import { makeBroadcast } from "../../daemon/broadcast.ts";
import { dashboard } from "../../daemon/dashboard/generated/page.js";
import { makeAccess } from "../../daemon/access.ts";
import { makeFigures } from "../../daemon/figures.ts";
import { shownJson } from "../../lib/hide-queries.ts";
import { makeApp } from "../../daemon/server.ts";
import { makeDaemon, type Daemon } from "../../daemon/watch.ts";
import type { DaemonView } from "../../daemon/view.ts";
import { isIgnored } from "../../manifest/is-ignored.ts";
import type { LockHolder } from "../../lib/lock-file.ts";
import type { Config } from "../../model/config.ts";
import type { Log } from "../../model/deps.ts";
import { errorText, type ReconcileError } from "../../model/errors.ts";
import { makeDaemonPass } from "../../daemon/daemon-pass.ts";
import { makeStoreKeeper } from "../../app/keep-store.ts";
import { givenBy, readSecret } from "../../app/read-secret.ts";
import { findDoubts } from "../../app/secret-doubts.ts";
import { readEnvironment } from "../../app/environment.ts";
import { requireConfig, type SettingsFlags } from "../../app/pass-settings.ts";
import { openDaemonState, type HoldLease } from "../../app/daemon-state.ts";
import { unnamed } from "../../model/audit-record.ts";
import type { Address, World } from "../../app/world.ts";
import type { GitPlace } from "../../git/git-source.ts";

export interface WatchFlags extends SettingsFlags {
  readonly listen: Address;
  /** The repository to fetch the manifests from, if they are not on the disk. */
  readonly git?: GitPlace;
  readonly interval: number;
  readonly debounce: number;
  readonly logFormat: "text" | "json";
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

/** A write in flight may take this long after a stop signal: service managers usually kill a process after 10 s. */
const graceMs = 9_000;

/** Returns the exit status: 0 once the daemon is stopped. Throws ReconcileError when it cannot start. */
export async function runWatch(flags: WatchFlags, given: World): Promise<number> {
  const kept = makeStoreKeeper(given.openStore);
  const world = { ...given, openStore: kept.openStore };
  const { clock, random, files, interrupted } = world;
  const token = await readSecret("RECONCILE_HTTP_TOKEN", world.environment, files);
  const access = makeAccess(flags.listen.host, token, givenBy("RECONCILE_HTTP_TOKEN", world.environment));
  const config = await requireConfig(flags, files);
  const log = await world.openLog({ level: flags.logLevel, format: flags.logFormat });
  const environment = await readEnvironment(world.environment, files);
  for (const doubt of await findDoubts(environment, { files, isSandbox: flags.sandbox === true }))
    log("warn", doubt);
  const { hold, isShared, findPaths } = await openDaemonState(config, flags, world);
  const figures = makeFigures(world.version, () => clock.now());
  const daemonPass = makeDaemonPass(flags, { world, log, figures, findPaths });
  const daemon = makeDaemon(
    {
      version: world.version,
      kinds: world.kinds,
      mode: flags.dryRun ? "report" : "apply",
      keepHealing: flags.keepHealing === true && !flags.dryRun,
      intervalMs: flags.interval,
      debounceMs: flags.debounce,
      isShared,
      process: { pid: world.processes.pid, host: world.processes.host },
    },
    {
      clock,
      random,
      ...daemonPass,
      onChange: (view) => {
        figures.setView(view);
        broadcast.changed();
      },
    },
  );
  const broadcast = makeBroadcast(() => shownJson(daemon.view()), clock);
  const { fetch } = makeApp({
    access,
    page: dashboard,
    clock,
    broadcast,
    view: daemon.view,
    results: daemon.results,
    wake: daemon.wake,
    figures: figures.show,
    readRecords: async (after, limit) => {
      const paths = await findPaths();
      return paths ? readRecent(files, paths.trail, { after, limit }) : [];
    },
    stopped: interrupted,
  });
  const http = await world.service.listen(fetch, flags.listen);
  log("info", `listening on ${http.url}`);
  interrupted.addEventListener("abort", () => {
    log("info", "stopping: finishing the writes in flight (interrupt again to end at once)");
  });
  const stopWaking = wakeOnChanges(daemon, { flags, config, world, log });
  try {
    await Promise.race([
      keepAtWork(daemon, hold, { world, log }).finally(kept.close),
      graceAfter(interrupted, world),
    ]);
  } finally {
    await Promise.all([stopWaking(), http.close()]);
  }
  log("info", "stopped");
  return 0;
}

interface AtWork {
  readonly world: World;
  readonly log: Log;
}

interface WakeSources {
  readonly flags: WatchFlags;
  readonly config: Config;
  readonly world: World;
  readonly log: Log;
}

/** Wakes the daemon when a file changes and on SIGHUP. Returns a function that stops this. */
function wakeOnChanges(daemon: Daemon, { flags, config, world, log }: WakeSources): () => Promise<void> {
  const manifests = flags.manifests ?? config.manifests;
  const desired = [manifests, ...(config.catalog === null ? [] : [config.catalog])];
  const paths = [...(flags.git ? [] : desired), config.file, ".env"];
  const watched = world.service.watchPaths(
    { paths, isIgnored: (below) => !flags.git && isIgnored(below, config.ignore) },
    () => {
      daemon.wake("files");
    },
    (error) => {
      const advice = "a changed manifest is noticed only at the next interval";
      log("warn", `the folder cannot be watched: ${errorText(error)}; ${advice}`);
    },
  );
  const stopListening = world.service.onHangup(() => {
    daemon.wake("signal");
  });
  return async () => {
    stopListening();
    await watched.close();
  };
}

/** Only one daemon works on a state: a second one stands by until the first has ended. */
async function keepAtWork(daemon: Daemon, hold: HoldLease, { world, log }: AtWork): Promise<void> {
  let lastAway: string | null = null;
  const onWait = (holder: DaemonView["holder"]): void => {
    lastAway = null;
    daemon.standBy(holder);
    log("info", `on standby: ${holder ? sayAtWork(holder) : "another daemon is at work"}`);
  };
  const onAway = (error: ReconcileError): void => {
    daemon.missStore(error);
    // The store is asked every few seconds.
    const away = errorText(error);
    if (away !== lastAway) log("warn", `waiting for the store of the state: ${away}`);
    lastAway = away;
  };
  while (!world.interrupted.aborted) {
    await hold({ onWait, onAway }, async (stopped) => {
      lastAway = null;
      log("info", "at work");
      await daemon.run(stopped);
      if (!world.interrupted.aborted) log("warn", "the lease was lost; on standby again");
    });
  }
}

function sayAtWork({ pid, host }: LockHolder): string {
  return `process ${pid}${host === unnamed ? "" : ` on ${host}`} is at work`;
}

/** Resolves when the grace time is over. If a write is still in flight then, the next pass finds out its outcome. */
async function graceAfter(interrupted: AbortSignal, { clock }: World): Promise<void> {
  await new Promise<void>((resolve) => {
    if (interrupted.aborted) resolve();
    interrupted.addEventListener("abort", () => {
      resolve();
    });
  });
  await clock.sleep(graceMs);
}
