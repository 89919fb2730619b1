// The daemon: runs one pass at a time, whenever something asks for one. After failures it retries at growing intervals.
import type { Head } from "../audit/record.ts";
import type { Clock } from "../lib/clock.ts";
import type { LockHolder } from "../lib/lock-file.ts";
import type { Kinds } from "../model/kind.ts";
import type { Random } from "../lib/random.ts";
import type { ReconcileError } from "../model/errors.ts";
import { isPutBack } from "../model/find-deleted.ts";
import { isDone } from "../model/plan.ts";
import { hasPlan, tellResult, type Result } from "../model/result.ts";
import { firstConditions, nextConditions, withStore, type Condition } from "./conditions.ts";
import { nextDriftLog } from "./drift-log.ts";
import { bad, reasonOf } from "./judgement.ts";
import { storeAnswers } from "./judge-state.ts";
import { makeWake } from "./wake.ts";
import type { DaemonView, PassNote, PassResults, WakeReason } from "./view.ts";

export interface DaemonOptions {
  readonly kinds: Kinds;
  readonly version: string;
  readonly mode: DaemonView["mode"];
  /** True if drift is put back even while not every manifest is valid. */
  readonly keepHealing?: boolean;
  /** True if the state is in a shared store. */
  readonly isShared?: boolean;
  /** This process, as the holder of the daemons' lease; absent in tests of what it does not matter to. */
  readonly process?: Pick<LockHolder, "pid" | "host">;
  /** The time after which a pass runs although nothing asked for one. */
  readonly intervalMs: number;
  readonly debounceMs: number;
}

export interface DaemonPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Never rejects because of the platform, the disk or a manifest. */
  readonly runPass: (call: PassCall) => Promise<Result>;
  /** Reads the head of the trail. Never rejects; null if there is no record, or if the trail cannot be read. */
  readonly readHead: () => Promise<Head | null>;
  /** Called whenever the view changes. */
  readonly onChange: (view: DaemonView) => void;
  /** Called after each pass. */
  readonly onPass: (result: Result, note: PassNote, conditions: readonly Condition[]) => Promise<void>;
}

export interface PassCall {
  readonly reasons: readonly WakeReason[];
  /** Fires when the pass is to end early. */
  readonly stopped: AbortSignal;
  readonly onProgress: OnProgress;
}

type OnProgress = (stage: string, done: number, total: number) => void;

export interface Daemon {
  /** Asks for a pass. */
  readonly wake: (reason: WakeReason) => void;
  readonly view: () => DaemonView;
  readonly results: () => PassResults;
  /** Called while another daemon is at work and this one waits. */
  readonly standBy: (holder: DaemonView["holder"]) => void;
  /** Called while the shared store of the state does not answer or refuses, so that no daemon can be at work. */
  readonly missStore: (error: ReconcileError) => void;
  /** Once `stopped` fires, no further pass begins; resolves when the last one has ended. */
  readonly run: (stopped: AbortSignal) => Promise<void>;
}

/** Each interval is up to a tenth shorter or longer, so that many daemons do not run their passes at the same time. */
const jitter = 0.1;
const firstBackoffMs = 2_000;
const longestBackoffMs = 300_000;
const longestHistory = 20;

const waiting = { phase: "standby", nextPassAt: null } as const;

const noResults: PassResults = {
  result: null,
  lastChange: null,
  diagnostics: [],
  driftLog: [],
};

