// Lets what was gained take effect before other resources give it up: a kind may deliver it only some time after the
// platform has stored it, and no answer tells when. All groups of a pass wait together.
import type { Clock } from "../lib/clock.ts";
import type { Kinds } from "../model/kind.ts";
import { isPlanned, type Operation } from "../model/plan.ts";
import { gainsEventTypes } from "../plan/settle-time.ts";
import { saySettling } from "../words/say-settling.ts";
import type { Successor } from "./gainers.ts";
import { pause } from "./pause.ts";

export interface Settling {
  /** Notes that a write is done; `recordedAtMs`: when its outcome was recorded, null if it is not on record. */
  readonly note: (operation: Operation, recordedAtMs: number | null) => void;
  /**
   * Notes that a group was planned anew: what its new plan found in place may be a moment old, whoever made it, and the phases
   * of what is done already do not count in it.
   */
  readonly noteReplan: () => void;
  /** Resolves once the operation may take event types away, or when the pass is interrupted. */
  readonly settle: (operation: Operation, successors: readonly Successor[]) => Promise<void>;
}

export interface SettlingPorts {
  readonly kinds: Kinds;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  /** By id, when earlier passes recorded what they wrote, in ms since 1970; absent for nothing. */
  readonly recordedAtMs?: ReadonlyMap<string, number>;
  readonly onWait?: (words: string, done: number, total: number) => void;
}

/** A phase that each phase of a plan follows. */
const beforeAll = 0;

/** So often the time that is left is shown. */
const lookMs = 1_000;

export function makeSettling(ports: SettlingPorts): Settling {
  const { kinds, clock, recordedAtMs = new Map<string, number>(), onWait = () => undefined } = ports;
  // The monotonic clock, because someone may set the other one in the middle of a wait. A time in the future counts as now.
  const asMonotonic = (atMs: number): number => clock.monotonic() - Math.max(0, clock.now() - atMs);
  const earlier = new Map([...recordedAtMs].map(([id, atMs]) => [id, asMonotonic(atMs)]));
  /** By phase, when the last gainer of any group was recorded. */
  const gained = new Map<number, number>();

  const findUntilMs = ({ phase }: Operation, successors: readonly Successor[]): number => {
    const settleMs = Math.max(0, ...successors.map((one) => kinds.settleMsOf(kindOf(one, kinds))));
    if (settleMs === 0) return -Infinity;
    const inThisPass = [...gained].flatMap(([its, atMs]) => (its < phase ? [atMs] : []));
    const before = successors.map(({ webhookId }) => earlier.get(webhookId) ?? -Infinity);
    return Math.max(...inThisPass, ...before) + settleMs;
  };

  return {
    note: (operation, atMs) => {
      if (kinds.settleMsOf(kinds.of(operation)) === 0 || !gainsEventTypes(operation)) return;
      const { phase } = operation;
      gained.set(phase, Math.max(gained.get(phase) ?? -Infinity, asMonotonic(atMs ?? clock.now())));
    },
    noteReplan: () => {
      gained.set(beforeAll, clock.monotonic());
    },
    settle: async (operation, successors) => {
      if (!isPlanned(operation)) return;
      for (;;) {
        const leftMs = findUntilMs(operation, successors) - clock.monotonic();
        if (leftMs <= 0) return;
        onWait(saySettling(leftMs), 0, 0);
        if (!(await pause(Math.min(leftMs, lookMs), ports))) return;
      }
    },
  };
}

function kindOf({ kind, endpoints }: Successor, kinds: Kinds) {
  return kinds.of({ kind, endpoint: endpoints[0] });
}
