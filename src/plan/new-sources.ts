// Warns of new event sources: AWS drops the events of a new source until the user associates it with an event bus there,
// so the reader of the plan has to know of it before event types move to it.
import { count } from "../lib/count.ts";
import { compareText } from "../lib/compare.ts";
import { groupBy } from "../lib/group-by.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { isDone, type GroupPlan, type Operation, type Plan } from "../model/plan.ts";
import type { Kinds } from "../model/kind.ts";

const code = "eventbridge/associate";

/**
 * Returns the plan with a warning for each group that gets new sources. It is called again after the plan was applied, for
 * the sources that were really created.
 */
export function withSourceWarnings(plan: Plan, given: WarningOptions): Plan {
  const others = plan.diagnostics.filter((diagnostic) => diagnostic.code !== code);
  return { ...plan, diagnostics: [...others, ...warnOfNewSources(plan, given)] };
}

interface WarningOptions {
  readonly kinds: Kinds;
  /** Whether the plan could be applied with --create-only first. */
  readonly canWait: boolean;
}

function warnOfNewSources(
  { groups, operations }: Plan,
  { canWait, kinds }: WarningOptions,
): readonly Diagnostic[] {
  const creates = operations.filter(
    (operation) =>
      operation.action === "create" &&
      (operation.status === "planned" || operation.status === "unknown" || isDone(operation)) &&
      kinds.of(operation).needsAssociation,
  );
  if (creates.length === 0) return [];
  const createdBy = groupBy(creates, ({ group }) => group);
  const operationsOf = groupBy(operations, ({ group }) => group);
  return groups.flatMap((group) => {
    const created = createdBy.get(group.group);
    const own = operationsOf.get(group.group) ?? [];
    return created ? [warningOf(group, created, (about) => hintOf(about, own, canWait))] : [];
  });
}

interface About {
  /** How many event types move to the new sources. */
  readonly moving: number;
  /** The sources, in a sentence. */
  readonly it: "it" | "them";
}

function warningOf(
  { group, moves, place }: GroupPlan,
  created: readonly Operation[],
  hint: (about: About) => string,
): Diagnostic {
  const endpoints = created.map(({ endpoint }) => endpoint).sort(compareText);
  const isOne = endpoints.length === 1;
  const sources = isOne ? "a new event source" : count(endpoints.length, "new event source");
  const message =
    `group "${group}" gets ${sources}, which ${isOne ? "reaches" : "reach"} no consumer until ` +
    `${isOne ? "it is" : "they are"} associated with an event bus in AWS: ${endpoints.join(", ")}`;
  const moving = moves.filter(({ to }) => endpoints.includes(to)).length;
  return {
    severity: "warning",
    code: "eventbridge/associate",
    message,
    hint: hint({ moving, it: isOne ? "it" : "them" }),
    ...place,
  };
}

function hintOf({ moving, it }: About, operations: readonly Operation[], canWait: boolean): string {
  // No event type moves yet.
  const holders = new Set(operations.map(({ held }) => held?.by));
  if (holders.has("flag")) return `associate ${it} in AWS, then sync without --create-only`;
  if (holders.has("createOnly"))
    return `associate ${it} in AWS, then take the annotation reconcile.genesys/create-only away`;
  const others = operations.filter(({ action }) => action === "update" || action === "delete");
  const types = count(moving, "event type");
  // Event types that have moved are lost until then; those that are still to move need not be.
  if (others.some(isDone)) {
    const what = moving === 0 ? "what went over" : types;
    return `associate ${it} in AWS at once, in the EventBridge console under partner event sources: ${what} ${moving > 1 ? "reach" : "reaches"} no consumer until then`;
  }
  if (!canWait || !others.some(({ status }) => status === "planned"))
    return `associate ${it} in AWS: in the EventBridge console, under partner event sources`;
  const what =
    moving === 0
      ? "the group delivers less elsewhere after this sync"
      : `${types} ${moving === 1 ? "moves" : "move"} to ${it}`;
  return (
    `${what}: to lose no event, create ${it} first (annotation reconcile.genesys/create-only, or --create-only), ` +
    `associate ${it} in AWS, and sync again`
  );
}
