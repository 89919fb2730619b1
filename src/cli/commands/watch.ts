// `reconcile watch`: the daemon with all that it hangs on: its lease, what triggers it, its HTTP, its log.
import { readRecent } from "../../audit/recent.ts";
import { makeBroadcast } from "../../daemon/broadcast.ts";
import { dashboard } from "../../daemon/dashboard/generated/page.js";
import { makeDoor } from "../../daemon/door.ts";
import { makeFigures } from "../../daemon/figures.ts";
import { shownJson } from "../../daemon/hide-queries.ts";
import { makeApp } from "../../daemon/server.ts";
import { makeDaemon, type Daemon } from "../../daemon/watch.ts";
import type { DaemonView } from "../../daemon/view.ts";
import type { Config } from "../../model/config.ts";
import type { Log } from "../../model/deps.ts";
import { errorText } from "../../model/errors.ts";
import { makeDaemonPass } from "../../daemon/daemon-pass.ts";
import { requireConfig, statePaths, type SettingsFlags } from "../../app/pass-settings.ts";
import { withLease } from "../../app/state-directory.ts";
import type { Address, World } from "../../app/world.ts";
import type { GitPlace } from "../../git/git-source.ts";

export interface WatchFlags extends SettingsFlags {
  readonly listen: Address;
  /** Where the manifests come from, if not from the disk. */
  readonly git?: GitPlace;
  readonly interval: number;
  readonly debounce: number;
  readonly logFormat: "text" | "json";
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

/** So long a write in flight may take once the daemon is to end: whoever stops it waits 10 s, and then kills it. */
const graceMs = 9_000;

/** The exit status: 0 once it is stopped. Throws ReconcileError where it cannot start. */
export async function runWatch(flags: WatchFlags, world: World): Promise<number> {
  const { clock, random, files, interrupted } = world;
  const door = makeDoor(flags.listen.host, world.environment["RECONCILE_HTTP_TOKEN"]);
  const config = await requireConfig(flags.config, files);
  const paths = statePaths(config, flags.sandbox === true);
  const log = await world.openLog({ level: flags.logLevel, format: flags.logFormat });
  const figures = makeFigures(world.version, () => clock.now());
  const daemonPass = makeDaemonPass(flags, { world, log, figures, paths });
  const daemon = makeDaemon(
    {
      version: world.version,
      kinds: world.kinds,
      mode: flags.dryRun ? "report" : "apply",
      intervalMs: flags.interval,
      debounceMs: flags.debounce,
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
    door,
    page: dashboard,
    clock,
    broadcast,
    view: daemon.view,
    shown: daemon.shown,
    pull: daemon.pull,
    figures: figures.show,
    readRecords: (after, limit) => readRecent(files, paths.trail, { after, limit }),
    stopped: interrupted,
  });
  const http = await world.service.listen(fetch, flags.listen);
  log("info", `listening on ${http.url}`);
  interrupted.addEventListener("abort", () => {
    log("info", "stopping: finishing the writes in flight (once more ends at once)");
  });
  const quiet = watchFor(daemon, { flags, config, world, log });
  try {
    await Promise.race([keepAtWork(daemon, world, log), lateAfter(interrupted, world)]);
  } finally {
    await Promise.all([quiet(), http.close()]);
  }
  log("info", "stopped");
  return 0;
}

interface Around {
  readonly flags: WatchFlags;
  readonly config: Config;
  readonly world: World;
  readonly log: Log;
}

/** What asks for a pass from outside. Returns what ends it. */
function watchFor(daemon: Daemon, { flags, config, world, log }: Around): () => Promise<void> {
  const manifests = flags.manifests ?? config.manifests;
  const desired = [manifests, ...(config.catalog === null ? [] : [config.catalog])];
  const paths = [...(flags.git ? [] : desired), config.file, ".env"];
  const watched = world.service.watchPaths(
    paths,
    () => {
      daemon.pull("files");
    },
    (error) => {
      const advice = "changes of the manifests are seen at the next interval only";
      log("warn", `the folder cannot be watched: ${errorText(error)}; ${advice}`);
    },
  );
  const end = world.service.onHangup(() => {
    daemon.pull("signal");
  });
  return async () => {
    end();
    await watched.close();
  };
}

/** One daemon a state directory: who comes later stands by until the one at work has ended. */
async function keepAtWork(daemon: Daemon, world: World, log: Log): Promise<void> {
  const onWait = (holder: DaemonView["holder"]): void => {
    daemon.standBy(holder);
    const who = holder ? `process ${holder.pid} on ${holder.host} is at work` : "another one is at work";
    log("info", `on standby: ${who}`);
  };
  while (!world.interrupted.aborted) {
    await withLease(world, onWait, async (stopped) => {
      log("info", "at work");
      await daemon.run(stopped);
      if (!world.interrupted.aborted) log("warn", "another daemon took over: on standby again");
    });
  }
}

/** What is still under way then is closed by the next pass, which looks what became of it. */
async function lateAfter(interrupted: AbortSignal, { clock }: World): Promise<void> {
  await new Promise<void>((resolve) => {
    if (interrupted.aborted) resolve();
    interrupted.addEventListener("abort", () => {
      resolve();
    });
  });
  await clock.sleep(graceMs);
}
