// The state directory `.reconcile/`, and the locks under which a run changes it and the trail that it keeps.
import { posix } from "node:path";
import { acquireLock, findHolder, type Lock, type LockOptions } from "../../lib/lock.ts";
import { findTop, notALock, readLock, type LockHolder, type LockPlace } from "../../lib/lock-file.ts";
import type { Files } from "../../lib/files.ts";
import { errorText, ReconcileError, systemErrorCode } from "../../model/errors.ts";
import { wasMoved } from "../was-moved.ts";
import { readMoved, writeMoved } from "./moved-mark.ts";
import { describeHolder } from "../describe-holder.ts";
import { runUntilLost } from "../run-until-lost.ts";
import type { HeldLease, LeaseWish, State, StatePaths, StoreKind } from "../state.ts";

export const stateDirectory = ".reconcile";
export const sandboxTrail = `${stateDirectory}/sandbox-audit.log`;

/** A run waits this long for other ones to end, unless `--lock-timeout` says so. */
const lockWaitMs = 30_000;

/** A process that waits for a lock reads the task of its holder. */
const runLock = { directory: stateDirectory, name: "lock" };

export interface LockPorts extends Pick<LockOptions, "clock" | "processes"> {
  readonly files: Files;
}

/**
 * Only one run at a time may write in the directory, and in the trail: runs on other state directories may have the same.
 * The directory's lock is always taken first, so that two runs never wait for each other. `look` and `take` throw
 * ReconcileError `state/locked`, `state/unwritable`, `state/notALock`, `state/outside`.
 */
export function openFileState(paths: StatePaths, ports: LockPorts, waitMs: number = lockWaitMs): State {
  const { trail } = paths;
  const beside = { directory: posix.dirname(trail), name: `${posix.basename(trail)}.lock` };
  const locks = [
    { ...runLock, what: `${stateDirectory}/` },
    { ...beside, what: trail },
  ];
  let seen: readonly (number | null)[] = [];
  let movedTo: StoreKind | null = null;
  const requireHere = (): void => {
    if (movedTo !== null) throw wasMoved(`the trail ${trail}`, movedTo);
  };
  return {
    store: "files",
    paths,
    look: async () => {
      await requireStateDirectory(ports.files);
      seen = await Promise.all(locks.map((place) => findFree(place, ports.files)));
      movedTo = await readMoved(paths, ports.files);
    },
    requireHere,
    findHolder: () => findRun(ports),
    readAnew: () => Promise.resolve(),
    growth: () => null,
    findMovedTo: async () => (movedTo = await readMoved(paths, ports.files)),
    take: async (wish) => {
      await requireStateDirectory(ports.files);
      const untilMs = ports.clock.monotonic() + waitMs;
      const taken: Taken[] = [];
      try {
        for (const place of locks) taken.push(await takeLock(place, { ...wish, waitMs, untilMs }, ports));
        movedTo = wish.takesMoved ? null : await readMoved(paths, ports.files);
        requireHere();
      } catch (error) {
        await releaseAll(taken);
        throw error;
      }
      return {
        ...hold(taken),
        isNext: taken.every(({ lock }, index) => lock.number - 1 === seen[index]),
        markMoved: (movedTo) =>
          writeMoved(movedTo, paths, ports.files).catch((cause: unknown) => {
            throw lockFailure(cause, stateDirectory);
          }),
      };
    },
  };
}

/** The number of the lock's last holder if it has given the lock back; null if one may hold it. */
async function findFree(place: Omit<LockPlace, "files">, files: Files): Promise<number | null> {
  try {
    const top = await findTop({ ...place, files });
    return top === 0 || (await readLock({ ...place, files }, top)) === "released" ? top : null;
  } catch (cause) {
    throw lockFailure(cause, place.directory);
  }
}

interface WantedLock extends Omit<LockPlace, "files"> {
  /** The folder or the trail that the lock protects, for messages. */
  readonly what: string;
}

