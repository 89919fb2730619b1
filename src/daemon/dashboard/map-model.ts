// What the map shows: groups with their endpoints, loads, shares, and what the last change moved.
import { endpointKey } from "../../model/endpoint.ts";
import {
  isDone,
  type ExplainedEndpoint,
  type GroupPlan,
  type Move,
  type ToldOperation,
} from "../../model/plan.ts";
import type { ToldResult } from "../../model/result.ts";
import type { Shown } from "../view.ts";
import { splitUrl, withoutScheme } from "./words.ts";

export interface MapGroup {
  readonly name: string;
  readonly place: string;
  readonly state: string;
  /** What stands in its way; null where nothing does. */
  readonly skipped: string | null;
  /** Of all its endpoints; null where they differ. */
  readonly host: string | null;
  /** Those in use, then those that were left. */
  readonly endpoints: readonly MapEndpoint[];
  readonly capacity: number;
  readonly total: number;
  readonly throughput: number;
  readonly balance: Balance;
  readonly arcs: readonly Arc[];
  /** The changes that it shows are planned, not made. */
  readonly isPlanned: boolean;
  /** Something happened here that a reader should see. */
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
  /** `left`: no longer used; `idle`: in the pool, without a webhook. */
  readonly use: "used" | "left" | "idle";
  /** Null where every endpoint of the group weighs the same. */
  readonly weight: number | null;
  /** Its exact fair share; null where nothing is shared. */
  readonly share: number | null;
  readonly eventTypes: readonly MapEventType[];
  /** Moved away by the last change. */
  readonly gone: readonly MapEventType[];
  readonly throughput: number;
  /** What did not become of its webhook, such as `update failed`; null where all is well. */
  readonly trouble: string | null;
  /** What would become of it, such as `to update`; null where nothing would. */
  readonly planned: string | null;
}

export interface MapEventType {
  readonly name: string;
  /** The label of the endpoint that it came from, or went to; null where it stayed. */
  readonly other: string | null;
}

/** Event types that moved from one endpoint to another, by their places in the list. */
export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** What is called the last change: of a pass that left something undone, what it meant to do. */
export function changeOf(
  shown: Shown,
): { readonly result: ToldResult; readonly finishedAt: string | null } | null {
  const { result, lastChange } = shown;
  if (result && result.operations.length > 0) {
    const isLast = lastChange?.result.runId === result.runId;
    return { result, finishedAt: isLast ? lastChange.finishedAt : null };
  }
  return lastChange;
}

export function makeMap(shown: Shown): readonly MapGroup[] {
  const change = changeOf(shown);
  const changed = new Map(change?.result.groups.map((group) => [group.group, group]));
  const isPlanned = change?.result.dryRun === true;
  return (shown.result?.groups ?? []).map((group) => {
    const was = changed.get(group.group);
    const operations = (shown.result?.operations ?? []).filter(
      (operation) => operation.group === group.group,
    );
    return makeGroup(group, { was, operations, isPlanned });
  });
}

interface Around {
  /** The group as the last change left it. */
  readonly was: GroupPlan | undefined;
  readonly operations: readonly ToldOperation[];
  readonly isPlanned: boolean;
}

function makeGroup(group: GroupPlan, around: Around): MapGroup {
  const moves = around.was?.moves ?? [];
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
      ...around,
    }),
  );
  return {
    name: group.group,
    place: `${group.place.file}:${group.place.line}`,
    state: group.state,
    skipped: group.skipped,
    host: hosts.size === 1 ? ([...hosts].find((host) => host !== "") ?? null) : null,
    endpoints,
    capacity: group.capacity,
    total: group.endpoints.reduce((sum, { eventTypes }) => sum + eventTypes.length, 0),
    throughput: group.endpoints.reduce((sum, { estimatedThroughput }) => sum + estimatedThroughput, 0),
    balance: judgeBalance(endpoints.filter(({ use }) => use === "used")),
    arcs: makeArcs(moves, all),
    isPlanned: around.isPlanned,
    isMarked:
      moves.length > 0 || group.skipped !== null || endpoints.some(({ trouble }) => trouble !== null),
  };
}

interface Within extends Around {
  readonly group: GroupPlan;
  readonly moves: readonly Move[];
  readonly labelOf: (url: string) => string;
  readonly index: number;
  readonly use: MapEndpoint["use"];
}

function makeEndpoint(url: string, within: Within): MapEndpoint {
  const { group, moves, labelOf, use, operations } = within;
  const plan = group.endpoints.find((endpoint) => endpoint.url === url);
  const explained = group.explanation?.endpoints.find((endpoint) => sameEndpoint(endpoint.url, url));
  const cameFrom = new Map(
    moves
      .filter(({ to }) => sameEndpoint(to, url))
      .map(({ eventType, from }) => [eventType, labelOf(from)]),
  );
  const open = operations.find((operation) => sameEndpoint(operation.endpoint, url) && !isDone(operation));
  return {
    key: `${within.index} ${url}`,
    url,
    label: labelOf(url),
    use,
    weight: explained && isWeighted(group) ? explained.weight : null,
    share: use !== "left" && explained ? parseShare(explained) : null,
    eventTypes: (plan?.eventTypes ?? []).map((name) => ({ name, other: cameFrom.get(name) ?? null })),
    gone: moves
      .filter(({ from }) => sameEndpoint(from, url))
      .map(({ eventType, to }) => ({ name: eventType, other: labelOf(to) })),
    throughput: plan?.estimatedThroughput ?? 0,
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

/** Null where the group has one endpoint, or is not split. */
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

/** Reading a URL costs more than all else here, and the same ones come again and again. */
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
