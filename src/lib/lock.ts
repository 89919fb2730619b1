// One process at a time on a directory, without help from the operating system: holders are numbered, and whoever
// makes the file `<name>.<n+1>` first follows holder n, once n has released it or is dead. A number is never used again,
// so that nobody can take away a lock that it has not seen.
import type { Clock } from "./clock.ts";
import type { Files } from "./files.ts";

/** How often a holder says that it is alive. */
const beatMs = 2_000;
/** After so long without a word a holder on another machine is dead: it is watched, for its clock may be wrong. */
const silentMs = 10_000;
/** The same on this machine, where a dead process is seen at once: by then its number belongs to another one. */
const suspendedMs = 60_000;
const pollMs = 200;
/** Beyond any count of passes; a file of such a number was put there by hand. */
const lastNumber = 999_999_999_999_999;
/** So long after its last word a holder that wakes up is sure of nothing: it must look before it goes on. */
const unsureMs = 2 * beatMs + 2_000;
const lockMode = 0o600;

export interface LockOptions {
  readonly files: Pick<Files, "list" | "read" | "create" | "write" | "remove">;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly directory: string;
  /** Of the lock, one of several in the directory. */
  readonly name: string;
  /** What the holder is doing, for whoever waits: `sync`. */
  readonly task: string;
  readonly waitMs: number;
  /** Ends the wait. */
  readonly interrupted?: AbortSignal;
  /** Called once, where there is somebody to wait for; null of one that cannot be told. */
  readonly onWait?: (holder: Holder | null) => void;
}

export interface Processes {
  readonly pid: number;
  /** For people. */
  readonly host: string;
  /** Whose process numbers `isAlive` knows: a host's name may be another one's, too. */
  readonly machine: string;
  readonly isAlive: (pid: number) => boolean;
}

export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly task: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

export interface Lock {
  /**
   * Fires where nothing may be written any more. Its `reason` is `"followed"` where someone else took over, as after
   * this process was suspended; else the error that kept it from saying that it is alive, so that someone may.
   */
  readonly lost: AbortSignal;
  /** Looks, where it has been silent for long: whether the lock is still this process's. Never rejects. */
  readonly isHeld: () => Promise<boolean>;
  /** Never rejects. */
  readonly release: () => Promise<void>;
}

export type Locked =
  { readonly ok: true; readonly lock: Lock } | { readonly ok: false; readonly holder: Holder | null };

/** Rejects with Node's errors where the directory cannot be written, and with the AbortError of an interrupt. */
export async function acquireLock(options: LockOptions): Promise<Locked> {
  const { clock, waitMs } = options;
  const startedMs = clock.monotonic();
  const watch = makeWatch(options);
  for (let isTold = false; ;) {
    const top = await findTop(options);
    if (top >= lastNumber) return { ok: false, holder: null };
    const found = top === 0 ? "released" : await readLock(options, top);
    const isFree = found === "released" || (found !== "gone" && watch.isDead(top, found));
    if (isFree && (await claim(options, top + 1))) return { ok: true, lock: hold(options, top + 1) };
    const holder = typeof found === "string" ? null : found.holder;
    if (clock.monotonic() - startedMs >= waitMs) return { ok: false, holder };
    if (!isFree && !isTold) options.onWait?.(holder);
    isTold ||= !isFree;
    await clock.sleep(pollMs, options.interrupted);
  }
}

/** Who holds it now; null where nobody does, or nobody who is alive. Rejects with Node's errors. */
export async function findHolder(
  options: Place & Pick<LockOptions, "clock" | "processes">,
): Promise<Holder | null> {
  const top = await findTop(options);
  const found = top === 0 ? "released" : await readLock(options, top);
  if (found === "released" || found === "gone") return null;
  return makeWatch(options).isDead(top, found) ? null : found.holder;
}

type Place = Pick<LockOptions, "files" | "directory" | "name">;

/** The highest number in use; 0 without any. */
async function findTop(place: Place): Promise<number> {
  return Math.max(0, ...(await listNumbers(place)));
}

