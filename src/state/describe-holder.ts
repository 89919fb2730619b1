// Names the holder of a lease, for a person who waits for it.
import type { LockHolder } from "../lib/lock-file.ts";

/** Stands where a lease would name a machine that is not to be named. */
export const unnamedHost = "not recorded";

/** Null if it is not known who holds the lease. */
export function describeHolder(holder: LockHolder | null): string {
  if (!holder) return "an unknown process";
  return `${holder.task}, ${describeProcess(holder)}`;
}

export function describeProcess({ pid, host, since }: Omit<LockHolder, "task">): string {
  return `process ${pid}${host === unnamedHost ? "" : ` on ${host}`}, since ${since}`;
}
