// Warns of new endpoints of a kind whose events are lost until the user has done a step outside of reconcile (`association`):
// the reader of the plan has to know of it before event types move there.
import { count } from "../lib/count.ts";
import { compareText } from "../lib/compare.ts";
import { groupBy } from "../lib/group-by.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import {
  allOperations,
  isDone,
  isPlanned,
  type GroupPlan,
  type Operation,
  type Plan,
} from "../model/plan.ts";
import type { Kinds } from "../model/kind.ts";
import type { Association } from "../model/kind-words.ts";

/**
 * Returns the plan with a warning for each group that gets new sources. It is called again after the plan was applied, for
 * the sources that were really created.
 */
export function withSourceWarnings(plan: Plan, given: WarningOptions): Plan {
  const codes = new Set(given.kinds.all.map(({ association }) => association?.code));
  const others = plan.diagnostics.filter(({ code }) => !codes.has(code));
  return { ...plan, diagnostics: [...others, ...warnOfNewSources(plan, given)] };
}

interface WarningOptions {
  readonly kinds: Kinds;
  /** Whether the plan could be applied with --create-only first. */
  readonly canWait: boolean;
}

function warnOfNewSources(plan: Plan, { canWait, kinds }: WarningOptions): readonly Diagnostic[] {
  const { groups, operations, shared = [] } = plan;
  const creates = allOperations(plan).filter(
    (operation) =>
      operation.action === "create" &&
      (isPlanned(operation) || operation.status === "unknown" || isDone(operation)) &&
      kinds.findAssociation(kinds.of(operation)),
  );
  if (creates.length === 0) return [];
  const createdBy = groupBy(creates, ({ group }) => group);
  const operationsOf = groupBy(operations, ({ group }) => group);
  const isNew = new Set(creates);
  return groups.flatMap((group) => {
    const served = new Set(group.endpoints.map(({ url, kind }) => kinds.of({ endpoint: url, kind }).name));
    const feeding = shared.flatMap(({ by, gains }) => (served.has(by) ? gains : []));
    const all = [...(createdBy.get(group.group) ?? []), ...feeding.filter((one) => isNew.has(one))];
    const created = groupBy(all, (one) => kinds.findAssociation(kinds.of(one)));
    const own = operationsOf.get(group.group) ?? [];
    return [...created].flatMap(([association, those]) =>
      association
        ? [warningOf(group, { association, created: those }, (about) => hintOf(about, own, canWait))]
        : [],
    );
  });
}

interface About {
  readonly association: Association;
  /** How many event types move to the new sources. */
  readonly moving: number;
  /** The sources, in a sentence. */
  readonly it: "it" | "them";
}

function warningOf(
  { group, moves, place }: GroupPlan,
  { association, created }: { readonly association: Association; readonly created: readonly Operation[] },
  hint: (about: About) => string,
): Diagnostic {
  const endpoints = created.map(({ endpoint }) => endpoint).sort(compareText);
  const isOne = endpoints.length === 1;
  const { code, noun, result } = association;
  const sources = isOne ? `a new ${noun}` : count(endpoints.length, `new ${noun}`);
  const message =
    `group "${group}" gets ${sources}, which ${isOne ? "reaches" : "reach"} no consumer until ` +
    `${isOne ? "it" : "each"} is ${result}: ${endpoints.join(", ")}`;
  const moving = moves.filter(({ to }) => endpoints.includes(to)).length;
  return {
    severity: "warning",
    code,
    message,
    hint: hint({ association, moving, it: isOne ? "it" : "them" }),
    ...place,
  };
}

function hintOf(
  { association, moving, it }: About,
  operations: readonly Operation[],
  canWait: boolean,
): string {
  const { where } = association;
  const step = association.step(it);
  // No event type moves yet.
  const holders = new Set(operations.map(({ held }) => held?.by));
  if (holders.has("flag")) return `${step}, then sync without --create-only`;
  if (holders.has("createOnly"))
    return `${step}, then take the annotation reconcile.genesys/create-only away`;
  const others = operations.filter(({ action }) => action === "update" || action === "delete");
  const types = count(moving, "event type");
  // Event types that have moved are lost until then; those that are still to move need not be.
  if (others.some(isDone)) {
    const what = moving === 0 ? "what went over" : types;
    return `${step} at once, ${where}: ${what} ${moving > 1 ? "reach" : "reaches"} no consumer until then`;
  }
  if (!canWait || !others.some(isPlanned)) return `${step}: ${where}`;
  const what =
    moving === 0
      ? "the group delivers less elsewhere after this sync"
      : `${types} ${moving === 1 ? "moves" : "move"} to ${it}`;
  return (
    `${what}: to lose no event, create ${it} first (annotation reconcile.genesys/create-only, or --create-only), ` +
    `${step}, and sync again`
  );
}
