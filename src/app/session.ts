// Around a pass: the lock on the state directory, the platform or the sandbox, the deadline, and what is kept of it.
import { setMaxListeners } from "node:events";
import { keepRun } from "../audit/kept.ts";
import { count } from "../lib/count.ts";
import { nowhere, type Diagnostic, type Loaded } from "../model/diagnostic.ts";
import { diagnosticOf, errorText, ReconcileError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { isWell, noTraffic, summarise, type Ending, type RunFacts } from "../model/result.ts";
import type { Settings } from "./pass-settings.ts";
import { makePorts, showStack, type PortsSource, type SessionPorts, type Where } from "./session-ports.ts";
import { withLock, type Held } from "./state-directory.ts";

export interface Around extends PortsSource {
  /** What is done, for whoever waits for the lock. */
  readonly task: string;
}

interface Session extends Around {
  readonly runId: string;
}

type Action<T> = (ports: SessionPorts, here: Here) => Promise<T>;

/** What a session is about. */
export interface Here {
  readonly settings: Settings;
  /** The region, an address of its own, or `sandbox`. */
  readonly environment: string;
}

/** What a session asks of whatever its action comes to. */
interface Told extends Pick<Ending, "diagnostics" | "runId"> {
  /** Absent of an action that makes none. */
  readonly plan?: Plan | null;
}

/** A session that is over: all that a result is made of. */
export interface Ended<T> {
  readonly facts: RunFacts;
  /** What the action came to; null where the settings, the platform or the disk did not let it. */
  readonly ending: T | null;
}

/** What became of the action. */
interface Ran<T> extends Pick<RunFacts, "traffic" | "diagnostics"> {
  readonly ending: T | null;
}

/**
 * Runs a pass, alone on the state directory where it may write. Where the settings, the platform or the disk end it, the
 * diagnostics say so. Also of a failed one the facts say what it was about, and what the settings warned of.
 */
export async function runSession<T extends Told>(
  loaded: Loaded<Settings>,
  given: Around,
  action: Action<T>,
): Promise<Ended<T>> {
  if (!loaded.ok) return refuse(loaded.diagnostics, given);
  const settings = loaded.value;
  const around: Session = { ...given, runId: given.world.random.id() };
  const { task, flags, world, progress } = around;
  const attempt = (run: () => Promise<Ran<T>>): Promise<Ran<T>> =>
    run().catch((error: unknown) => ({
      ending: null,
      traffic: noTraffic,
      diagnostics: [describeFailure(error, around)],
    }));
  const recorded = async ({ interrupted, mayWrite }: Held): Promise<Ran<T>> => {
    const inside = { ...around, world: { ...world, interrupted }, mayWrite };
    const ran = await attempt(() => runWhere(settings, inside, action));
    return { ...ran, diagnostics: [...ran.diagnostics, ...(await keep(ran, settings, around))] };
  };
  const { ending, traffic, diagnostics } = await attempt(() =>
    flags.dryRun ? runWhere(settings, around, action) : withLock(task, world, recorded),
  );
  progress.clear();
  const facts = {
    dryRun: flags.dryRun === true,
    runId: ending?.runId ?? around.runId,
    environment: settings.platform?.environment ?? "sandbox",
    owner: settings.config.owner,
    traffic,
    diagnostics: [...loaded.diagnostics, ...diagnostics],
  };
  return { facts, ending };
}

async function runWhere<T extends Told>(
  settings: Settings,
  around: Session,
  action: Action<T>,
): Promise<Ran<T>> {
  if (settings.platform) return runInTime({ settings, platform: settings.platform }, around, action);
  const { openSandbox } = await import("./sandbox.ts");
  const sandbox = await openSandbox(around.world, { port: 0, writes: around.flags.dryRun !== true });
  try {
    return await runInTime({ settings, platform: sandbox.platform }, around, action);
  } finally {
    await sandbox.close();
  }
}

/** Past its deadline a pass stops as it does when it is interrupted. */
async function runInTime<T extends Told>(
  where: Where,
  around: Session,
  action: Action<T>,
): Promise<Ran<T>> {
  const { settings, platform } = where;
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
    const { ports, traffic } = await makePorts(where, { ...around, world: { ...world, interrupted } });
    const ending = await action(ports, { settings, environment: platform.environment });
    return { ending, traffic: traffic(), diagnostics: ending.diagnostics };
  } finally {
    cancel();
  }
}

/** What keeps it from being kept, and what was wrong with what had been. */
async function keep(
  { ending, diagnostics }: Ran<Told>,
  settings: Settings,
  { task, world, runId: own }: Session,
): Promise<readonly Diagnostic[]> {
  const plan = ending?.plan ?? null;
  const [runId, ok, summary] = [ending?.runId ?? own, isWell(plan, diagnostics), summarise(plan)];
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

/** A command that ends before its session begins. */
export function refuse(
  diagnostics: readonly Diagnostic[],
  { flags, world }: Pick<Around, "flags" | "world">,
): Ended<never> {
  const about = { dryRun: flags.dryRun === true, runId: world.random.id(), environment: null, owner: null };
  return { facts: { ...about, traffic: noTraffic, diagnostics }, ending: null };
}
