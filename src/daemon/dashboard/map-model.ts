// Makes the data of the map: groups with their endpoints, loads and shares, and what the last change moved.
import { endpointKey } from "../../model/endpoint.ts";
import {
  isDone,
  type ExplainedEndpoint,
  type GroupPlan,
  type Move,
  type ToldOperation,
} from "../../model/plan.ts";
import type { ToldResult } from "../../model/result.ts";
import type { PassResults } from "../view.ts";
import { groupBy } from "../../lib/group-by.ts";
import { compareNames, splitUrl, withoutScheme } from "./words.ts";

export interface MapGroup {
  readonly name: string;
  readonly place: string;
  /** Its manifest's labels, such as `team=crm`. */
  readonly labels: readonly string[];
  readonly state: string;
  /** Why the group is skipped; null if it is not. */
  readonly skipped: string | null;
  /** The host of all its endpoints; null if they differ. */
  readonly host: string | null;
  /** The endpoints in use, then those that are not used any more. */
  readonly endpoints: readonly MapEndpoint[];
  readonly capacity: number;
  readonly total: number;
  /** Estimated events a second; 0, which the map does not show, if the manifest states no rate. */
  readonly throughput: number;
  readonly balance: Balance;
  readonly arcs: readonly Arc[];
  /** The changes that the map shows are planned, not made. */
  readonly isPlanned: boolean;
  readonly needsAttention: boolean;
  /** The group moved event types or needs attention, so the map opens it. */
  readonly isMarked: boolean;
}

export interface Balance {
  readonly isEven: boolean;
  /** `6–7 each`. */
  readonly words: string;
}

export interface MapEndpoint {
  readonly key: string;
  readonly url: string;
  readonly label: string;
  /** `left`: not used any more; `idle`: in the pool, but without a resource. */
  readonly use: "used" | "left" | "idle";
  /** Null if all endpoints of the group have the same weight. */
  readonly weight: number | null;
  /** The exact fair share; null if the group is not split. */
  readonly share: number | null;
  readonly eventTypes: readonly MapEventType[];
  /** Event types that the last change moved away. */
  readonly gone: readonly MapEventType[];
  readonly throughput: number;
  /** The operation that was not applied, such as `update failed`; null if there is none. */
  readonly trouble: string | null;
  /** The planned operation, such as `to update`; null if there is none. */
  readonly planned: string | null;
}

export interface MapEventType {
  readonly name: string;
  /** The label of the endpoint that it came from or went to; null if it did not move. */
  readonly other: string | null;
}

/** Event types that moved from one endpoint to another. `from` and `to` are indexes into the group's endpoints. */
export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Returns the last pass if it planned operations, done or not; otherwise the last pass that changed something. */
export function changeOf(
  shown: PassResults,
): { readonly result: ToldResult; readonly finishedAt: string | null } | null {
  const { result, lastChange } = shown;
  if (result && result.operations.length > 0) {
    const isLast = lastChange?.result.runId === result.runId;
    return { result, finishedAt: isLast ? lastChange.finishedAt : null };
  }
  return lastChange;
}

export function makeMap(shown: PassResults): readonly MapGroup[] {
  const change = changeOf(shown);
  const changed = new Map(change?.result.groups.map((group) => [group.group, group]));
  const isPlanned = change?.result.dryRun === true;
  const byGroup = groupBy(shown.result?.operations ?? [], ({ group }) => group);
  const groups = (shown.result?.groups ?? []).map((group) =>
    makeGroup(group, {
      was: changed.get(group.group),
      operations: byGroup.get(group.group) ?? [],
      isPlanned,
    }),
  );
  return groups.sort(
    (a, b) => Number(b.needsAttention) - Number(a.needsAttention) || compareNames(a.name, b.name),
  );
}

interface GroupChange {
  /** The group as the last change left it. */
  readonly was: GroupPlan | undefined;
  readonly operations: readonly ToldOperation[];
  readonly isPlanned: boolean;
}

function makeGroup(group: GroupPlan, change: GroupChange): MapGroup {
  const moves = change.was?.moves ?? [];
  const urls = group.endpoints.map(({ url }) => url);
  const idle = group.explanation?.endpoints.map(({ url }) => url).filter((url) => !isIn(urls, url)) ?? [];
  const left = [...new Set(moves.map(({ from }) => from))].filter((url) => !isIn([...urls, ...idle], url));
  const all = [...urls, ...idle, ...left];
  const hosts = new Set(all.map((url) => splitUrl(url).host));
  const labelOf = (url: string): string => (hosts.size === 1 ? splitUrl(url).path : withoutScheme(url));
  const endpoints = all.map((url, index) =>
    makeEndpoint(url, {
      group,
      moves,
      labelOf,
      index,
      use: index < urls.length ? "used" : isIn(idle, url) ? "idle" : "left",
      ...change,
    }),
  );
  const needsAttention = group.skipped !== null || endpoints.some(({ trouble }) => trouble !== null);
  return {
    name: group.group,
    place: `${group.place.file}:${group.place.line}`,
    labels: Object.entries(group.labels ?? {}).map((pair) => pair.join("=")),
    state: group.state,
    skipped: group.skipped,
    host: hosts.size === 1 ? ([...hosts].find((host) => host !== "") ?? null) : null,
    endpoints,
    capacity: group.capacity,
    total: group.endpoints.reduce((sum, { eventTypes }) => sum + eventTypes.length, 0),
    throughput: endpoints.reduce((sum, { throughput }) => sum + throughput, 0),
    balance: judgeBalance(endpoints.filter(({ use }) => use === "used")),
    arcs: makeArcs(moves, all),
    isPlanned: change.isPlanned,
    needsAttention,
    isMarked: moves.length > 0 || needsAttention,
  };
}

