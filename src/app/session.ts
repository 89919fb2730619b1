// Around a pass: the lock on the state directory, the platform or the sandbox, the deadline, and what is kept of it.
import { setMaxListeners } from "node:events";
import { keepRun } from "../audit/kept.ts";
import { makeApi } from "../genesys/client/api.ts";
import type { TokenMemory } from "../genesys/client/token.ts";
import { readTopics } from "../genesys/topics.ts";
import type { Driver } from "../genesys/driver.ts";
import { joinDrivers, type Drivers } from "../genesys/drivers.ts";
import { makeEventBridgeDriver } from "../genesys/eventbridge.ts";
import { makeTriggersDriver } from "../genesys/triggers.ts";
import { makeWebhooksDriver } from "../genesys/webhooks.ts";
import { count } from "../lib/count.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Log } from "../model/deps.ts";
import { diagnosticOf, errorText, ReconcileError } from "../model/errors.ts";
import { emptyPlan, makeResult, noTraffic, type Result } from "../model/result.ts";
import type { Topic } from "../model/topic.ts";
import type { PassPorts } from "./pass.ts";
import { plain, plainLines } from "../lib/plain.ts";
import type { PassFlags, Settings } from "./pass-settings.ts";
import type { Progress } from "./progress.ts";
import type { Platform } from "./settings.ts";
import { withLock, type Held } from "./state-directory.ts";
import type { World } from "./world.ts";
import type { Revision } from "../git/revision-files.ts";

export interface Around {
  /** What is done, for whoever waits for the lock. */
  readonly task: string;
  readonly flags: Pick<PassFlags, "dryRun" | "deadline" | "verbose" | "manifests">;
  readonly world: World;
  readonly progress: Progress;
  /** Of a daemon, which runs many sessions. */
  readonly tokenMemory?: TokenMemory;
  /** Where the manifests come from, if not from the disk. */
  readonly revision?: Revision;
  /** Absent of a dry run, which writes nothing. */
  readonly mayWrite?: Held["mayWrite"];
}

interface Session extends Around {
  readonly runId: string;
}

export interface SessionPorts extends PassPorts {
  readonly readTopics: () => Promise<readonly Topic[]>;
}

type Action = (ports: SessionPorts, environment: string) => Promise<Result>;

/**
 * Runs a pass, alone on the state directory where it may write. Where the platform or the disk ends it, the result
 * says so. Also of a failed one it says what it was about, and what the settings warned of.
 */
export async function runSession(
  settings: Settings & { readonly warnings: readonly Diagnostic[] },
  given: Around,
  action: Action,
): Promise<Result> {
  const around: Session = { ...given, runId: given.world.random.id() };
  const { task, flags, world, progress } = around;
  const attempt = (run: () => Promise<Result>): Promise<Result> =>
    run().catch((error: unknown) => refuse([describeFailure(error, around)], around));
  const recorded = async ({ interrupted, mayWrite }: Held): Promise<Result> => {
    const inside = { ...around, world: { ...world, interrupted }, mayWrite };
    const result = await attempt(() => runWhere(settings, inside, action));
    return { ...result, diagnostics: [...result.diagnostics, ...(await keep(result, settings, around))] };
  };
  const result = await attempt(() =>
    flags.dryRun ? runWhere(settings, around, action) : withLock(task, world, recorded),
  );
  progress.clear();
  const environment = settings.platform?.environment ?? "sandbox";
  const diagnostics = [...settings.warnings, ...result.diagnostics];
  return { ...result, diagnostics, environment, owner: settings.config.owner };
}

async function runWhere(settings: Settings, around: Session, action: Action): Promise<Result> {
  if (settings.platform) return runInTime({ settings, platform: settings.platform }, around, action);
  const { openSandbox } = await import("./sandbox.ts");
  const sandbox = await openSandbox(around.world, { port: 0, writes: around.flags.dryRun !== true });
  try {
    return await runInTime({ settings, platform: sandbox.platform }, around, action);
  } finally {
    await sandbox.close();
  }
}

