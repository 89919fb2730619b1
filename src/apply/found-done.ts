// Takes out of an applied plan what someone else did meanwhile, so that the result counts only what this run did.
import type { Found } from "../genesys/driver.ts";
import { groupBy } from "../lib/group-by.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { GroupPlan, Operation, Plan } from "../model/plan.ts";

/** A warning names at most this many operations, so that it stays readable. */
const mostNamed = 3;

/**
 * Returns the plan without the operations that were `found` done; their resources count as unchanged. A warning for each
 * group names what someone else did.
 */
export function leaveOutFound(plan: Plan, found: ReadonlyMap<Operation, Found>): Plan {
  if (found.size === 0) return plan;
  const isOwn = (operation: Operation): boolean => !found.has(operation);
  const byGroup = groupBy([...found.keys()], ({ group }) => group);
  const { shared } = plan;
  return {
    ...plan,
    operations: plan.operations.filter(isOwn),
    prunes: plan.prunes.filter(isOwn),
    ...(shared
      ? {
          shared: shared.map(({ by, gains, losses }) => ({
            ...{ by, gains: gains.filter(isOwn), losses: losses.filter(isOwn) },
          })),
        }
      : {}),
    groups: plan.groups.map((group) => withoutFound(group, byGroup.get(group.group) ?? [])),
    diagnostics: [...plan.diagnostics, ...plan.groups.flatMap((group) => warn(group, found))],
  };
}

function withoutFound(group: GroupPlan, found: readonly Operation[]): GroupPlan {
  const gainers = new Set(found.flatMap(({ endpoint, after }) => (after ? [endpoint] : [])));
  return {
    ...group,
    moves: group.moves.filter(({ to }) => !gainers.has(to)),
    unchanged: group.unchanged + found.filter(({ after }) => after).length,
  };
}

/** An operation that needed no request is no sign of someone else: an event source may only have had to become active. */
function warn({ group, place }: GroupPlan, found: ReadonlyMap<Operation, Found>): readonly Diagnostic[] {
  const others = [...found].flatMap(([one, how]) =>
    one.group === group && how === "refused" ? [one] : [],
  );
  if (others.length === 0) return [];
  const named = others.slice(0, mostNamed).map(({ action, name }) => `${action} of ${name}`);
  const more = others.length > mostNamed ? ` and ${others.length - mostNamed} more` : "";
  const message = `group "${group}": someone else did this meanwhile: ${named.join(", ")}${more}`;
  const hint = "it does not count as a change of this run: let one applier at a time manage an owner";
  return [{ severity: "warning", code: "group/doneMeanwhile", message, hint, ...place }];
}
