// A session runs one action, such as a pass: it opens the state and the platform or the sandbox, ends the action at its
// deadline, runs it again if another run came between, gives the lease back, and keeps the figures of the run.
import { setMaxListeners } from "node:events";
import { count } from "../lib/count.ts";
import { plain } from "../lib/plain.ts";
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import { diagnosticOf, errorText, ReconcileError } from "../model/errors.ts";
import type { Organization } from "../model/organization.ts";
import type { Plan } from "../model/plan.ts";
import { noTraffic, type Ending, type RunFacts } from "../model/result.ts";
import type { Settings } from "./pass-settings.ts";
import {
  makePorts,
  showStack,
  type PortsSource,
  type SessionPorts,
  type SessionTarget,
} from "./session-ports.ts";
import { BeginAgain, makeRunLease } from "./run-lease.ts";
import { keepLastRun } from "./keep-last-run.ts";
import { makeRunState, type RunState } from "./run-state.ts";
import type { State } from "../state/state.ts";

/** The values that a session is made from. */
export interface SessionSource extends Omit<PortsSource, "lease"> {
  /** The command, such as `sync`; a process that waits for the lock shows it. */
  readonly task: string;
}

interface Session extends SessionSource {
  readonly runId: string;
  readonly interrupted: AbortSignal;
  readonly state: RunState;
  /** Absent in a dry run. */
  readonly lease?: ReturnType<typeof makeRunLease>;
}

type SessionAction<T> = (ports: SessionPorts, here: SessionContext) => Promise<T>;

/** The settings and the environment of a session, for its action. */
export interface SessionContext {
  readonly settings: Settings;
  /** The region, an address of its own, or `sandbox`. */
  readonly environment: string;
}

/** The part of an action's result that the session reads. */
interface ActionResult extends Pick<Ending, "diagnostics" | "runId" | "isUnapproved"> {
  /** Absent if the action makes no plan. */
  readonly plan?: Plan | null;
}

/** A session that is over: a command makes its result from this. */
export interface EndedSession<T> {
  readonly facts: RunFacts;
  /** The action's result; null if the settings, the platform or the disk ended it early. */
  readonly ending: T | null;
}

/** One attempt to run the action, which may have failed. */
interface Attempt<T> extends Pick<RunFacts, "traffic" | "diagnostics"> {
  readonly ending: T | null;
}

/**
 * Runs an action, which takes the lease once it has something to write. If the settings, the platform or the disk end it,
 * the diagnostics hold the error. The facts hold the environment, the owner and the warnings of the settings even if the
 * action failed.
 */
export async function runSession<T extends ActionResult>(
  loaded: Loaded<Settings>,
  source: SessionSource,
  action: SessionAction<T>,
): Promise<EndedSession<T>> {
  if (!loaded.ok) return refuse(loaded.diagnostics, source);
  const settings = loaded.value;
  const { task, flags, world, progress } = source;
  let organization = null as Organization | null;
  const session: Session = {
    ...source,
    onOrganization: (known) => {
      organization = known;
    },
    runId: world.random.id(),
    interrupted: source.interrupted ?? world.interrupted,
    state: makeRunState(
      settings,
      { dryRun: flags.dryRun === true, lockTimeoutMs: flags.lockTimeout },
      world,
    ),
  };
  const attempt = (run: () => Promise<Attempt<T>>): Promise<Attempt<T>> =>
    run().catch((error: unknown) => ({
      ending: null,
      traffic: noTraffic,
      diagnostics: [describeFailure(error, session)],
    }));
  const recorded = async (): Promise<Attempt<T>> => {
    const lease = makeRunLease({
      ...{ task, interrupted: session.interrupted },
      onWait: (words) => {
        world.stderr.write(`${plain(words)}\n`);
      },
    });
    try {
      const ran = await attempt(() => runOnTarget(settings, { ...session, lease }, action));
      // A plan that is only shown is no run.
      if (ran.ending?.isUnapproved || lease.isRefused()) return ran;
      const kept = await keepLastRun(
        ran,
        { ...settings, paths: session.state.paths() },
        { ...session, organization },
      );
      return { ...ran, diagnostics: [...ran.diagnostics, ...kept] };
    } finally {
      await lease.release();
    }
  };
  const running = flags.dryRun ? attempt(() => runOnTarget(settings, session, action)) : recorded();
  const { ending, traffic, diagnostics } = await running.finally(session.state.close);
  progress.clear();
  const facts = {
    dryRun: flags.dryRun === true,
    runId: ending?.runId ?? session.runId,
    environment: settings.platform?.environment ?? "sandbox",
    owner: settings.config.owner,
    organization,
    traffic,
    diagnostics: [...loaded.diagnostics, ...session.state.warnings(), ...diagnostics],
  };
  return { facts, ending };
}

