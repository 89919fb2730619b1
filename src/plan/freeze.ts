// What stands in the way of a group: a conflict, which is an error; a freeze, or that it only creates, which its team
// wants.
import { count } from "../lib/count.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Operation } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import type { GroupOutcome } from "./group.ts";

/** The group's plan as far as it may be applied; `conflicts`: errors that stand in its way. */
export function holdBack(
  { group, freeze, place }: Pick<Subscription, "group" | "freeze" | "place">,
  { plan, operations }: GroupOutcome,
  conflicts: readonly Diagnostic[],
): GroupOutcome & { readonly diagnostics: readonly Diagnostic[] } {
  if (freeze !== null) {
    const reason = `frozen: ${freeze}`;
    const held = count(operations.length, "operation");
    const warning: Diagnostic = {
      severity: "warning",
      code: "group/frozen",
      message: `group "${group}" is frozen (${freeze}): ${held} ${operations.length === 1 ? "is" : "are"} held back`,
      hint: "take the annotation reconcile.genesys/freeze away to let the group go on",
      ...place,
    };
    return {
      plan: operations.length + conflicts.length === 0 ? plan : { ...plan, skipped: reason },
      operations: operations.map((operation) => leave(operation, reason)),
      // Nothing of the group is applied anyway, so nothing is in the way of it.
      diagnostics: [
        ...conflicts.map((conflict) => ({ ...conflict, severity: "warning" as const })),
        ...(operations.length === 0 ? [] : [warning]),
      ],
    };
  }
  const refused = conflicts[0]?.message;
  if (refused === undefined) return { plan, operations, diagnostics: [] };
  return {
    plan: { ...plan, unchanged: 0, skipped: refused },
    operations: operations.map((operation) => skip(operation, refused)),
    diagnostics: conflicts,
  };
}

/** Whatever is no create waits: for a pass without the flag, or until its manifest no longer says so. */
export function holdToCreates(
  { group, createOnly, place }: Pick<Subscription, "group" | "createOnly" | "place">,
  { plan, operations }: GroupOutcome,
  byFlag: boolean,
): GroupOutcome & { readonly diagnostics: readonly Diagnostic[] } {
  if (createOnly === null && !byFlag) return { plan, operations, diagnostics: [] };
  const error = createOnly === null ? forFlag : `${forAnnotation}${createOnly}`;
  const held = operations.map((step) => (step.action === "create" ? step : leave(step, error)));
  const number = held.filter(({ frozen }) => frozen).length;
  const message =
    `group "${group}" makes what is new and waits (${createOnly ?? ""}): ` +
    `${count(number, "operation")} ${number === 1 ? "is" : "are"} held back`;
  const hint = "take the annotation reconcile.genesys/create-only away to let the group go on";
  const isSaid = createOnly !== null && number > 0;
  return {
    ...{ plan, operations: held },
    diagnostics: isSaid ? [{ severity: "warning", code: "group/createOnly", message, hint, ...place }] : [],
  };
}

const forFlag = "--create-only: left to a sync without it";
const forAnnotation = "create-only: ";

/** What an operation waits for that is left for later; null of any other. */
export function findWait({
  error,
  frozen,
}: Pick<Operation, "error" | "frozen">): "flag" | "annotation" | null {
  if (!frozen) return null;
  if (error === forFlag) return "flag";
  return error?.startsWith(forAnnotation) ? "annotation" : null;
}

function leave(operation: Operation, error: string): Operation {
  return { ...skip(operation, error), frozen: true };
}

/** `frozen`: a group that is held back; null where there is none. */
export function holdPrunes(
  prunes: readonly Operation[],
  frozen: string | null,
  createOnly: boolean,
): readonly Operation[] {
  const error = createOnly ? forFlag : frozen === null ? null : waitFor(frozen);
  if (error === null) return prunes;
  return prunes.map((prune) => (prune.status === "planned" ? leave(prune, error) : prune));
}

/**
 * Prunes come after every other operation has succeeded. While one is held back, so are they: the frozen group may be
 * the orphan under its new name, and then nobody would deliver its event types. What a guard has refused stays refused.
 */
function waitFor(group: string): string {
  return `held back: waits for group "${group}", for a prune follows every other operation; --group leaves that one out`;
}

function skip(operation: Operation, error: string): Operation {
  return { ...operation, status: "skipped", error };
}
