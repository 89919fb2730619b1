// What a pass works by: the platform behind its drivers, the disk, the clock, a log. Each port is named here, so that
// nothing else of the process, such as its environment variables or the credentials, is within a pass's reach.
import { makeApi, type MadeRequest } from "../genesys/client/api.ts";
import { logRequests } from "../genesys/client/log-requests.ts";
import type { TokenMemory } from "../genesys/client/token.ts";
import type { Driver } from "../genesys/driver.ts";
import { joinDrivers, type Drivers } from "../genesys/drivers.ts";
import { makeEventBridgeDriver } from "../genesys/eventbridge.ts";
import { readTopics } from "../genesys/topics.ts";
import { makeTriggersDriver } from "../genesys/triggers.ts";
import { makeWebhooksDriver } from "../genesys/webhooks.ts";
import { plain, plainLines } from "../lib/plain.ts";
import type { Log } from "../model/deps.ts";
import type { ReconcileError } from "../model/errors.ts";
import type { Traffic } from "../model/result.ts";
import type { Topic } from "../model/topic.ts";
import type { PassPorts } from "./pass.ts";
import type { PassFlags, Settings } from "./pass-settings.ts";
import type { Progress } from "./progress.ts";
import type { Platform } from "./settings.ts";
import type { Held } from "./state-directory.ts";
import type { World } from "./world.ts";
import type { Revision } from "../git/revision-files.ts";

export interface SessionPorts extends PassPorts {
  readonly readTopics: () => Promise<readonly Topic[]>;
}

/** What the ports are made from. */
export interface PortsSource {
  readonly flags: Pick<PassFlags, "dryRun" | "deadline" | "verbose" | "manifests">;
  readonly world: World;
  readonly progress: Progress;
  /** Of a daemon, which runs many sessions. */
  readonly tokenMemory?: TokenMemory;
  /** Called after each request to the platform. */
  readonly onRequest?: (request: MadeRequest) => void;
  /** Where the manifests come from, if not from the disk. */
  readonly revision?: Revision;
  /** Absent of a dry run, which writes nothing. */
  readonly mayWrite?: Held["mayWrite"];
}

export interface Where {
  readonly settings: Settings;
  readonly platform: Platform;
}

export async function makePorts(
  { settings, platform }: Where,
  source: PortsSource & { readonly runId: string },
): Promise<{ readonly ports: SessionPorts; readonly traffic: () => Traffic }> {
  const { flags, world, progress, revision, runId } = source;
  const { clock, random, files, interrupted } = world;
  const open = await world.openLog({ level: flags.verbose ? "debug" : "warn", format: "short" });
  const log: Log = (level, message, fields) => {
    open(level, message, { runId, ...fields });
  };
  const logRequest = logRequests(log);
  const api = makeApi({
    send: world.openSend(platform.proxies),
    clock,
    random,
    apiUrl: platform.apiUrl,
    tokenUrl: platform.tokenUrl,
    credentials: platform.credentials,
    rateShare: settings.config.rateShare,
    readOnly: flags.dryRun === true,
    interrupted,
    tokenMemory: source.tokenMemory,
    onRequest: (request) => {
      logRequest(request);
      source.onRequest?.(request);
    },
  });
  const onWait = (words: string): void => {
    progress.show(plain(`waiting: ${words}`), 0, 0);
  };
  const drivers: Drivers = {
    "https:": makeWebhooksDriver(api),
    "eventbridge:": makeEventBridgeDriver({ api, clock, random, interrupted, onWait }),
    "workflow:": makeTriggersDriver(api),
  };
  const owners = new Map<string, Driver>();
  const ports: SessionPorts = {
    clock,
    random,
    files,
    interrupted,
    log,
    runId,
    driverOf: (schemes) => joinDrivers(drivers, schemes, owners),
    readTopics: () => readTopics(api),
    mayWrite: source.mayWrite ?? (() => Promise.resolve(false)),
    ...(revision ? { manifestFiles: revision.files } : {}),
    provenance: async () => {
      const here = await world.provenance(flags.manifests ?? settings.config.manifests);
      return revision ? { ...here, commit: revision.commit } : here;
    },
    onProgress: (stage, done, total) => {
      progress.show(stage, done, total);
    },
    onError: (error) => {
      showStack(error, source);
    },
  };
  return { ports, traffic: () => api.traffic() };
}

export function showStack(
  { stack = "" }: ReconcileError,
  { flags, world }: Pick<PortsSource, "flags" | "world">,
): void {
  if (flags.verbose) world.stderr.write(`${plainLines(stack)}\n`);
}
