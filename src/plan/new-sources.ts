// A new event source in AWS reaches nobody until somebody associates it with an event bus there, which only they can do:
// whoever reads the plan has to know before event types move to it.
import { count } from "../lib/count.ts";
import { compareText } from "../lib/compare.ts";
import { groupBy } from "../lib/group-by.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { isDone, type GroupPlan, type Operation, type Plan } from "../model/plan.ts";
import { kindOf } from "../model/resource-kind.ts";
import { isLeftForLater } from "./freeze.ts";

const code = "eventbridge/associate";

/**
 * The plan with a warning for each group that it gives some, as far as they come about; again after it was applied.
 * `canWait`: whether it could be applied with --create-only first.
 */
export function withSourceWarnings(plan: Plan, canWait: boolean): Plan {
  const others = plan.diagnostics.filter((diagnostic) => diagnostic.code !== code);
  return { ...plan, diagnostics: [...others, ...warnOfNewSources(plan, canWait)] };
}

function warnOfNewSources({ groups, operations }: Plan, canWait: boolean): readonly Diagnostic[] {
  const creates = operations.filter(
    ({ action, status, endpoint }) =>
      action === "create" &&
      (status === "planned" || isDone({ status })) &&
      kindOf(endpoint).needsAssociation,
  );
  if (creates.length === 0) return [];
  const createdBy = groupBy(creates, ({ group }) => group);
  const operationsOf = groupBy(operations, ({ group }) => group);
  return groups.flatMap((group) => {
    const created = createdBy.get(group.group);
    const own = operationsOf.get(group.group) ?? [];
    return created ? [warningOf(group, created, (moving) => hintOf(moving, own, canWait))] : [];
  });
}

function warningOf(
  { group, moves, place }: GroupPlan,
  created: readonly Operation[],
  hint: (moving: number) => string,
): Diagnostic {
  const endpoints = created.map(({ endpoint }) => endpoint).sort(compareText);
  const isOne = endpoints.length === 1;
  const sources = isOne ? "a new event source" : count(endpoints.length, "new event source");
  const message =
    `group "${group}" gets ${sources}, which ${isOne ? "reaches" : "reach"} nobody until ` +
    `${isOne ? "it is" : "they are"} associated with an event bus in AWS: ${endpoints.join(", ")}`;
  const moving = moves.filter(({ to }) => endpoints.includes(to)).length;
  return {
    severity: "warning",
    code: "eventbridge/associate",
    message,
    hint: hint(moving),
    ...place,
  };
}

function hintOf(moving: number, operations: readonly Operation[], canWait: boolean): string {
  // By --create-only nothing moves yet.
  if (operations.some(isLeftForLater)) return "associate it in AWS, then sync without --create-only";
  // What has moved is lost until then; what is still to move need not be.
  if (moving === 0 || !canWait || operations.some(isDone))
    return "associate it in AWS: in the EventBridge console, under partner event sources";
  const what = `${count(moving, "event type")} ${moving === 1 ? "moves" : "move"} to it`;
  return `${what}: to lose no event, sync with --create-only first, associate it in AWS, and sync again`;
}
