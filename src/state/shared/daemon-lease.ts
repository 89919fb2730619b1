// The lease of a daemon over a shared store: of several daemons one is at work, and the others stand by.
import type { Clock } from "../../lib/clock.ts";
import type { LockHolder } from "../../lib/lock-file.ts";
import type { Processes } from "../../lib/lock.ts";
import type { SharedStore, StateKey } from "../shared-store.ts";
import { runUntilLost } from "../run-until-lost.ts";
import { holdLease } from "./hold-lease.ts";

export interface DaemonLeasePorts {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly interrupted: AbortSignal;
}

export interface DaemonLease {
  readonly store: SharedStore;
  /** The OAuth client and the owner: whose organisation it is need not be known yet. */
  readonly client: { readonly environment: string; readonly clientId: string; readonly owner: string };
}

/**
 * Runs `action` while this is the only daemon; it waits without a limit for another one to end. `stopped` fires on an
 * interrupt, and when the lease is not surely held any more. Throws ReconcileError `state/…`.
 */
export async function withDaemonLease(
  { store, client }: DaemonLease,
  {
    ports,
    onWait,
  }: { readonly ports: DaemonLeasePorts; readonly onWait: (holder: LockHolder | null) => void },
  action: (stopped: AbortSignal) => Promise<void>,
): Promise<void> {
  const { clock, processes, interrupted } = ports;
  const key = keyOf(client);
  const holder = {
    ...{ pid: processes.pid, host: processes.host, task: "watch" },
    since: new Date(clock.now()).toISOString(),
  };
  const wish = { holder, waitMs: Infinity, above: 0, interrupted, onWait };
  const taken = await store.take(key, wish).catch((error: unknown) => {
    if (interrupted.aborted) return null;
    throw error;
  });
  if (!taken?.ok) return;
  const lease = holdLease({ store, key, clock, fence: taken.fence });
  await runUntilLost(lease, interrupted, action);
}

/** No organisation and no owner has such a name, so that the lease of the runs is another one. */
function keyOf({ environment, clientId, owner }: DaemonLease["client"]): StateKey {
  return { organization: `daemon ${environment} ${clientId}`, owner: `daemon ${owner}` };
}
