// The least that any balanced assignment needs, found by trying them all: for a few endpoints and event types only.
import type { PlanOptions } from "../../src/plan/make-plan.ts";
import { webhookDescription, webhookName } from "../../src/model/ownership.ts";
import { poolOf } from "../../src/plan/places.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import type { LiveResource } from "../../src/model/resource.ts";
import { fairShares, isRounded } from "./fair-shares.ts";

/** Moves: event types that are live, but not on their endpoint. Writes: with those, the fewest. */
export interface Least {
  readonly moves: number;
  readonly writes: number;
}

export function findLeast(
  desired: Subscription,
  live: readonly LiveResource[],
  options: Pick<PlanOptions, "limits" | "owner">,
): Least {
  const pool = poolOf(desired, options.limits);
  const { eventTypes } = desired;
  const shares = fairShares(
    eventTypes.length,
    pool.map(({ weight }) => weight),
    options.limits.maxEventTypesPerEndpoint,
  );
  const here = pool.map(({ url }) => live.filter(({ endpoint }) => isSame(endpoint, url)));
  const leavers = live.filter(({ endpoint }) => pool.every(({ url }) => !isSame(endpoint, url)));
  const isLive = eventTypes.map((type) => live.some((webhook) => webhook.eventTypes.includes(type)));
  // Where it is delivered now or, if it is delivered nowhere, where it would be.
  const homes = eventTypes.map((type) => {
    const holders = live.filter((webhook) => webhook.eventTypes.includes(type));
    const delivering = holders.filter((webhook) => webhook.state === "enabled");
    const counted = delivering.length > 0 ? delivering : holders;
    return here.map((webhooks) => webhooks.some((webhook) => counted.includes(webhook)));
  });
  const counts = pool.map(() => 0);
  const slotOf: number[] = [];
  let least: Least = { moves: Infinity, writes: Infinity };

  const place = (at: number, moves: number): void => {
    if (moves > least.moves) return;
    if (at < eventTypes.length) {
      for (const slot of pool.keys()) {
        counts[slot] = (counts[slot] ?? 0) + 1;
        slotOf[at] = slot;
        if (counts[slot] <= ceiling(shares[slot])) {
          place(at + 1, moves + (isLive[at] && !homes[at]?.[slot] ? 1 : 0));
        }
        counts[slot] -= 1;
      }
      return;
    }
    if (!counts.every((count, slot) => isRounded(count, shares[slot]))) return;
    const assigned = pool.map((_, slot) => eventTypes.filter((_type, index) => slotOf[index] === slot));
    const writes = countWrites(assigned, { desired, here, leavers: leavers.length, owner: options.owner });
    if (moves < least.moves || writes < least.writes) least = { moves, writes };
  };
  place(0, 0);
  return least;
}

function ceiling(share: { readonly numerator: number; readonly denominator: number } | undefined): number {
  return share ? Math.ceil(share.numerator / share.denominator) : 0;
}

/** A webhook that leaves its endpoint is re-pointed at one that joined; surplus ones are deleted. */
function countWrites(
  assigned: readonly (readonly string[])[],
  given: {
    readonly desired: Subscription;
    readonly here: readonly (readonly LiveResource[])[];
    readonly leavers: number;
    readonly owner: string;
  },
): number {
  let writes = 0;
  const leaving = given.leavers;
  let joining = 0;
  const { granularity } = given.desired.kind;
  for (const [slot, types] of assigned.entries()) {
    const webhooks = given.here[slot] ?? [];
    if (typeof granularity === "object") {
      writes += countPartWrites(types, webhooks, { ...given, most: granularity.most });
      continue;
    }
    if (webhooks.length === 0) {
      if (types.length > 0) joining += 1;
      continue;
    }
    writes += webhooks.length - 1;
    if (types.length === 0 || !webhooks.some((webhook) => isRight(webhook, types, given))) writes += 1;
  }
  const { isMovable } = given.desired.kind;
  return writes + (isMovable ? Math.max(leaving, joining) : leaving + joining);
}

/** Tries every choice of parts that stay as they are; the others are written, and take what is left, with new ones. */
function countPartWrites(
  types: readonly string[],
  parts: readonly LiveResource[],
  given: { readonly desired: Subscription; readonly owner: string; readonly most: number },
): number {
  let least = Infinity;
  for (let choice = 0; choice < 2 ** parts.length; choice += 1) {
    const staying = parts.filter((_, index) => choice & (2 ** index));
    const held = staying.flatMap(({ eventTypes }) => eventTypes);
    const isPossible =
      new Set(held).size === held.length &&
      held.every((type) => types.includes(type)) &&
      staying.every(
        (part) => part.eventTypes.length <= given.most && isRight(part, part.eventTypes, given),
      );
    const written = parts.length - staying.length;
    const needed = Math.ceil((types.length - held.length) / given.most);
    if (isPossible) least = Math.min(least, Math.max(written, needed));
  }
  return least;
}

function isRight(
  webhook: LiveResource,
  types: readonly string[],
  { desired, owner }: { readonly desired: Subscription; readonly owner: string },
): boolean {
  const seconds = (interval: string): number => ({ PT1M: 60, PT60S: 60 })[interval] ?? 30;
  const { retryPolicy } = webhook;
  const written = [...desired.endpointPool.map(({ url }) => url), desired.endpointUrl];
  const spellings = [webhook.endpoint, ...written.filter((url) => isSame(url, webhook.endpoint))];
  return (
    spellings.some((url) => isName(webhook.name, url, desired)) &&
    webhook.description === webhookDescription(desired, owner) &&
    webhook.state === desired.state &&
    (desired.kind.options?.key !== "retryPolicy" ||
      (retryPolicy !== null &&
        seconds(retryPolicy.retryInterval) === seconds(desired.retryPolicy.retryInterval))) &&
    webhook.eventTypes.length === types.length &&
    types.every((type) => webhook.eventTypes.includes(type))
  );
}

function isName(name: string, url: string, { group, kind }: Subscription): boolean {
  const numbers = typeof kind.granularity === "object" ? [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : [];
  return [url, ...numbers.map((number) => `${url}\n${number}`)].some(
    (hashed) => name === webhookName(group, hashed),
  );
}

function isSame(endpoint: string, other: string): boolean {
  return new URL(endpoint).href === new URL(other).href;
}
