// Takes the lease of a state, or watches its holder until it gives the lease back or gives no sign of life.
import type { Clock } from "../../lib/clock.ts";
import { isCode } from "../../model/errors.ts";
import { unnamed } from "../../model/audit-record.ts";
import type { TakenLease, TakeOptions } from "../shared-store.ts";
import type { Decide, StateKeeper } from "./state-keeper.ts";
import type { InTurn } from "./turns.ts";

export interface TakePorts {
  readonly keeper: StateKeeper;
  readonly clock: Clock;
  readonly inTurn: InTurn;
  /** A lease is free once its ref did not change for this long. */
  readonly lastsMs: number;
  /** Tells this take apart from all others. */
  readonly takenBy: string;
  /** Takes of this process whose answer was lost, and which failed therefore: if one arrived, nobody uses its lease. */
  readonly abandoned: Set<string>;
}

/** Each question costs the remote a connection; a pass of another machine takes longer than this. */
const askEveryMs = 5_000;

/** Rejects with an AbortError if it is interrupted. */
export async function takeLease(ref: string, options: TakeOptions, ports: TakePorts): Promise<TakenLease> {
  const { clock, takenBy, abandoned } = ports;
  const { interrupted, waitMs, onWait } = options;
  const endsMs = clock.monotonic() + waitMs;
  const attempt: Attempt = { commit: null, sinceMs: 0, sent: null };
  let held: Held | null = null;
  for (;;) {
    try {
      interrupted?.throwIfAborted();
      const step = await takeOnce(ref, { options, attempt, ports });
      if (step.ok) return step;
      if (held === null) onWait?.(step.holder);
      held = step;
    } catch (error) {
      // Who waits already goes on waiting while the remote does not answer.
      const goesOn = held !== null && isCode(error, "state/unreachable") && clock.monotonic() < endsMs;
      if (!goesOn) {
        abandoned.add(takenBy);
        throw error;
      }
    }
    const leftMs = endsMs - clock.monotonic();
    if (held !== null && leftMs <= 0) return held;
    await clock.sleep(Math.min(askEveryMs, leftMs), interrupted);
  }
}

type Held = Extract<TakenLease, { readonly ok: false }>;

/** What one take knows from one step to the next. */
interface Attempt {
  /** The commit that the ref had when it was asked last. */
  commit: string | null;
  /** When an answer first named that commit, by the monotonic clock. */
  sinceMs: number;
  /** What holds if the last push arrived although its answer did not. */
  sent: Exclude<TakenLease, Held> | null;
}

interface Step {
  readonly options: TakeOptions;
  readonly attempt: Attempt;
  readonly ports: TakePorts;
}

async function takeOnce(ref: string, { options, attempt, ports }: Step): Promise<TakenLease> {
  const { keeper, inTurn, clock, lastsMs, takenBy, abandoned } = ports;
  const decide: Decide<TakenLease> = ({ commit, tip }, askedMs) => {
    if (attempt.sent && tip.takenBy === takenBy) return { answer: attempt.sent };
    const isFree = tip.holder === null || abandoned.has(tip.takenBy ?? "");
    if (!isFree && attempt.commit !== commit)
      Object.assign(attempt, { commit, sinceMs: clock.monotonic() });
    const isDead = askedMs !== null && askedMs - attempt.sinceMs >= lastsMs;
    if (!isFree && !isDead) return { answer: { ok: false, holder: tip.holder } };
    const fence = Math.max(tip.fence, options.above) + 1;
    const { holder } = options;
    attempt.sent = { ok: true, fence, followed: tip.fence, head: tip.head };
    return {
      tip: { ...tip, fence, holder, takenBy },
      subject: `lease ${fence}: ${holder.task}${sayHost(holder)}, process ${holder.pid}`,
      then: attempt.sent,
    };
  };
  return inTurn(() => {
    // A lease that was free when it was seen last is taken without another question: the push fails if it is not.
    const ask = keeper.seen(ref)?.tip.holder !== null;
    return keeper.change(ref, decide, { ask, interrupted: options.interrupted });
  });
}

/** The commit's subject stays in the history of the ref. */
function sayHost({ host }: TakeOptions["holder"]): string {
  return host === unnamed ? "" : ` of ${host}`;
}
