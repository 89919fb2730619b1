// A kind of resource that the product does not have, with options of its own: couriers share the scheme of webhooks and the
// key of triggers, deliver after a minute unless a manifest says otherwise, and know whole minutes alone.
import type { Kind } from "../../src/model/kind.ts";
import { defineOptions } from "../../src/model/options.ts";
import type { ResourceDocument } from "../../src/model/resource.ts";
import { answer, type Intercept } from "../support/world.ts";
import { relayAlone } from "./relay.ts";

const minutes = (seconds: number | null): number => Math.round((seconds ?? 0) / 60);
const aMinute = { matchCriteria: [], eventTTLSeconds: null, delayBySeconds: 60 };

export const courier: Kind = {
  ...relayAlone,
  ...{ name: "courier", noun: "courier", nouns: "couriers", fullNouns: "couriers" },
  ...{ path: "/api/v2/couriers", probePath: "/api/v2/couriers?pageSize=1" },
  isChosen: ({ owner }) => owner.startsWith("couriers"),
  granularity: "endpoint",
  options: defineOptions({
    key: "trigger",
    ...{ noun: "delay", nouns: "delays" },
    defaults: aMinute,
    unset: aMinute,
    written: "differing",
    ifDiffering: "commonest",
    expectations: {},
    misplaced: () => ({ severity: "error", code: "delay/notHere", message: "no delay", hint: "remove it" }),
    spellAs: (one, other) => (minutes(one.delayBySeconds) === minutes(other.delayBySeconds) ? other : one),
    findFaults: ({ eventTTLSeconds }) =>
      eventTTLSeconds === null
        ? []
        : [{ pointer: "", code: "delay/old", message: "couriers drop nothing", hint: "remove it" }],
    describe: ({ delayBySeconds }) => [`waits ${minutes(delayBySeconds)} min`],
  }),
};

export type StoredCourier = ResourceDocument & { readonly id: string };

/** Answers requests for couriers; all others go on to the embedded platform. */
export function makeCourierPlatform(stored: Map<string, StoredCourier>): Intercept {
  return ({ method, url, body }, forward) => {
    const { pathname } = new URL(url);
    if (!pathname.startsWith(courier.path)) return forward();
    const id = pathname.slice(courier.path.length + 1) || `courier-${stored.size + 1}`;
    if (method === "GET" && pathname === courier.path)
      return answer(200, { entities: [...stored.values()] });
    if (method === "POST" || method === "PUT")
      stored.set(id, { ...(JSON.parse(body ?? "") as ResourceDocument), id });
    const found = stored.get(id);
    if (method === "DELETE") stored.delete(id);
    return found ? answer(200, found) : answer(404);
  };
}
