// Applies the writes of resources that several groups share: gains before all groups, losses after all other writes.
import type { Held } from "../model/held.ts";
import type { Kinds } from "../model/kind.ts";
import {
  allOperations,
  isDone,
  isPlanned,
  type Operation,
  type Plan,
  type SharedWrites,
} from "../model/plan.ts";
import type { GroupWork } from "./apply-group.ts";
import { skip } from "./write-one.ts";

export type WriteShared = (operation: Operation) => Promise<Operation>;

/** Returns the writes with their gains applied; the losses are still planned. */
export function applyGains(
  { shared = [] }: Plan,
  write: WriteShared,
): Promise<readonly SharedWrites<Operation>[]> {
  return Promise.all(
    shared.map(async (one) => ({ ...one, gains: await Promise.all(one.gains.map(write)) })),
  );
}

/** Leaves a group undone whose resources would get no events, because the gains of what they share did not succeed. */
export function holdWithoutShared(
  gained: readonly SharedWrites<Operation>[],
  kinds: Kinds,
): (work: GroupWork) => GroupWork {
  const lost = new Set(gained.flatMap(({ by, gains }) => (gains.every(isDone) ? [] : [by])));
  return (work) => {
    const served = (work.plan?.endpoints ?? []).map(({ url, kind }) => kinds.of({ endpoint: url, kind }));
    const kind = [...work.operations.map(kinds.of), ...served].find(({ name }) => lost.has(name));
    if (!kind) return work;
    const held: Held = { by: "earlier", waitsFor: "shared", nouns: kind.nouns };
    return { ...work, operations: work.operations.map((one) => skip(one, held)) };
  };
}

/** A loss waits for all `earlier` operations, except those that the plan itself holds back. */
export async function applyLosses(
  gained: readonly SharedWrites<Operation>[],
  after: { readonly earlier: readonly Operation[]; readonly plan: Plan; readonly write: WriteShared },
): Promise<readonly SharedWrites<Operation>[]> {
  const heldByPlan = new Set(allOperations(after.plan).filter((one) => !isPlanned(one)));
  const before = [...gained.flatMap(({ gains }) => gains), ...after.earlier];
  const isOver = before.every((one) => isDone(one) || heldByPlan.has(one));
  const held: Held = { by: "earlier", waitsFor: "allOthers" };
  if (!isOver) return gained.map((one) => ({ ...one, losses: one.losses.map((loss) => skip(loss, held)) }));
  return Promise.all(
    gained.map(async (one) => ({ ...one, losses: await Promise.all(one.losses.map(after.write)) })),
  );
}
