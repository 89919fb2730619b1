// Each kind of harm that a lease, a store, a takeover or a network could do, and the check that has to see it.
import { makeUnsure, type HttpResponse } from "../../../src/model/http.ts";
import { ReconcileError } from "../../../src/model/errors.ts";
import type { StoreKind } from "../../../src/state/state.ts";
import type { Sabotage } from "./run-pass.ts";
import type { Check } from "./town.ts";

export interface Harm {
  readonly harm: string;
  /** One of them is enough. */
  readonly checks: readonly Check[];
  readonly stores: readonly StoreKind[];
  /** Made anew for each story. */
  readonly sabotage: () => Sabotage;
}

/** Over Git a story takes seconds, and what is spoilt here is the same there. */
const every: readonly StoreKind[] = ["files", "postgres"];

export const harms: readonly Harm[] = [
  {
    harm: "a last check that always says yes",
    checks: ["oneApplier"],
    stores: every,
    sabotage: () => ({
      hold: /before the check of write/,
      send: (send) => (request, guard) => send(request, guard && { ...guard, mayStart: () => true }),
    }),
  },
  {
    harm: "a store that takes a record under an old lease",
    checks: ["noOldFence"],
    stores: ["postgres"],
    sabotage: () => ({
      hold: /before append of the store/,
      within: (store) => ({
        ...store,
        append: async (key, _fence, records) => store.append(key, (await store.look(key)).fence, records),
      }),
      store: (store, sleeper) => ({
        ...store,
        // Only before the next holder's first record does the chain not give it away.
        take: async (key, options) => {
          const taken = await store.take(key, options);
          await sleeper.clock.sleep(0.8 * store.times.lastsMs);
          return taken;
        },
      }),
    }),
  },
  {
    harm: "a lease that is given to everybody who asks",
    checks: ["oneApplier", "noOldFence"],
    stores: ["postgres"],
    sabotage: () => ({
      store: (store) => ({
        ...store,
        take: async (key, options) => {
          const { head, fence } = await store.look(key);
          return fence === 0 ? store.take(key, options) : { ok: true, fence, followed: fence, head };
        },
        renew: () => Promise.resolve(true),
      }),
    }),
  },
  {
    harm: "a takeover that does not look up what is open",
    checks: ["noDuplicate", "ownClaims", "noGap"],
    stores: every,
    sabotage: () => {
      const seen = new Map<string, HttpResponse>();
      return {
        // What a pass has listed before it waited for the lease is what it goes by afterwards, too.
        send:
          (send, { name }) =>
          async (request, guard) => {
            const { pathname, search } = new URL(request.url);
            const isList = request.method === "GET" && /\/(webhooks|triggers|integrations)$/.test(pathname);
            const its = `${name} ${pathname}${search}`;
            const found = isList ? seen.get(its) : undefined;
            if (found) return found;
            const answer = await send(request, guard);
            if (isList && answer.status === 200) seen.set(its, answer);
            return answer;
          },
      };
    },
  },
  {
    harm: "a write that leaves although its outcome says that it did not",
    checks: ["intentFirst", "ownClaims"],
    stores: every,
    sabotage: () => ({
      send: (send) => async (request, guard) => {
        const answer = await send(request, guard);
        const isLost = guard !== undefined && answer.status < 300;
        // The product takes this one for a request that never left.
        if (isLost) throw makeUnsure(request);
        return answer;
      },
    }),
  },
  {
    harm: "a network that sends a write again by itself",
    checks: ["intentFirst", "ownClaims", "noDuplicate"],
    stores: every,
    sabotage: () => ({
      send: (send) => async (request, guard) => {
        const answer = await send(request, guard).catch((error: unknown) => error);
        if (request.method === "POST" && guard) return send(request, guard);
        if (answer instanceof Error || answer instanceof ReconcileError) throw answer;
        return answer as HttpResponse;
      },
    }),
  },
];
