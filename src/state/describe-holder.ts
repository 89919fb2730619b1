// Names the holder of a lease, for a person who waits for it.
import type { LockHolder } from "../lib/lock-file.ts";
import { unnamed } from "../model/audit-record.ts";

/** Null if it is not known who holds the lease. */
export function describeHolder(holder: LockHolder | null): string {
  if (!holder) return "an unknown process";
  return `${holder.task}, ${describeProcess(holder)}`;
}

export function describeProcess({ pid, host, since }: Omit<LockHolder, "task">): string {
  return `process ${pid}${host === unnamed ? "" : ` on ${host}`}, since ${since}`;
}
