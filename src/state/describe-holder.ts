// Names the holder of a lease, for a person who waits for it.
import type { LockHolder } from "../lib/lock-file.ts";

/** Null if it is not known who holds the lease. */
export function describeHolder(holder: LockHolder | null): string {
  if (!holder) return "an unknown process";
  return `${holder.task}, process ${holder.pid} on ${holder.host}, since ${holder.since}`;
}
