// Remembers the writes of this process for a while, because the platform may answer 404 for a resource right after a write.
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { backoffMs } from "./client/retry.ts";
import { wait } from "./client/wait.ts";

/** The memory of one kind. It outlives the drivers of a daemon, which makes new ones for each pass. */
export interface WriteMemory {
  /** By id, when the last write took effect, in monotonic milliseconds. */
  readonly writtenAtMs: Map<string, number>;
  /** By name, the id of each resource that this process created and that no list has shown since. */
  readonly unlisted: Map<string, string>;
}

export function makeWriteMemory(): WriteMemory {
  return { writtenAtMs: new Map(), unlisted: new Map() };
}

/** So long after a write, a 404 may still mean that the platform does not show the resource yet. */
export const longestHiddenMs = 60_000;

export function noteWrite(id: string, { writtenAtMs }: WriteMemory, clock: Clock): void {
  const nowMs = clock.monotonic();
  for (const [other, atMs] of writtenAtMs) if (nowMs >= atMs + longestHiddenMs) writtenAtMs.delete(other);
  writtenAtMs.set(id, nowMs);
}

/** Returns a function that notes what an earlier process made, if the platform may not show it yet. */
export function makeNoteMade(
  { writtenAtMs }: WriteMemory,
  clock: Clock,
): (id: string, ageMs: number) => void {
  return (id, ageMs) => {
    if (ageMs < longestHiddenMs && !writtenAtMs.has(id)) writtenAtMs.set(id, clock.monotonic() - ageMs);
  };
}

/**
 * From now on a 404 means that the resource is gone. Called once a list has shown it, and before a request that deletes what
 * was just shown, or else after its answer: if that is lost, a 404 may still mean that the resource is not shown yet.
 */
export function forgetWrite(id: string, { writtenAtMs, unlisted }: WriteMemory): void {
  writtenAtMs.delete(id);
  for (const [name, made] of unlisted) if (made === id) unlisted.delete(name);
}

export interface AskPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly interrupted: AbortSignal;
  readonly onWait: (words: string) => void;
  readonly memory: WriteMemory;
}

/**
 * Asks again while the answer is null (not found) and the resource was written less than a minute ago; then null means
 * that there is none. Throws as `ask` does, and `api/interrupted`.
 */
export async function askUntilShown<T>(
  what: { readonly id: string; readonly noun: string },
  ask: () => Promise<T | null>,
  ports: AskPorts,
): Promise<T | null> {
  const { clock, random, interrupted, onWait, memory } = ports;
  for (let look = 1; ; look += 1) {
    const answer = await ask();
    if (answer !== null) return answer;
    const atMs = memory.writtenAtMs.get(what.id);
    if (atMs === undefined || clock.monotonic() >= atMs + longestHiddenMs) return null;
    onWait(`${what.noun} ${what.id} is not shown yet`);
    await wait(clock, backoffMs(Math.min(look, 3), random), interrupted);
  }
}
