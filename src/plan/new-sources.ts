// A new event source in AWS reaches nobody until somebody associates it with an event bus there, which only they can do:
// whoever reads the plan has to know before event types move to it.
import { count } from "../lib/count.ts";
import { compareText } from "../lib/compare.ts";
import { groupBy } from "../lib/group-by.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { parseEventSource } from "../model/endpoint.ts";
import type { GroupPlan, Operation } from "../model/plan.ts";
import { isDone } from "../model/plan.ts";

/** A warning for each group whose plan creates some; `createOnly`: nothing moves to them yet. */
export function warnOfNewSources(
  groups: readonly GroupPlan[],
  operations: readonly Operation[],
  createOnly: boolean,
): readonly Diagnostic[] {
  const creates = operations.filter(
    ({ action, status, endpoint }) =>
      action === "create" &&
      (status === "planned" || isDone({ status })) &&
      parseEventSource(endpoint) !== null,
  );
  const byGroup = groupBy(creates, ({ group }) => group);
  return groups.flatMap((group) => {
    const created = byGroup.get(group.group) ?? [];
    return created.length === 0 ? [] : [warningOf(group, created, createOnly)];
  });
}

function warningOf(
  { group, moves, place }: GroupPlan,
  created: readonly Operation[],
  createOnly: boolean,
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
    hint: hintOf(moving, createOnly),
    ...place,
  };
}

function hintOf(moving: number, createOnly: boolean): string {
  if (createOnly) return "associate it in AWS, then sync without --create-only";
  if (moving === 0) return "associate it in AWS: in the EventBridge console, under partner event sources";
  const what = `${count(moving, "event type")} ${moving === 1 ? "moves" : "move"} to it`;
  return `${what}: to lose no event, sync with --create-only first, associate it in AWS, and sync again`;
}
