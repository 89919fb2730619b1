// Lets only one process at a time work on a directory, without help from the operating system. Holders are numbered:
// once holder n has released the lock or is dead, the process that first makes the file `<name>.<n+1>` is the next
// holder. A number is never used again, so a process cannot remove a lock that it has not read.
import type { Clock } from "./clock.ts";
import {
  errnoOf,
  findTop,
  listNumbers,
  pathOf,
  readLock,
  released,
  type LockFile,
  type LockHolder,
  type LockPlace,
} from "./lock-file.ts";

/** How often a holder writes to its file, as a sign that it is alive. */
const beatMs = 2_000;
/** A holder on another machine counts as dead if its file did not change while we watched it for this long. */
const silentMs = 10_000;
/** On this machine a live process that was silent for this long is not the holder: its process number was reused. */
const suspendedMs = 60_000;
const pollMs = 200;
/** After this long without a sign of life, a holder must check that it still holds the lock before it goes on. */
const unsureMs = 2 * beatMs + 2_000;
const lockMode = 0o600;

export interface LockOptions extends LockPlace {
  readonly clock: Clock;
  readonly processes: Processes;
  /** The holder's command, such as `sync`, for messages to those who wait. */
  readonly task: string;
  /** A holder that gives no sign of life is watched for 10 s, even if this is shorter. */
  readonly waitMs: number;
  /** Ends the wait. */
  readonly interrupted?: AbortSignal;
  /** Called once if another process holds the lock; `holder` is null if its file cannot be parsed. */
  readonly onWait?: (holder: LockHolder | null) => void;
}

export interface Processes {
  readonly pid: number;
  /** The host's name for messages. */
  readonly host: string;
  /** Identifies the machine whose process numbers `isAlive` takes; two machines may have the same host name. */
  readonly machine: string;
  readonly isAlive: (pid: number) => boolean;
}

export interface Lock {
  /** The holder's number. */
  readonly number: number;
  /**
   * Fires when this process must not write any more. Its `reason` is `"followed"` if another process has taken the
   * lock, as after this one was suspended; otherwise it is the error that kept this process from writing its sign of
   * life, so that another process may take the lock.
   */
  readonly lost: AbortSignal;
  /** Whether this process gave a sign of life lately, so that no other process can have followed it. */
  readonly isSure: () => boolean;
  /** Whether this process still holds the lock; reads the directory after a long silence. Never rejects. */
  readonly isHeld: () => Promise<boolean>;
  /** Never rejects. */
  readonly release: () => Promise<void>;
}

export type Locked =
  { readonly ok: true; readonly lock: Lock } | { readonly ok: false; readonly holder: LockHolder | null };

/**
 * Rejects with Node's error if the directory cannot be written, with the code `notALock`, and with an AbortError if it is
 * interrupted.
 */
export async function acquireLock(options: LockOptions): Promise<Locked> {
  const { clock, waitMs } = options;
  const startedMs = clock.monotonic();
  const watch = makeWatch(options);
  for (let isReported = false; ;) {
    const top = await findTop(options);
    const found = top === 0 ? "released" : await readLock(options, top);
    const isFree = found === "released" || (found !== "gone" && watch.isDead(top, found));
    const since = momentOf(clock);
    if (isFree && (await claim(options, top + 1))) return { ok: true, lock: hold(options, top + 1, since) };
    const holder = typeof found === "string" ? null : found.holder;
    const waitedMs = clock.monotonic() - startedMs;
    // Without this, a lock whose holder died on another machine would never be followed by those who do not wait.
    const isJudged = watch.hasSeenChange() || waitedMs >= silentMs + pollMs;
    if (waitedMs >= waitMs && isJudged) return { ok: false, holder };
    if (!isFree && !isReported) options.onWait?.(holder);
    isReported ||= !isFree;
    await clock.sleep(pollMs, options.interrupted);
  }
}

/** The present holder; null if the lock is free or its holder is dead. Rejects with Node's errors. */
export async function findHolder(
  options: LockPlace & Pick<LockOptions, "clock" | "processes">,
): Promise<LockHolder | null> {
  const top = await findTop(options);
  const found = top === 0 ? "released" : await readLock(options, top);
  if (found === "released" || found === "gone") return null;
  return makeWatch(options).isDead(top, found) ? null : found.holder;
}