async function listNumbers({ files, directory, name }: Place): Promise<number[]> {
  try {
    const names = (await files.list(directory)).map((entry) => entry.name);
    const numbers = names
      .filter((entry) => entry.startsWith(`${name}.`))
      .map((entry) => entry.slice(name.length + 1));
    return numbers.filter((number) => /^\d{1,15}$/.test(number)).map(Number);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}

interface Held {
  readonly text: string;
  /** Empty where the file does not tell. */
  readonly machine: string;
  /** Null where the file makes no sense. */
  readonly holder: (Holder & { readonly beatMs: number }) | null;
}

async function readLock(place: Place, number: number): Promise<Held | "released" | "gone"> {
  try {
    const text = new TextDecoder().decode(await place.files.read(pathOf(place, number)));
    if (text === released) return "released";
    return { text, ...parseHolder(text) };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return "gone";
    throw error;
  }
}

function parseHolder(text: string): Omit<Held, "text"> {
  const nobody = { machine: "", holder: null };
  try {
    const { pid, host, machine, task, since, beatMs: beat } = JSON.parse(text) as Record<string, unknown>;
    const isHolder = Number.isSafeInteger(pid) && typeof host === "string" && typeof task === "string";
    if (!isHolder || typeof since !== "string" || typeof beat !== "number") return nobody;
    const holder = { pid: pid as number, host, task, since, beatMs: beat };
    return { machine: typeof machine === "string" ? machine : "", holder };
  } catch {
    return nobody;
  }
}

/** Looks at the same holder again and again. */
function makeWatch({ clock, processes }: Pick<LockOptions, "clock" | "processes">): {
  readonly isDead: (number: number, held: Held) => boolean;
} {
  let last = "";
  let changedAtMs = 0;
  const isSilent = (number: number, text: string): boolean => {
    const seen = `${number} ${text}`;
    if (seen !== last) [last, changedAtMs] = [seen, clock.monotonic()];
    return clock.monotonic() - changedAtMs >= silentMs;
  };
  return {
    isDead: (number, { text, machine, holder }) => {
      const silent = isSilent(number, text);
      if (!holder || machine !== processes.machine) return silent;
      // This process holds nothing yet: whoever had its number has ended.
      if (holder.pid === processes.pid || !processes.isAlive(holder.pid)) return true;
      // Both: a clock that was set forward, or a whole machine that slept, is nobody's death.
      return silent && clock.now() - holder.beatMs > suspendedMs;
    },
  };
}

/** Whether this process is the holder of that number now. */
async function claim(options: LockOptions, number: number): Promise<boolean> {
  const { files } = options;
  try {
    await files.create(pathOf(options, number), describe(options, options.clock.now()), lockMode);
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
  const numbers = await listNumbers(options);
  // What looked like the highest number may be long past.
  const isHighest = Math.max(...numbers) === number;
  const superfluous = isHighest ? numbers.filter((other) => other < number) : [number];
  await Promise.all(superfluous.map((other) => files.remove(pathOf(options, other))));
  return isHighest;
}

function hold(options: LockOptions, number: number): Lock {
  const { files, clock } = options;
  const path = pathOf(options, number);
  const sinceMs = clock.now();
  const lost = new AbortController();
  let beaten: Promise<void> = Promise.resolve();
  let lastBeatMs = clock.monotonic();
  let lastBeatAtMs = clock.now();
  let isReleased = false;
  const beat = async (): Promise<void> => {
    try {
      if ((await findTop(options)) !== number) lost.abort("followed");
      else if (!isReleased) {
        await files.write(path, describe(options, sinceMs), lockMode);
        [lastBeatMs, lastBeatAtMs] = [clock.monotonic(), clock.now()];
      }
    } catch (error) {
      // A full disk may pass; until then nobody hears that this process is alive.
      if (clock.monotonic() - lastBeatMs >= silentMs - beatMs) lost.abort(error);
    }
  };
  const stop = clock.repeat(beatMs, () => {
    beaten = beaten.then(() => (isReleased || lost.signal.aborted ? undefined : beat()));
  });
  return {
    lost: lost.signal,
    isHeld: async () => {
      // By either clock: the monotonic one may stand still while the machine sleeps.
      const silentForMs = Math.max(clock.monotonic() - lastBeatMs, clock.now() - lastBeatAtMs);
      if (silentForMs >= unsureMs) await (beaten = beaten.then(beat));
      return !lost.signal.aborted;
    },
    release: async () => {
      stop();
      isReleased = true;
      await beaten;
      if (lost.signal.aborted) return;
      // The number stays taken. If even this fails, the next one finds the process dead.
      await files.write(path, released, lockMode).catch(() => undefined);
    },
  };
}

const released = '{"released":true}\n';

function describe({ clock, processes, task }: LockOptions, sinceMs: number): string {
  const { pid, host, machine } = processes;
  const since = new Date(sinceMs).toISOString();
  return `${JSON.stringify({ pid, host, machine, task, since, beatMs: clock.now() })}\n`;
}

function pathOf({ directory, name }: Place, number: number): string {
  return `${directory}/${name}.${number}`;
}

function errnoOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
