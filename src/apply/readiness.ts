// Sends writes again whose endpoint the platform does not take yet, until it takes them or the time is up.
import pLimit, { type LimitFunction } from "p-limit";
import { backoffMs } from "../genesys/client/retry.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { pause } from "./pause.ts";

/**
 * A pipeline that publishes an endpoint and then starts a pass waits so long at most; the vendor's own provider waits about
 * as long. The time counts from the first refusal of the pass, because what was published before the pass is ready by then.
 */
const patienceMs = 30_000;

/** The part of an attempt that tells whether to send again. */
interface Attempt {
  readonly outcome: { readonly status: string };
  readonly isAttempted: boolean;
}

export interface Readiness {
  /** Calls `attempt` at least once; `endpoint`: the endpoint that the write leads to, null if it leads to no other. */
  readonly sendWhenReady: <T extends Attempt>(
    endpoint: string | null,
    attempt: () => Promise<T>,
  ) => Promise<T>;
}

interface Wait {
  /** One write at a time asks again, because the answer is the same for all; once it was taken, all may. */
  asking: LimitFunction | null;
  isReady: boolean;
}

export function makeReadiness(ports: {
  readonly clock: Clock;
  readonly random: Random;
  readonly interrupted: AbortSignal;
}): Readiness {
  const { clock, random } = ports;
  const waits = new Map<string, Wait>();
  let untilMs: number | null = null;

  const waitFor = (endpoint: string): Wait => {
    const wait = waits.get(endpoint) ?? { asking: null, isReady: false };
    waits.set(endpoint, wait);
    return wait;
  };

  /** False if the time is up, or if the pass was stopped. */
  const pauseBefore = async (asks: number): Promise<boolean> => {
    const leftMs = (untilMs ??= clock.monotonic() + patienceMs) - clock.monotonic();
    if (leftMs <= 0) return false;
    return pause(Math.min(leftMs, backoffMs(asks, random)), ports);
  };

  return {
    sendWhenReady: async (endpoint, attempt) => {
      const first = await attempt();
      if (endpoint === null) return first;
      const wait = waitFor(endpoint);
      let last = first;
      const askAgain = async (): Promise<void> => {
        for (let asks = 1; last.outcome.status === "notReady"; asks += 1) {
          // An endpoint that took another write is ready, so a second refusal is about something else.
          const isRepeated = wait.isReady ? asks === 1 : await pauseBefore(asks);
          if (!isRepeated) return;
          const next = await attempt();
          // The refusal tells more than that the pass was stopped meanwhile.
          if (next.outcome.status === "unsent") return;
          last = { ...next, isAttempted: true };
        }
      };
      if (last.outcome.status === "notReady") {
        wait.asking ??= pLimit(wait.isReady ? Infinity : 1);
        await wait.asking(askAgain);
      }
      if (last.outcome.status === "applied") {
        wait.isReady = true;
        if (wait.asking) wait.asking.concurrency = Infinity;
      }
      return last;
    },
  };
}