interface EndpointPlace extends GroupChange {
  readonly group: GroupPlan;
  readonly moves: readonly Move[];
  readonly labelOf: (url: string) => string;
  readonly index: number;
  readonly use: MapEndpoint["use"];
}

function makeEndpoint(url: string, endpointPlace: EndpointPlace): MapEndpoint {
  const { group, moves, labelOf, index, use, operations } = endpointPlace;
  const plan = group.endpoints.find((endpoint) => endpoint.url === url);
  const explained = group.explanation?.endpoints.find((endpoint) => sameEndpoint(endpoint.url, url));
  const cameFrom = new Map(
    moves
      .filter(({ to }) => sameEndpoint(to, url))
      .map(({ eventType, from }) => [eventType, labelOf(from)]),
  );
  const open = operations.find((operation) => sameEndpoint(operation.endpoint, url) && !isDone(operation));
  return {
    key: `${index} ${url}`,
    url,
    label: labelOf(url),
    use,
    weight: explained && isWeighted(group) ? explained.weight : null,
    share: use !== "left" && explained ? parseShare(explained) : null,
    eventTypes: (plan?.eventTypes ?? []).map((name) => ({ name, other: cameFrom.get(name) ?? null })),
    gone: moves
      .filter(({ from }) => sameEndpoint(from, url))
      .map(({ eventType, to }) => ({ name: eventType, other: labelOf(to) })),
    throughput: group.rateAssumed ? 0 : (plan?.estimatedThroughput ?? 0),
    trouble: open ? describeTrouble(open) : null,
    planned: open?.status === "planned" ? `to ${open.action}` : null,
  };
}

function describeTrouble({ action, status }: ToldOperation): string | null {
  if (status === "failed") return `${action} failed`;
  if (status === "unknown") return `${action}: outcome unknown`;
  return status === "skipped" ? `${action} not started` : null;
}

function isWeighted({ explanation }: GroupPlan): boolean {
  return new Set(explanation?.endpoints.map(({ weight }) => weight)).size > 1;
}

/** Returns null if the group has one endpoint or is not split. */
function parseShare({ share }: ExplainedEndpoint): number | null {
  const [, above = "", below = "1"] = /^(\d+)(?:\/(\d+))?/.exec(share) ?? [];
  return above === "" ? null : Number(above) / Number(below);
}

function judgeBalance(endpoints: readonly MapEndpoint[]): Balance {
  const loads = endpoints.map(({ eventTypes }) => eventTypes.length);
  if (loads.length < 2) return { isEven: true, words: loads.length === 1 ? "one endpoint" : "no endpoint" };
  const [least, most] = [Math.min(...loads), Math.max(...loads)];
  const isEven = endpoints.every(({ share, eventTypes }) =>
    share === null ? most - least <= 1 : Math.abs(eventTypes.length - share) < 1,
  );
  const each = least === most ? `${least} each` : `${least}–${most} each`;
  const weighted = endpoints.some(({ weight }) => weight !== null);
  if (!isEven) return { isEven, words: `uneven, ${each}` };
  return { isEven, words: weighted ? `${each}, by weight` : each };
}

function makeArcs(moves: readonly Move[], urls: readonly string[]): Arc[] {
  const arcs = new Map<string, Arc>();
  for (const { from, to } of moves) {
    const [start, end] = [from, to].map((url) => urls.findIndex((other) => sameEndpoint(other, url)));
    if (start === undefined || end === undefined || start < 0 || end < 0) continue;
    const key = `${start}-${end}`;
    arcs.set(key, { from: start, to: end, count: (arcs.get(key)?.count ?? 0) + 1 });
  }
  return [...arcs.values()];
}

function isIn(urls: readonly string[], url: string): boolean {
  return urls.some((other) => sameEndpoint(other, url));
}

const keys = new Map<string, string>();
const mostKeys = 10_000;

/** Compares by cached keys: parsing a URL is the most expensive step here, and the same URLs come again and again. */
function sameEndpoint(a: string, b: string): boolean {
  return a === b || keyOf(a) === keyOf(b);
}

function keyOf(url: string): string {
  const known = keys.get(url);
  if (known !== undefined) return known;
  if (keys.size >= mostKeys) keys.clear();
  const key = endpointKey(url);
  keys.set(url, key);
  return key;
}
