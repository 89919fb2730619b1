// Rule: warns if resources would deliver more events than the platform lets through, in one manifest or in all together. Only
// manifests that state their `historicalRate` count, because the default rate is a guess.
import type { Diagnostic } from "../../model/diagnostic.ts";
import { endpointKey } from "../../model/endpoint.ts";
import type { Kind } from "../../model/kind.ts";
import type { Limits } from "../../model/config.ts";
import type { Subscription } from "../../model/subscription.ts";
import { estimateThroughput, type ThroughputLimit, type ThroughputLimits } from "../../model/throughput.ts";
import type { Draft } from "../draft.ts";
import { warningAt } from "../problem.ts";
import { isPoolInUse } from "./pool-in-use.ts";
import type { RuleOptions } from "./rule.ts";

/** Events a second, in all and by endpoint. */
interface Rates {
  readonly total: number;
  readonly byEndpoint: ReadonlyMap<string, number>;
}

/** The manifests so far. */
interface Sum extends Rates {
  readonly groups: number;
  readonly byEndpoint: Map<string, number>;
}

/** The warning is at the manifest with which a limit is passed, and at each that passes one alone. */
export function throughput({ limits }: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const sums = new Map<Kind, Sum>();
  return ({ subscription, written }) => {
    const place = written("historicalRate");
    if (!place || subscription?.state !== "enabled") return [];
    const { kind } = subscription;
    const { throughput: allowed, nouns } = kind;
    if (!allowed) return [];
    const own = findRates(subscription, limits);
    const before = sums.get(kind) ?? { groups: 0, total: 0, byEndpoint: new Map<string, number>() };
    const shared = { ...allowed, limits: allowed.limits.filter((limit) => limit.of !== "group") };
    const isPassed = new Set(findExcess(sumOf(own, before, 0), shared).map(({ key }) => key));
    const alone = findExcess(own, allowed);
    const together = findExcess(sumOf(own, before, 1), shared).filter(({ key }) => !isPassed.has(key));
    for (const [endpoint, rate] of own.byEndpoint)
      before.byEndpoint.set(endpoint, (before.byEndpoint.get(endpoint) ?? 0) + rate);
    sums.set(kind, { ...before, groups: before.groups + 1, total: before.total + own.total });
    const found = alone.length > 0 ? alone : together;
    if (found.length === 0) return [];
    const others = alone.length > 0 ? "" : ` and of the ${before.groups} before it`;
    const message = `the ${nouns} of this group${others} would ${found.map(({ words }) => words).join("; ")}`;
    const hint = `${allowed.wayOut}; the estimate is historicalRate × event types × 0.8`;
    return [warningAt(place.ofValue(""), { code: "historicalRate/overLimit", message, hint })];
  };
}

/** Returns what the manifests before have at the endpoints of this one, and `times` its own rates on top. */
function sumOf(own: Rates, before: Rates, times: 0 | 1): Rates {
  const byEndpoint = Array.from(
    own.byEndpoint,
    ([endpoint, rate]) => [endpoint, (before.byEndpoint.get(endpoint) ?? 0) + times * rate] as const,
  );
  return { total: before.total + times * own.total, byEndpoint: new Map(byEndpoint) };
}

interface Excess {
  /** The limit that is passed; for that of one endpoint, the endpoint. */
  readonly key: string;
  readonly words: string;
}

function findExcess(rates: Rates, { verb, things, platform, limits }: ThroughputLimits): readonly Excess[] {
  return limits.flatMap((limit) => {
    const { per, most, whom } = limit;
    return ratesUnder(limit, rates).flatMap(([endpoint, rate]) => {
      const times = Math.round(rate * secondsIn[per]);
      if (times <= most) return [];
      const unit = per === "hour" ? "an hour" : `a ${per}`;
      const what = endpoint ?? things;
      const words = `${verb} ${what} about ${spell(times)} times ${unit}, where ${platform} allows ${whom} ${spell(most)}`;
      return [{ key: endpoint ?? unit, words }];
    });
  });
}

const secondsIn = { hour: 3_600, minute: 60, second: 1 } as const;

/** Returns what the limit is compared with, by endpoint; null stands for all endpoints together. */
function ratesUnder(
  { of }: ThroughputLimit,
  { total, byEndpoint }: Rates,
): readonly (readonly [string | null, number])[] {
  return of === "all" ? [[null, total]] : [...byEndpoint];
}

function spell(count: number): string {
  return count.toLocaleString("en-US");
}

/** An endpoint of a pool gets its weight's share, as a plan divides the event types. */
function findRates(subscription: Subscription, limits: Limits): Rates {
  const { historicalRate, eventTypes, endpointUrl, endpointPool } = subscription;
  const total = estimateThroughput(historicalRate, eventTypes.length);
  const pool = isPoolInUse(subscription, limits) ? endpointPool : [{ url: endpointUrl, weight: 1 }];
  const weights = pool.reduce((sum, { weight }) => sum + weight, 0);
  const byEndpoint = pool.map(({ url, weight }) => [endpointKey(url), (total * weight) / weights] as const);
  return { total, byEndpoint: new Map(byEndpoint) };
}
