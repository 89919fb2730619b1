// Holds operations back: for a conflict, which is an error; for a freeze or for create-only, which the group's team wants.
import { count } from "../lib/count.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Held } from "../model/held.ts";
import { isPlanned, type Operation } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import { sayFreeze } from "../words/say-held.ts";
import type { GroupOutcome } from "./group.ts";
import { leave } from "./leave.ts";

/** Returns the group's plan as far as it may be applied; `conflicts` are errors that prevent it. */
export function holdBack(
  { group, freeze, place }: Pick<Subscription, "group" | "freeze" | "place">,
  { plan, operations }: GroupOutcome,
  conflicts: readonly Diagnostic[],
): GroupOutcome & { readonly diagnostics: readonly Diagnostic[] } {
  if (freeze !== null) {
    const held = count(operations.length, "operation");
    const warning: Diagnostic = {
      severity: "warning",
      code: "group/frozen",
      message: `group "${group}" is frozen (${freeze}): ${held} ${operations.length === 1 ? "is" : "are"} held back`,
      hint: "take the annotation reconcile.genesys/freeze away to let the group go on",
      ...place,
    };
    return {
      plan: operations.length + conflicts.length === 0 ? plan : { ...plan, skipped: sayFreeze(freeze) },
      operations: operations.map((operation) => leave(operation, { by: "freeze", why: freeze })),
      // The freeze holds the group back anyway, so a conflict changes nothing.
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
    operations: operations.map((operation) => leave(operation, { by: "conflict", why: refused })),
    diagnostics: conflicts,
  };
}

/** Holds every operation but creates back, until a pass without the flag or until the manifest no longer asks for it. */
export function holdToCreates(
  { group, createOnly, place }: Pick<Subscription, "group" | "createOnly" | "place">,
  { plan, operations }: GroupOutcome,
  byFlag: boolean,
): GroupOutcome & { readonly diagnostics: readonly Diagnostic[] } {
  if (createOnly === null && !byFlag) return { plan, operations, diagnostics: [] };
  const why: Held = createOnly === null ? { by: "flag" } : { by: "createOnly", why: createOnly };
  const held = operations.map((step) => (step.action === "create" ? step : leave(step, why)));
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

/**
 * Prunes wait until every other operation has succeeded, so a group that is held back holds them back too: it may be an
 * orphan's group under a new name, and without both no resource would deliver its event types. A prune that a guard has
 * refused stays refused. `heldGroup` is null if no group is held back.
 */
export function holdPrunes(
  prunes: readonly Operation[],
  heldGroup: string | null,
  createOnly: boolean,
): readonly Operation[] {
  if (!createOnly && heldGroup === null) return prunes;
  const held: Held =
    createOnly || heldGroup === null
      ? { by: "flag" }
      : { by: "earlier", waitsFor: "heldGroup", group: heldGroup };
  return prunes.map((prune) => (isPlanned(prune) ? leave(prune, held) : prune));
}