async function runOnTarget<T extends ActionResult>(
  settings: Settings,
  session: Session,
  action: SessionAction<T>,
): Promise<Attempt<T>> {
  if (settings.platform) return runInTime({ settings, platform: settings.platform }, session, action);
  // Only one process can serve the sandbox of a folder, so a run that may write in it waits for others here.
  await session.lease?.look(() => session.state.open(() => Promise.resolve(null)));
  await session.lease?.hold().catch(ignoreOthers);
  const { accountOf, openSandbox } = await import("./sandbox.ts");
  const sandbox = await openSandbox(session.world, {
    ...{ port: 0, writes: session.flags.dryRun !== true },
    pinned: settings.config.organization,
    account: accountOf(settings.config),
  });
  try {
    return await runInTime({ settings, platform: sandbox.platform }, session, action);
  } finally {
    await sandbox.close();
  }
}

function ignoreOthers(error: unknown): void {
  if (!(error instanceof BeginAgain)) throw error;
}

/** At its deadline the action stops in the same way as when the user interrupts it. */
async function runInTime<T extends ActionResult>(
  target: SessionTarget,
  session: Session,
  action: SessionAction<T>,
): Promise<Attempt<T>> {
  const { settings, platform } = target;
  const { flags, world } = session;
  const deadline = new AbortController();
  const message = `the pass ran out of its ${count(flags.deadline, "minute")} (--deadline)`;
  const cancel = world.clock.repeat(flags.deadline * 60_000, () => {
    deadline.abort(new ReconcileError("run/deadline", message));
  });
  const lost = session.lease ? [session.lease.lost] : [];
  const interrupted = AbortSignal.any([session.interrupted, deadline.signal, ...lost]);
  // Every wait listens to this signal, and many waits may be under way at once.
  setMaxListeners(0, interrupted);
  try {
    const { organizations } = session.state;
    const { ports, traffic } = await makePorts(target, {
      ...{ ...session, interrupted, needsOrganization: organizations !== undefined },
      ...(organizations ? { organizations } : {}),
    });
    const look = lookAt(() => session.state.open(ports.organization.find), session, ports);
    const ending = await runUntilCurrent(look, ({ paths, readAnew, growth }) =>
      action(ports, {
        settings: { ...settings, paths, readAnew, growth },
        environment: platform.environment,
      }),
    );
    return { ending, traffic: traffic(), diagnostics: ending.diagnostics };
  } finally {
    cancel();
  }
}

/** A dry run reads files as they are, makes no state directory, and only warns of a trail that was moved. */
function lookAt(
  open: () => Promise<State>,
  { lease }: Session,
  { log }: Pick<SessionPorts, "log">,
): () => Promise<State> {
  if (lease) return () => lease.look(open);
  return async () => {
    const state = await open();
    await (state.store === "files" ? state.findMovedTo() : state.look());
    try {
      state.requireHere();
    } catch (error) {
      log("warn", `${errorText(error)}; this run reads what is left of it here`);
    }
    return state;
  };
}

/** Runs the action again if another run held the lease after this one had read the state. */
async function runUntilCurrent<T>(
  look: () => Promise<State>,
  action: (state: State) => Promise<T>,
): Promise<T> {
  for (;;) {
    const state = await look();
    try {
      return await action(state);
    } catch (error) {
      ignoreOthers(error);
    }
  }
}

/** Makes a diagnostic of an error of the platform or the disk; rethrows any other error, which is our own bug. */
function describeFailure(error: unknown, source: SessionSource): Diagnostic {
  if (!(error instanceof ReconcileError)) throw error;
  showStack(error, source);
  return diagnosticOf(error);
}

/** The end of a command whose settings are not valid, so that no session begins. */
export function refuse(
  diagnostics: readonly Diagnostic[],
  { flags, world }: Pick<SessionSource, "flags" | "world">,
): EndedSession<never> {
  const about = {
    dryRun: flags.dryRun === true,
    runId: world.random.id(),
    environment: null,
    owner: null,
    organization: null,
  };
  return { facts: { ...about, traffic: noTraffic, diagnostics }, ending: null };
}
