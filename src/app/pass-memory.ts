// A daemon keeps the history and the plan from one pass to the next. The same inputs give the same history and the same plan,
// so a pass makes them anew only when an input has changed.
import type { History } from "../audit/history.ts";
import { makeDigest } from "../lib/hash.ts";
import type { Plan } from "../model/plan.ts";
import type { LiveResource } from "../model/resource.ts";
import type { Subscription } from "../model/subscription.ts";
import { makePlan, type PlanOptions } from "../plan/make-plan.ts";

export interface HistoryMemory {
  lastHistory: { readonly key: string; readonly history: History } | null;
}

export interface PlanMemory {
  lastPlan: { readonly desired: readonly Subscription[]; readonly key: string; readonly plan: Plan } | null;
}

interface HistoryInputs {
  /** A digest of the whole trail; null if it is not known, so that the trail has to be read. */
  readonly trail: string | null;
  readonly path: string;
  /** The environment whose records count. */
  readonly environment: string;
  readonly owner: string;
  readonly organization: string | null;
  readonly live: readonly LiveResource[];
}

export async function readOrRecall(
  memory: HistoryMemory | undefined,
  { trail, path, environment, owner, organization, live }: HistoryInputs,
  read: () => Promise<History>,
): Promise<History> {
  const key =
    memory && trail !== null
      ? JSON.stringify([trail, path, environment, owner, organization, hashOf(live)])
      : null;
  const { lastHistory } = memory ?? {};
  if (key !== null && lastHistory?.key === key) return lastHistory.history;
  const history = await read();
  if (memory) memory.lastHistory = key === null ? null : { key, history };
  return history;
}

interface PlanInputs {
  readonly desired: readonly Subscription[];
  readonly live: readonly LiveResource[];
  readonly options: PlanOptions;
}

/** `desired` stands for the config as well: `readDesired` returns the same array only while neither has changed. */
export function makeOrRecall(memory: PlanMemory | undefined, { desired, live, options }: PlanInputs): Plan {
  const key = memory ? keyOf(live, options) : null;
  const { lastPlan } = memory ?? {};
  if (key !== null && lastPlan?.key === key && lastPlan.desired === desired) return lastPlan.plan;
  const plan = makePlan(desired, live, options);
  if (memory) memory.lastPlan = key === null ? null : { desired, key, plan };
  return plan;
}

/** Null if anything is in doubt, or is not as the trail has it: then each pass makes its own plan. */
function keyOf(live: readonly LiveResource[], options: PlanOptions): string | null {
  const { kinds, groups, within, origins, listed, unlisted, unread, recorded, unsure, limits, ...flags } =
    options;
  const doubts = [unlisted?.size, unread?.length, unsure?.size, recorded.size, origins?.size];
  if (doubts.some((number) => (number ?? 0) > 0)) return null;
  const scope = [groups, within].map((names) => names && [...names]);
  const whole = kinds.all.filter((kind) => listed?.has(kind) ?? true).map(({ noun }) => noun);
  const plain: Readonly<Record<string, string | number | boolean | undefined>> = flags;
  return JSON.stringify([plain, limits, scope, whole, hashOf(live)]);
}

/** The history and the plan of a pass are made from the same array. */
const hashes = new WeakMap<readonly LiveResource[], string>();

function hashOf(live: readonly LiveResource[]): string {
  const known = hashes.get(live);
  if (known !== undefined) return known;
  const digest = makeDigest();
  // One text of all of them would be some megabytes of garbage.
  for (const one of live) digest.update(`${one.kind.noun} ${JSON.stringify({ ...one, kind: null })}\n`);
  const hash = digest.hex();
  hashes.set(live, hash);
  return hash;
}