interface Taken extends Pick<WantedLock, "what"> {
  readonly lock: Lock;
}

interface Waiting extends LeaseWish {
  /** How long the run was to wait. */
  readonly waitMs: number;
  /** The moment, by the monotonic clock, at which the wait ends. */
  readonly untilMs: number;
}

async function takeLock(
  { what, ...place }: WantedLock,
  { task, interrupted, onWait, waitMs, untilMs }: Waiting,
  ports: LockPorts,
): Promise<Taken> {
  const locked = await acquireLock({
    ...{ ...ports, ...place, task, interrupted },
    waitMs: untilMs - ports.clock.monotonic(),
    onWait: (holder) => {
      onWait(`waiting for another pass on ${what} (${describeHolder(holder)})`);
    },
  }).catch((cause: unknown) => {
    if (interrupted.aborted)
      throw new ReconcileError("run/interrupted", "interrupted while waiting for another pass");
    throw lockFailure(cause, place.directory);
  });
  if (!locked.ok) throw lockedBy(what, { holder: locked.holder, waitMs });
  return { what, lock: locked.lock };
}

function hold(taken: readonly Taken[]): Omit<HeldLease, "isNext" | "markMoved"> {
  const lost = new AbortController();
  for (const { lock, what } of taken)
    lock.lost.addEventListener("abort", () => {
      lost.abort(new ReconcileError("state/takenOver", describeLoss(what, lock.lost.reason)));
    });
  return {
    lost: lost.signal,
    mayStart: () => taken.every(({ lock }) => lock.isSure()),
    confirm: async () => {
      for (const { lock } of taken) if (!(await lock.isHeld())) return false;
      return true;
    },
    writeMs: null,
    gathers: false,
    release: () => releaseAll(taken),
  };
}

async function releaseAll(taken: readonly Taken[]): Promise<void> {
  for (const { lock } of taken.toReversed()) await lock.release();
}

interface DaemonPorts extends LockPorts {
  readonly interrupted: AbortSignal;
}

/**
 * Runs `action` while this is the only daemon of the directory; it waits without a limit for another one to end.
 * `stopped` fires on an interrupt, and when another daemon takes over. Throws ReconcileError `state/unwritable`,
 * `state/notALock`, `state/outside`.
 */
export async function withLease(
  { files, clock, processes, interrupted }: DaemonPorts,
  onWait: (holder: LockHolder | null) => void,
  action: (stopped: AbortSignal) => Promise<void>,
): Promise<void> {
  await requireStateDirectory(files);
  const where = { files, clock, processes, directory: stateDirectory, name: "lease", task: "watch" };
  const leased = await acquireLock({ ...where, waitMs: Infinity, interrupted, onWait }).catch(
    (cause: unknown) => {
      if (interrupted.aborted) return null;
      throw lockFailure(cause, stateDirectory);
    },
  );
  if (!leased?.ok) return;
  await runUntilLost(leased.lock, interrupted, action);
}

/** The run that holds the directory's lock; null without one. Throws ReconcileError `state/notALock`. */
async function findRun({ files, clock, processes }: LockPorts): Promise<LockHolder | null> {
  return findHolder({ files, clock, processes, ...runLock }).catch((cause: unknown) => {
    throw lockFailure(cause, stateDirectory);
  });
}

/**
 * A link that a repository brings must not choose which folder is written in. Throws ReconcileError `state/outside`; a
 * folder that does not exist yet is no error.
 */
export async function requireStateDirectory(files: Pick<Files, "entryKind" | "realPath">): Promise<void> {
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

function lockedBy(
  what: string,
  { holder, waitMs }: { readonly holder: LockHolder | null; readonly waitMs: number },
): ReconcileError {
  return new ReconcileError(
    "state/locked",
    `another pass works on ${what} (${describeHolder(holder)}); waited ${waitMs / 1000} s for it`,
    {
      hint: "try again when that pass has ended; if its process died, the next try gets the lock, so do not remove files",
    },
  );
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
