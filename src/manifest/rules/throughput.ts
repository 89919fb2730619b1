// Rule: warns if resources would deliver more events than the platform lets through, in one manifest or in all together. Only
// manifests that state their `historicalRate` count, because the default rate is a guess.
import type { Diagnostic } from "../../model/diagnostic.ts";
import { endpointKey } from "../../model/endpoint.ts";
import type { Kind } from "../../model/kind.ts";
import type { Limits } from "../../model/config.ts";
import type { Subscription } from "../../model/subscription.ts";
import { estimateThroughput, type ThroughputLimits } from "../../model/throughput.ts";
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
    const isPassed = new Set(findExcess(sumOf(own, before, 0), allowed).map(({ key }) => key));
    const alone = findExcess(own, allowed);
    const together = findExcess(sumOf(own, before, 1), allowed).filter(({ key }) => !isPassed.has(key));
    for (const [endpoint, rate] of own.byEndpoint)
      before.byEndpoint.set(endpoint, (before.byEndpoint.get(endpoint) ?? 0) + rate);
    sums.set(kind, { ...before, groups: before.groups + 1, total: before.total + own.total });
    const found = alone.length > 0 ? alone : together;
    if (found.length === 0) return [];
    const others = alone.length > 0 ? "" : ` and of the ${before.groups} before it`;
    const message = `the ${nouns} of this group${others} would ${found.map(({ words }) => words).join("; ")}`;
    const { wayOut, namespace } = allowed;
    const hint =
      `${wayOut}, or ask Genesys Cloud for higher limits (namespace ${namespace}); the estimate is ` +
      "historicalRate × event types × 0.8";
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

function findExcess({ total, byEndpoint }: Rates, allowed: ThroughputLimits): readonly Excess[] {
  const { verb, things, perHour, perMinute, perMinuteToOne } = allowed;
  const rows = [
    { key: "an hour", what: things, times: total * 3_600, whom: "an organisation", most: perHour },
    { key: "a minute", what: things, times: total * 60, whom: "an organisation", most: perMinute },
    ...Array.from(byEndpoint, ([endpoint, rate]) => ({
      ...{ key: endpoint, what: endpoint, times: rate * 60, whom: "one target", most: perMinuteToOne },
    })),
  ];
  return rows
    .map((row) => ({ ...row, times: Math.round(row.times) }))
    .filter(({ times, most }) => times > most)
    .map(({ key, what, times, whom, most }) => {
      const unit = key === "an hour" ? key : "a minute";
      const words = `${verb} ${what} about ${spell(times)} times ${unit}, where Genesys Cloud allows ${whom} ${spell(most)}`;
      return { key, words };
    });
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
