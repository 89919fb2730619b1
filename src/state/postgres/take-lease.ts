// Takes the lease, or asks for it again and again while another process holds it.
import type { Clock } from "../../lib/clock.ts";
import { isCode } from "../../model/errors.ts";
import type { SharedStore, StateKey, StoreTip, TakenLease, TakeOptions } from "../shared-store.ts";
import type { Ask } from "./database.ts";
import { headOf, valuesOf } from "./tip.ts";

interface Taking {
  readonly statement: string;
  readonly lastsMs: number;
  readonly clock: Clock;
  /** Names this store among all that may ask for a lease. */
  readonly taker: string;
}

interface TakeRow {
  readonly is_taken: boolean;
  readonly new_fence: string;
  readonly old_fence: string;
  readonly old_holder: StoreTip["holder"];
  readonly head_seq: string | null;
  readonly head_hash: string | null;
}

const pollMs = 1_000;

export function makeTake(ask: Ask, taking: Taking): SharedStore["take"] {
  const { statement, lastsMs, clock, taker } = taking;
  /**
   * The leases that this store may have taken without an answer. It takes them again at once; for every other process, and
   * for a second call of this one, such a lease is held until its time is over.
   */
  const unsure = new Set<string>();

  const tryOnce = async (key: StateKey, { holder, above }: TakeOptions): Promise<TakenLease> => {
    const its = JSON.stringify(valuesOf(key));
    const ownTaker = unsure.has(its) ? taker : null;
    const values = [...valuesOf(key), JSON.stringify(holder), taker, ownTaker, above, lastsMs];
    try {
      const [row] = await ask<TakeRow>(statement, values);
      unsure.delete(its);
      return takenOf(row);
    } catch (error) {
      if (isCode(error, "state/unreachable")) unsure.add(its);
      throw error;
    }
  };

  return async (key, options) => {
    const { waitMs, interrupted, onWait } = options;
    const startedMs = clock.monotonic();
    for (let isReported = false; ; isReported = true) {
      if (interrupted?.aborted) throw new DOMException("The operation was aborted", "AbortError");
      const taken = await tryOnce(key, options);
      if (taken.ok) return taken;
      if (!isReported) onWait?.(taken.holder);
      const leftMs = waitMs - (clock.monotonic() - startedMs);
      if (leftMs <= 0) return taken;
      await clock.sleep(Math.min(pollMs, leftMs), interrupted);
    }
  };
}

function takenOf(row: TakeRow | undefined): TakenLease {
  if (!row?.is_taken) return { ok: false, holder: row?.old_holder ?? null };
  return {
    ok: true,
    fence: Number(row.new_fence),
    followed: Number(row.old_fence),
    head: headOf(row.head_seq, row.head_hash),
  };
}
