// The daemon: one pass at a time, after whatever asks for one; after a failure it tries again, ever more rarely.
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { isDone } from "../model/plan.ts";
import { hasPlan, tellResult, type Result } from "../model/result.ts";
import { firstConditions, nextConditions } from "./conditions.ts";
import { nextDriftLog } from "./drift-log.ts";
import { makeTriggers } from "./wake.ts";
import type { DaemonView, PassNote, Shown, Trigger } from "./view.ts";

export interface DaemonOptions {
  readonly version: string;
  readonly mode: DaemonView["mode"];
  /** Between passes that nothing else asks for. */
  readonly intervalMs: number;
  readonly debounceMs: number;
}

export interface DaemonPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Never rejects for what the platform, the disk or a manifest does. */
  readonly runPass: (call: PassCall) => Promise<Result>;
  /** Called with each change of what the daemon shows. */
  readonly onChange: (view: DaemonView) => void;
  /** Called after each pass. */
  readonly onPass: (result: Result, note: PassNote) => Promise<void>;
}

export interface PassCall {
  readonly triggers: readonly Trigger[];
  /** Fires when the pass is to end early. */
  readonly stopped: AbortSignal;
  readonly onProgress: OnProgress;
}

type OnProgress = (stage: string, done: number, total: number) => void;

export interface Daemon {
  readonly pull: (trigger: Trigger) => void;
  readonly view: () => DaemonView;
  readonly shown: () => Shown;
  /** For whoever waits to be the one at work. */
  readonly standBy: (holder: DaemonView["holder"]) => void;
  /** Once `stopped` fires, no further pass begins; resolves when the last one has ended. */
  readonly run: (stopped: AbortSignal) => Promise<void>;
}

/** Neither passes nor logs of many daemons fall into step: an interval is up to a tenth shorter or longer. */
const jitter = 0.1;
const firstBackoffMs = 2_000;
const longestBackoffMs = 300_000;
const longestHistory = 20;

const nothingShown: Shown = {
  result: null,
  lastChange: null,
  diagnostics: [],
  driftLog: [],
};

export function makeDaemon(options: DaemonOptions, ports: DaemonPorts): Daemon {
  const { clock, random } = ports;
  const triggers = makeTriggers(clock, options.debounceMs);
  const now = (): string => new Date(clock.now()).toISOString();
  let shown = nothingShown;
  let view: DaemonView = {
    formatVersion: 1,
    version: options.version,
    startedAt: now(),
    mode: options.mode,
    phase: "starting",
    holder: null,
    nextPassAt: null,
    conditions: firstConditions(now()),
    lastPass: null,
    history: [],
    healed: 0,
    passes: 0,
    failures: 0,
    progress: null,
    revision: 0,
  };
  const change = (next: Partial<DaemonView>): void => {
    view = { ...view, ...next };
    ports.onChange(view);
  };

  const runOnce = async (triggersNow: readonly Trigger[], stopped: AbortSignal): Promise<Result> => {
    change({ phase: "reconciling", nextPassAt: null, holder: null });
    const startedMs = clock.monotonic();
    const result = await ports.runPass({
      triggers: triggersNow,
      stopped,
      onProgress: (stage, done, total) => {
        change({ progress: { stage, done, total } });
      },
    });
    const durationMs = Math.round(clock.monotonic() - startedMs);
    const note = makeNote(result, { triggers: triggersNow, finishedAt: now(), durationMs });
    shown = nextShown(shown, result, note);
    change(afterPass(view, result, note));
    await ports.onPass(result, note);
    return result;
  };

  const run = async (stopped: AbortSignal): Promise<void> => {
    let asked: readonly Trigger[] = ["start"];
    let failures = 0;
    while (!stopped.aborted) {
      const { ok } = await runOnce(asked, stopped);
      failures = ok ? 0 : failures + 1;
      const delayMs = ok ? spread(options.intervalMs, random) : backoffMs(failures, random);
      const nextPassAt = new Date(clock.now() + delayMs).toISOString();
      change({ phase: ok ? "waiting" : "backoff", nextPassAt });
      asked = await triggers.next({ delayMs, otherwise: ok ? "interval" : "retry", stopped });
    }
    change({ phase: "stopped", nextPassAt: null });
  };

  return {
    pull: triggers.pull,
    view: () => view,
    shown: () => shown,
    standBy: (holder) => {
      change({ phase: "standby", holder, nextPassAt: null });
    },
    run,
  };
}

function afterPass(view: DaemonView, result: Result, note: PassNote): Partial<DaemonView> {
  return {
    progress: null,
    conditions: nextConditions(view.conditions, result, note.finishedAt),
    lastPass: note,
    history: isQuiet(note) ? view.history : [note, ...view.history].slice(0, longestHistory),
    healed: view.healed + note.healed,
    passes: view.passes + 1,
    failures: view.failures + (result.ok ? 0 : 1),
    revision: view.revision + 1,
  };
}

function spread(ms: number, random: Random): number {
  return ms * (1 - jitter + 2 * jitter * random.next());
}

/** Twice as long after each failure, and somewhere in the upper half of that: not all daemons at once. */
function backoffMs(failures: number, random: Random): number {
  const mostMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** (failures - 1));
  return mostMs * (0.5 + 0.5 * random.next());
}

function makeNote(
  result: Result,
  pass: Pick<PassNote, "triggers" | "finishedAt" | "durationMs">,
): PassNote {
  const { runId, ok, summary, drift, diagnostics } = result;
  const error = diagnostics.find(({ severity }) => severity === "error")?.message ?? null;
  return { runId, ...pass, ok, summary, drift: drift.length, healed: countHealed(result), error };
}

/** Webhooks that somebody else had changed, or deleted, and that are as they were again. */
function countHealed({ drift, operations }: Result): number {
  const drifted = new Set(drift.map(({ webhookId }) => webhookId));
  return operations.filter(
    (operation) =>
      isDone(operation) &&
      (drifted.has(operation.webhookId ?? "") || operation.cause.code === "deletedOutside"),
  ).length;
}

function isQuiet({ ok, summary, drift }: PassNote): boolean {
  const { create, update, delete: deleted, adopt } = summary;
  return ok && drift === 0 && create + update + deleted + adopt === 0;
}

/** A pass that came to no plan leaves what was known on show. */
function nextShown(shown: Shown, result: Result, { finishedAt }: PassNote): Shown {
  const told = tellResult(result);
  return {
    result: hasPlan(result) || shown.result === null ? told : shown.result,
    lastChange: result.operations.some(isDone) ? { finishedAt, result: told } : shown.lastChange,
    diagnostics: result.diagnostics,
    driftLog: nextDriftLog(shown.driftLog, result, finishedAt),
  };
}