interface Where {
  readonly settings: Settings;
  readonly platform: Platform;
}

/** Past its deadline a pass stops as it does when it is interrupted. */
async function runInTime(where: Where, around: Session, action: Action): Promise<Result> {
  const { flags, world } = around;
  const deadline = new AbortController();
  const message = `the pass ran out of its ${count(flags.deadline, "minute")} (--deadline)`;
  const cancel = world.clock.repeat(flags.deadline * 60_000, () => {
    deadline.abort(new ReconcileError("run/deadline", message));
  });
  const interrupted = AbortSignal.any([world.interrupted, deadline.signal]);
  // Every wait listens to it, and there may be many at once.
  setMaxListeners(0, interrupted);
  try {
    const ports = await makePorts(where, { ...around, world: { ...world, interrupted } });
    return await action(ports, where.platform.environment);
  } finally {
    cancel();
  }
}

async function makePorts({ settings, platform }: Where, around: Session): Promise<SessionPorts> {
  const { flags, world, progress, revision, runId } = around;
  const { clock, random, interrupted } = world;
  const open = await world.openLog({ level: flags.verbose ? "debug" : "warn", format: "short" });
  const log: Log = (level, message, fields) => {
    open(level, message, { runId, ...fields });
  };
  const send = world.openSend(platform.proxies);
  const api = makeApi({
    send,
    clock,
    random,
    apiUrl: platform.apiUrl,
    tokenUrl: platform.tokenUrl,
    credentials: platform.credentials,
    rateShare: settings.config.rateShare,
    readOnly: flags.dryRun === true,
    interrupted,
    tokenMemory: around.tokenMemory,
    log,
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
  return {
    ...world,
    runId,
    send,
    log,
    driverOf: (schemes) => joinDrivers(drivers, schemes, owners),
    readTopics: () => readTopics(api),
    mayWrite: around.mayWrite ?? (() => Promise.resolve(false)),
    traffic: () => api.traffic(),
    ...(revision ? { manifestFiles: revision.files } : {}),
    provenance: async () => {
      const here = await world.provenance(flags.manifests ?? settings.config.manifests);
      return revision ? { ...here, commit: revision.commit } : here;
    },
    onProgress: (stage, done, total) => {
      progress.show(stage, done, total);
    },
    onError: (error) => {
      showStack(error, around);
    },
  };
}

/** What keeps it from being kept, and what was wrong with what had been. */
async function keep(
  result: Result,
  settings: Settings,
  { task, world }: Pick<Around, "task" | "world">,
): Promise<readonly Diagnostic[]> {
  const { runId, ok, summary, diagnostics } = result;
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  const finishedAt = new Date(world.clock.now()).toISOString();
  const environment = settings.platform?.environment ?? "sandbox";
  try {
    const lastRun = { runId, task, finishedAt, environment, ok, summary, errors };
    const { notice } = await keepRun(lastRun, world.files, settings.paths);
    return notice === null ? [] : [warn("state/corrupt", notice)];
  } catch (error) {
    return [warn("state/unwritable", `the figures of this run are not kept: ${errorText(error)}`)];
  }
}

function warn(code: string, message: string): Diagnostic {
  return { severity: "warning", code, message, hint: null, ...nowhere };
}

/** What the platform or the disk did not allow; throws again what is a bug of our own. */
function describeFailure(error: unknown, around: Around): Diagnostic {
  if (!(error instanceof ReconcileError)) throw error;
  showStack(error, around);
  return diagnosticOf(error);
}

function showStack({ stack = "" }: ReconcileError, { flags, world }: Around): void {
  if (flags.verbose) world.stderr.write(`${plainLines(stack)}\n`);
}

/** No plan was come to. */
export function refuse(
  diagnostics: readonly Diagnostic[],
  { flags, world, runId = world.random.id() }: Pick<Around, "flags" | "world"> & Partial<Session>,
): Result {
  const run = { dryRun: flags.dryRun === true, runId, traffic: noTraffic, diagnostics };
  return makeResult(emptyPlan, run);
}
