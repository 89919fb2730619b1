// The state directory `.reconcile/`: only one pass at a time may write in it.
import { acquireLock, type LockHolder } from "../lib/lock.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";
import { plain } from "../lib/plain.ts";
import type { World } from "./world.ts";

export const stateDirectory = ".reconcile";
export const sandboxTrail = `${stateDirectory}/sandbox-audit.log`;

/** The lock on the state directory, for the pass that holds it. */
export interface HeldLock {
  /** Fires when the user interrupts the pass, and when another process takes over the lock. */
  readonly interrupted: AbortSignal;
  /** Called before each request that changes something; false if another process may have taken over. */
  readonly mayWrite: () => Promise<boolean>;
}

/** A pass waits this long for another one to end. */
const lockWaitMs = 30_000;

/**
 * Runs `action` while no other pass runs on this directory. Throws ReconcileError `state/locked`, `state/unwritable`.
 */
export async function withLock<T>(
  task: string,
  ports: Pick<World, "files" | "clock" | "processes" | "interrupted" | "stderr">,
  action: (held: HeldLock) => Promise<T>,
): Promise<T> {
  const { files, clock, processes, interrupted } = ports;
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
      ports.stderr.write(
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
 * Runs `action` while this is the only daemon of the directory; it waits without a limit for another one to end.
 * `stopped` fires on an interrupt, and when another daemon takes over. Throws ReconcileError `state/unwritable`.
 */
export async function withLease(
  world: World,
  onWait: (holder: LockHolder | null) => void,
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
  if (loss === "followed") return `another process took over ${stateDirectory}/`;
  return `${stateDirectory}/ cannot be written, so another process may take it over (${errorText(loss)})`;
}

function lockedBy(holder: LockHolder | null): ReconcileError {
  return new ReconcileError(
    "state/locked",
    `another pass works on ${stateDirectory}/ (${describe(holder)}); waited ${lockWaitMs / 1000} s for it`,
    {
      hint: "try again when that pass has ended; if its process died, the next try gets the lock, so do not remove files",
    },
  );
}

function describe(holder: LockHolder | null): string {
  if (!holder) return "an unknown process";
  return `${holder.task}, process ${holder.pid} on ${holder.host}, since ${holder.since}`;
}

function unusable(cause: unknown): unknown {
  if (systemErrorCode(cause) === undefined) return cause;
  const message = `${stateDirectory}/ cannot be used: ${errorText(cause)}`;
  const hint =
    "it must be a folder in which this user may write, on a disk that is not full; nothing was changed";
  return new ReconcileError("state/unwritable", message, { hint, cause });
}