/** Watches a holder over several reads, to find out whether it is dead. */
function makeWatch({ clock, processes }: Pick<LockOptions, "clock" | "processes">): {
  readonly isDead: (number: number, held: LockFile) => boolean;
  /** Whether the holder gave a sign of life, or another one came, since the first look. */
  readonly hasSeenChange: () => boolean;
} {
  let last = "";
  let changedAtMs = 0;
  let changes = 0;
  const isSilent = (number: number, text: string): boolean => {
    const current = `${number} ${text}`;
    if (current !== last) [last, changedAtMs, changes] = [current, clock.monotonic(), changes + 1];
    return clock.monotonic() - changedAtMs >= silentMs;
  };
  return {
    isDead: (number, { text, machine, holder }) => {
      const silent = isSilent(number, text);
      if (!holder || machine !== processes.machine) return silent;
      // This process does not hold the lock, so a holder with its number was an earlier process.
      if (holder.pid === processes.pid || !processes.isAlive(holder.pid)) return true;
      // Silence must be seen as well, because a clock that was set forward, or a machine that slept, kills no process. A
      // sign of life in the future is from before the clock was set back: a live holder would have given one since.
      const ageMs = clock.now() - holder.beatMs;
      return silent && (ageMs > suspendedMs || ageMs < 0);
    },
    hasSeenChange: () => changes > 1,
  };
}

/** Tries to become the holder of that number; true if it succeeded. */
async function claim(options: LockOptions, number: number): Promise<boolean> {
  const { files } = options;
  try {
    await files.create(pathOf(options, number), formatHolder(options, options.clock.now()), {
      mode: lockMode,
    });
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
  const numbers = await listNumbers(options);
  // Other processes may have made higher numbers since the highest one was read.
  const isHighest = Math.max(...numbers) === number;
  const superfluous = isHighest ? numbers.filter((other) => other < number) : [number];
  await Promise.all(superfluous.map((other) => files.remove(pathOf(options, other))));
  return isHighest;
}

interface Moment {
  readonly monotonicMs: number;
  readonly atMs: number;
}

function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonic(), atMs: clock.now() };
}

/** `since` is the moment before the file was made. */
function hold(options: LockOptions, number: number, since: Moment): Lock {
  const { files, clock } = options;
  const path = pathOf(options, number);
  const lost = new AbortController();
  let beaten: Promise<void> = Promise.resolve();
  // A sign of life is as old as its beginning: this process may be suspended, and followed, while it gives it.
  let last = since;
  let isReleased = false;
  const beat = async (): Promise<void> => {
    const begun = momentOf(clock);
    try {
      if ((await findTop(options)) !== number) lost.abort("followed");
      else if (!isReleased) {
        await files.write(path, formatHolder(options, since.atMs), { mode: lockMode });
        last = begun;
      }
    } catch (error) {
      // A full disk may recover, so the lock is lost only shortly before other processes count this one as dead.
      if (clock.monotonic() - last.monotonicMs >= silentMs - beatMs) lost.abort(error);
    }
  };
  const stop = clock.repeat(beatMs, () => {
    beaten = beaten.then(() => (isReleased || lost.signal.aborted ? undefined : beat()));
  });
  // Both clocks are compared, because the monotonic one may stand still while the machine sleeps.
  const isSilent = (): boolean =>
    Math.max(clock.monotonic() - last.monotonicMs, clock.now() - last.atMs) >= unsureMs;
  return {
    number,
    lost: lost.signal,
    isSure: () => !lost.signal.aborted && !isReleased && !isSilent(),
    isHeld: async () => {
      if (isSilent()) await (beaten = beaten.then(beat));
      return !lost.signal.aborted;
    },
    release: async () => {
      stop();
      isReleased = true;
      await beaten;
      if (lost.signal.aborted) return;
      // The number stays taken. If this write fails, the next process finds that this one is dead.
      await files.write(path, released, { mode: lockMode }).catch(() => undefined);
    },
  };
}

function formatHolder({ clock, processes, task }: LockOptions, sinceMs: number): string {
  const { pid, host, machine } = processes;
  const since = new Date(sinceMs).toISOString();
  return `${JSON.stringify({ pid, host, machine, task, since, beatMs: clock.now() })}\n`;
}
