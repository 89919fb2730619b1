// Plans as if what somebody deleted were still there, and makes it again first, exactly as the trail last recorded it. So
// what is put back does not depend on how the manifest alone would divide the event types now.
import { groupBy } from "../lib/group-by.ts";
import { isPlanned, type EndpointPlan, type GroupPlan, type Operation, type Plan } from "../model/plan.ts";
import { asDocument } from "../model/document.ts";
import { makeLive, type LiveResource } from "../model/resource.ts";
import type { Subscription } from "../model/subscription.ts";
import { findMissing } from "./find-missing.ts";
import { findReplaced } from "./find-replaced.ts";
import { makeOperation } from "./make-operation.ts";
import { makePlan, type PlanOptions } from "./make-plan.ts";

/** By these facts the plan tells drift from a change that the manifests ask for. */
export interface PutBackFacts {
  /** The manifests from which the plan was made, by group. */
  readonly declared: ReadonlyMap<string, Subscription>;
  /** The groups whose manifests are as they were when all were valid last. */
  readonly unchanged: ReadonlySet<string>;
  readonly live: readonly LiveResource[];
  readonly planning: PlanOptions;
}

/** Changes only groups of which resources are missing. One that would have to change as well is not made again. */
export function planWithMissing(plan: Plan, facts: PutBackFacts): Plan {
  const { declared, live, planning } = facts;
  let missing = missingOf(plan, facts);
  while (missing.length > 0) {
    const whole = makePlan([...declared.values()], [...live, ...missing], planning);
    const written = new Set(whole.operations.map(({ webhookId }) => webhookId));
    const open = new Set(whole.groups.flatMap(({ group, skipped }) => (skipped === null ? [group] : [])));
    const left = missing.filter(({ id, group }) => group !== null && open.has(group) && !written.has(id));
    if (left.length === missing.length) return withCreates(plan, whole, { missing, owner: planning.owner });
    missing = left;
  }
  return plan;
}

/** Each of these was looked for by its id before it counted as missing: a list may lag behind. */
function missingOf(plan: Plan, { unchanged, live, planning }: PutBackFacts): readonly LiveResource[] {
  const found = findMissing(plan.operations.filter(isPlanned), live, planning);
  if (found.length === 0) return [];
  const replaced = findReplaced(live, planning.recorded);
  return found.flatMap(({ id, document, group }) => {
    const one = makeLive(planning.kinds.of(document), { ...document, id });
    // A group that is about to write at the endpoint of another one puts nothing of that one back.
    const isOwn = one.owner === planning.owner && one.group === group && unchanged.has(group ?? "");
    return isOwn && !replaced.has(id) ? [one] : [];
  });
}

function withCreates(
  plan: Plan,
  whole: Plan,
  { missing, owner }: { readonly missing: readonly LiveResource[]; readonly owner: string },
): Plan {
  const missingIn = groupBy(missing, ({ group }) => group);
  const wholeIn = groupBy(whole.operations, ({ group }) => group);
  const ids = new Set<string | null>(missing.map(({ id }) => id));
  const planOf = new Map(whole.groups.map((group) => [group.group, group]));
  const cause = { code: "deletedOutside" } as const;
  const operationsOf = (group: string | null, planned: readonly Operation[]): readonly Operation[] => {
    const gone = missingIn.get(group);
    if (!gone) return planned;
    const creates = gone.map((one) =>
      makeOperation(
        { before: null, after: asDocument(one) },
        { group, kind: one.kind, phase: 1, owner, cause },
      ),
    );
    // What takes event types away waits until these deliver.
    const others = (wholeIn.get(group) ?? []).map((one) => ({ ...one, phase: one.phase + 1 }));
    return [...creates, ...others];
  };
  return {
    ...plan,
    operations: [...groupBy(plan.operations, ({ group }) => group)].flatMap(([group, planned]) =>
      operationsOf(group, planned),
    ),
    groups: plan.groups.map((group) => {
      const gone = missingIn.get(group.group);
      return gone ? withoutIds(planOf.get(group.group) ?? group, { ids, number: gone.length }) : group;
    }),
  };
}

/** What is to be created has no id yet, and is not unchanged. */
function withoutIds(
  group: GroupPlan,
  { ids, number }: { readonly ids: ReadonlySet<string | null>; readonly number: number },
): GroupPlan {
  const without = <One extends { readonly webhookId: string | null }>(one: One): One =>
    ids.has(one.webhookId) ? { ...one, webhookId: null } : one;
  const endpoints = group.endpoints.map((endpoint): EndpointPlan => {
    const { triggers, parts } = endpoint;
    return {
      ...without(endpoint),
      ...(triggers ? { triggers: triggers.map(without) } : {}),
      ...(parts ? { parts: parts.map(without) } : {}),
    };
  });
  return { ...group, endpoints, unchanged: group.unchanged - number };
}