export function makeDaemon(options: DaemonOptions, ports: DaemonPorts): Daemon {
  const { clock, random } = ports;
  const wake = makeWake(clock, options.debounceMs);
  const now = (): string => new Date(clock.now()).toISOString();
  let results = noResults;
  let view = firstView(options, now());
  const change = (next: Partial<DaemonView>): void => {
    view = { ...view, ...next };
    ports.onChange(view);
  };

  const runOnce = async (reasons: readonly WakeReason[], stopped: AbortSignal): Promise<Result> => {
    change({ phase: "reconciling", nextPassAt: null });
    const startedMs = clock.monotonic();
    const result = await ports.runPass({
      reasons,
      stopped,
      onProgress: (stage, done, total) => {
        change({ progress: { stage, done, total } });
      },
    });
    const durationMs = Math.round(clock.monotonic() - startedMs);
    const note = makeNote(result, { triggers: reasons, finishedAt: now(), durationMs });
    const head = await ports.readHead();
    results = nextResults(results, result, note);
    change(afterPass(view, { result, note, options, head }));
    await ports.onPass(result, note, view.conditions);
    return result;
  };

  const run = async (stopped: AbortSignal): Promise<void> => {
    let reasons: readonly WakeReason[] = ["start"];
    let failures = 0;
    const { process } = options;
    change({ holder: process ? { ...process, task: "watch", since: now() } : null });
    while (!stopped.aborted) {
      const { ok } = await runOnce(reasons, stopped);
      failures = ok ? 0 : failures + 1;
      const delayMs = ok ? spread(options.intervalMs, random) : backoffMs(failures, random);
      const nextPassAt = new Date(clock.now() + delayMs).toISOString();
      change({ phase: ok ? "waiting" : "backoff", nextPassAt });
      reasons = await wake.next({ delayMs, otherwise: ok ? "interval" : "retry", stopped });
    }
    change({ phase: "stopped", nextPassAt: null, holder: null });
  };

  return {
    wake: wake.call,
    view: () => view,
    results: () => results,
    standBy: (holder) => {
      change({ ...waiting, holder, conditions: withStore(view.conditions, storeAnswers, now()) });
    },
    missStore: (error) => {
      const away = bad(reasonOf(error), error.message);
      change({ ...waiting, holder: null, conditions: withStore(view.conditions, away, now()) });
    },
    run,
  };
}

function firstView({ version, mode, isShared = false }: DaemonOptions, now: string): DaemonView {
  return {
    formatVersion: 1,
    version,
    startedAt: now,
    mode,
    phase: "starting",
    holder: null,
    nextPassAt: null,
    conditions: firstConditions(now, { isShared }),
    lastPass: null,
    history: [],
    healed: 0,
    passes: 0,
    failures: 0,
    head: null,
    progress: null,
    revision: 0,
  };
}

interface PassEnd {
  readonly result: Result;
  readonly note: PassNote;
  readonly head: Head | null;
  readonly options: Pick<DaemonOptions, "kinds" | "keepHealing">;
}

function afterPass(view: DaemonView, { result, note, head, options }: PassEnd): Partial<DaemonView> {
  return {
    progress: null,
    conditions: nextConditions(view.conditions, result, { ...options, now: note.finishedAt }),
    lastPass: note,
    history: isQuiet(note) ? view.history : [note, ...view.history].slice(0, longestHistory),
    healed: view.healed + note.healed,
    passes: view.passes + 1,
    failures: view.failures + (result.ok ? 0 : 1),
    head,
    revision: view.revision + 1,
  };
}

function spread(ms: number, random: Random): number {
  return ms * (1 - jitter + 2 * jitter * random.next());
}

/** The limit doubles after each failure. The wait is random in its upper half, so that daemons do not retry at once. */
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

/** Counts resources that someone else had changed or deleted and this pass put right. */
function countHealed({ drift, operations }: Result): number {
  const drifted = new Set(drift.map(({ webhookId }) => webhookId));
  return operations.filter(
    (operation) => isDone(operation) && (drifted.has(operation.webhookId ?? "") || isPutBack(operation)),
  ).length;
}

function isQuiet({ ok, summary, drift }: PassNote): boolean {
  const { create, update, delete: deleted, adopt } = summary;
  return ok && drift === 0 && create + update + deleted + adopt === 0;
}

/** A pass without a plan keeps the last plan that is shown. */
function nextResults(results: PassResults, result: Result, { finishedAt }: PassNote): PassResults {
  const told = tellResult(result);
  return {
    result: hasPlan(result) || results.result === null ? told : results.result,
    lastChange: result.operations.some(isDone) ? { finishedAt, result: told } : results.lastChange,
    diagnostics: result.diagnostics,
    driftLog: nextDriftLog(results.driftLog, result, finishedAt),
  };
}
