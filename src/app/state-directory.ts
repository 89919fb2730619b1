// `.reconcile/`: one pass at a time works on it.
import { acquireLock, type Holder } from "../lib/lock.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";
import { plain } from "../lib/plain.ts";
import type { World } from "./world.ts";

export const stateDirectory = ".reconcile";
export const sandboxTrail = `${stateDirectory}/sandbox-audit.log`;

/** What a pass on the state directory goes by. */
export interface Held {
  /** Fires with an interrupt, and where the lock was taken over. */
  readonly interrupted: AbortSignal;
  /** Asked before each request that changes something: false where another process may have taken over. */
  readonly mayWrite: () => Promise<boolean>;
}

/** How long a pass waits for another one. */
const lockWaitMs = 30_000;

/**
 * Runs `action` while no other pass runs on this directory. Throws ReconcileError `state/locked`, `state/unwritable`.
 */
export async function withLock<T>(
  task: string,
  world: World,
  action: (held: Held) => Promise<T>,
): Promise<T> {
  const { files, clock, processes, interrupted } = world;
  const locked = await acquireLock({
    files,
    clock,
    processes,
    directory: stateDirectory,
    name: "lock",
    task,
    waitMs: lockWaitMs,
    interrupted,
    onWait: (holder) => {
      world.stderr.write(
        `${plain(`waiting for another pass on ${stateDirectory}/ (${describe(holder)})`)}\n`,
      );
    },
  }).catch((cause: unknown) => {
    if (interrupted.aborted)
      throw new ReconcileError("run/interrupted", "interrupted while waiting for another pass");
    throw unusable(cause);
  });
  if (!locked.ok) throw lockedBy(locked.holder);
  const { lock } = locked;
  const stop = new AbortController();
  lock.lost.addEventListener("abort", () => {
    stop.abort(new ReconcileError("state/takenOver", describeLoss(lock.lost.reason)));
  });
  try {
    return await action({
      interrupted: AbortSignal.any([interrupted, stop.signal]),
      mayWrite: () => lock.isHeld(),
    });
  } finally {
    await lock.release();
  }
}

/**
 * Runs `action` while this is the one daemon of the directory, which it may have to wait for as long as it takes.
 * `stopped` fires with an interrupt, and where another one took over. Throws ReconcileError `state/unwritable`.
 */
export async function withLease(
  world: World,
  onWait: (holder: Holder | null) => void,
  action: (stopped: AbortSignal) => Promise<void>,
): Promise<void> {
  const { files, clock, processes, interrupted } = world;
  const where = { files, clock, processes, directory: stateDirectory, name: "lease", task: "watch" };
  const leased = await acquireLock({ ...where, waitMs: Infinity, interrupted, onWait }).catch(
    (cause: unknown) => {
      if (interrupted.aborted) return null;
      throw unusable(cause);
    },
  );
  if (!leased?.ok) return;
  const { lock } = leased;
  const stop = new AbortController();
  const end = (): void => {
    stop.abort(interrupted.reason);
  };
  interrupted.addEventListener("abort", end);
  lock.lost.addEventListener("abort", end);
  try {
    await action(stop.signal);
  } finally {
    interrupted.removeEventListener("abort", end);
    await lock.release();
  }
}

function describeLoss(loss: unknown): string {
  if (loss === "followed") return `another process took ${stateDirectory}/ over`;
  return `${stateDirectory}/ cannot be written, so that another process may take it over (${errorText(loss)})`;
}

function lockedBy(holder: Holder | null): ReconcileError {
  return new ReconcileError(
    "state/locked",
    `another pass works on ${stateDirectory}/ (${describe(holder)}); waited ${lockWaitMs / 1000} s for it`,
    {
      hint: "try again when it is done; a holder that died is followed at once, so there is nothing to remove",
    },
  );
}

function describe(holder: Holder | null): string {
  if (!holder) return "a process that cannot be told";
  return `${holder.task}, process ${holder.pid} on ${holder.host}, since ${holder.since}`;
}

function unusable(cause: unknown): unknown {
  if (systemErrorCode(cause) === undefined) return cause;
  const message = `${stateDirectory}/ cannot be used: ${errorText(cause)}`;
  const hint =
    "it must be a folder in which this user may write, on a disk that is not full; nothing was changed";
  return new ReconcileError("state/unwritable", message, { hint, cause });
}
