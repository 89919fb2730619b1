// The state directory `.reconcile/`: only one pass at a time may write in it, and in the trail that it keeps.
import { posix } from "node:path";
import { acquireLock, findHolder, type Lock, type LockOptions } from "../lib/lock.ts";
import { notALock, type LockHolder } from "../lib/lock-file.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";
import { plain } from "../lib/plain.ts";
import type { World } from "./world.ts";

export const stateDirectory = ".reconcile";
export const sandboxTrail = `${stateDirectory}/sandbox-audit.log`;

/** The locks of a pass, while it holds them. */
export interface HeldLock {
  /** Fires when the user interrupts the pass, and when another process takes over a lock. */
  readonly interrupted: AbortSignal;
  /** Called before each request that changes something; false if another process may have taken over. */
  readonly mayWrite: () => Promise<boolean>;
}

/** A pass waits this long for other ones to end. */
const lockWaitMs = 30_000;

/** A process that waits for a lock reads the task of its holder. */
const passLock = { directory: stateDirectory, name: "lock" };

interface Locking {
  /** The command, such as `sync`. */
  readonly task: string;
  /** The trail that the pass reads and writes: passes on other state directories may have the same. */
  readonly trail: string;
}

type LockPorts = Pick<World, "files" | "clock" | "processes" | "interrupted" | "stderr">;

/**
 * Runs `action` while no other pass runs on this directory, or on this trail. The directory's lock is always taken first, so
 * that two passes never wait for each other. Throws ReconcileError `state/locked`, `state/unwritable`, `state/notALock`,
 * `state/outside`.
 */
export async function withLock<T>(
  { task, trail }: Locking,
  ports: LockPorts,
  action: (held: HeldLock) => Promise<T>,
): Promise<T> {
  await requireStateDirectory(ports.files);
  const untilMs = ports.clock.monotonic() + lockWaitMs;
  const first = { ...passLock, what: `${stateDirectory}/` };
  const second = { directory: posix.dirname(trail), name: `${posix.basename(trail)}.lock`, what: trail };
  return holding({ ...first, task, untilMs }, ports, (directory) =>
    holding({ ...second, task, untilMs }, ports, async (beside) => {
      const stop = new AbortController();
      for (const { lock, what } of [directory, beside])
        lock.lost.addEventListener("abort", () => {
          stop.abort(new ReconcileError("state/takenOver", describeLoss(what, lock.lost.reason)));
        });
      return action({
        interrupted: AbortSignal.any([ports.interrupted, stop.signal]),
        mayWrite: async () => (await directory.lock.isHeld()) && (await beside.lock.isHeld()),
      });
    }),
  );
}

interface Wanted extends Pick<LockOptions, "directory" | "name" | "task"> {
  /** The folder or the trail that the lock protects, for messages. */
  readonly what: string;
  /** The moment, by the monotonic clock, at which the wait ends. */
  readonly untilMs: number;
}

interface Taken extends Pick<Wanted, "what"> {
  readonly lock: Lock;
}

async function holding<T>(
  { what, untilMs, ...lock }: Wanted,
  { files, clock, processes, interrupted, stderr }: LockPorts,
  action: (taken: Taken) => Promise<T>,
): Promise<T> {
  const locked = await acquireLock({
    ...{ files, clock, processes, interrupted },
    ...lock,
    waitMs: untilMs - clock.monotonic(),
    onWait: (holder) => {
      stderr.write(`${plain(`waiting for another pass on ${what} (${describe(holder)})`)}\n`);
    },
  }).catch((cause: unknown) => {
    if (interrupted.aborted)
      throw new ReconcileError("run/interrupted", "interrupted while waiting for another pass");
    throw lockFailure(cause, lock.directory);
  });
  if (!locked.ok) throw lockedBy(what, locked.holder);
  try {
    return await action({ what, lock: locked.lock });
  } finally {
    await locked.lock.release();
  }
}

/**
 * Runs `action` while this is the only daemon of the directory; it waits without a limit for another one to end.
 * `stopped` fires on an interrupt, and when another daemon takes over. Throws ReconcileError `state/unwritable`,
 * `state/notALock`, `state/outside`.
 */
export async function withLease(
  world: World,
  onWait: (holder: LockHolder | null) => void,
  action: (stopped: AbortSignal) => Promise<void>,
): Promise<void> {
  const { files, clock, processes, interrupted } = world;
  await requireStateDirectory(files);
  const where = { files, clock, processes, directory: stateDirectory, name: "lease", task: "watch" };
  const leased = await acquireLock({ ...where, waitMs: Infinity, interrupted, onWait }).catch(
    (cause: unknown) => {
      if (interrupted.aborted) return null;
      throw lockFailure(cause, stateDirectory);
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

/** The pass that holds the directory's lock; null without one. Throws ReconcileError `state/notALock`. */
export async function findPass({
  files,
  clock,
  processes,
}: Pick<World, "files" | "clock" | "processes">): Promise<LockHolder | null> {
  return findHolder({ files, clock, processes, ...passLock }).catch((cause: unknown) => {
    throw lockFailure(cause, stateDirectory);
  });
}

/**
 * A link that a repository brings must not choose which folder is written in. Throws ReconcileError `state/outside`; a
 * folder that does not exist yet is no error.
 */
export async function requireStateDirectory(
  files: Pick<World["files"], "entryKind" | "realPath">,
): Promise<void> {
  if ((await files.entryKind(stateDirectory)) !== "link") return;
  const here = await files.realPath(".");
  const real = await files.realPath(stateDirectory).catch(() => null);
  if (real?.startsWith(here === "/" ? here : `${here}/`)) return;
  throw new ReconcileError(
    "state/outside",
    `${stateDirectory} is a link that leads out of the working directory`,
    {
      hint: "remove the link; to keep the state elsewhere, run reconcile there, or mount a folder in its place",
    },
  );
}

function describeLoss(what: string, loss: unknown): string {
  if (loss === "followed") return `another process took over ${what}`;
  return `the lock of ${what} cannot be written, so another process may take it over (${errorText(loss)})`;
}

function lockedBy(what: string, holder: LockHolder | null): ReconcileError {
  return new ReconcileError(
    "state/locked",
    `another pass works on ${what} (${describe(holder)}); waited ${lockWaitMs / 1000} s for it`,
    {
      hint: "try again when that pass has ended; if its process died, the next try gets the lock, so do not remove files",
    },
  );
}

function describe(holder: LockHolder | null): string {
  if (!holder) return "an unknown process";
  return `${holder.task}, process ${holder.pid} on ${holder.host}, since ${holder.since}`;
}

/** Makes the error of a lock that could not be taken; returns an error that is not of the disk as it is. */
export function lockFailure(cause: unknown, directory: string): unknown {
  const code = systemErrorCode(cause);
  if (code === undefined) return cause;
  if (code === notALock) {
    const hint = "make sure that no pass runs here, and remove it";
    return new ReconcileError("state/notALock", errorText(cause), { hint, cause });
  }
  const message = `${directory}/ cannot be used: ${errorText(cause)}`;
  const hint =
    "it must be a folder in which this user may write, on a disk that is not full; nothing was changed";
  return new ReconcileError("state/unwritable", message, { hint, cause });
}
