// Sums up a result in a sentence or two, which a reviewer reads first.
import { count } from "../lib/count.ts";
import { joinWords } from "../lib/join-words.ts";
import type { BaseCounts } from "../model/base.ts";
import { nounOf } from "../model/kind.ts";
import { findStaying } from "../model/result.ts";
import { sayOrphans } from "./say-orphans.ts";
import type { ShownResult } from "./shown.ts";
import { describeMoves } from "./summary.ts";

/** Returns plain text: `This change creates 1 webhook and updates 2; 3 event types move to another endpoint.` */
export function describeHeadline(result: ShownResult): string {
  const { dryRun, groups, operations, summary } = result;
  const errors = result.diagnostics.filter(({ severity }) => severity === "error").length;
  const seeBelow = `${count(errors, "error")}: see below.`;
  if (errors > 0 && groups.length + operations.length === 0)
    return `${dryRun ? "No plan" : "Nothing was done"}. ${seeBelow}`;
  return [
    describeWork(result),
    ...describePending(result.base?.pending ?? null),
    ...(summary.failed > 0 ? [`${count(summary.failed, "operation")} failed.`] : []),
    ...describeHeld(result),
    ...describeOrphans(result),
    ...(errors > 0 ? [seeBelow] : []),
  ].join(" ");
}

function describeWork({ dryRun, base, summary, operations, kinds }: ShownResult): string {
  const counts = base?.change ?? summary;
  const noun = nounOf(operations.map(kinds.of));
  const subject = base?.change ? "This change" : dryRun ? "A sync" : "This run";
  const verbs = describeVerbs(counts, dryRun, noun);
  if (verbs.length === 0) {
    const isHeld = summary.skipped + summary.failed > 0 || base?.change;
    if (isHeld) return `${subject} changes no ${noun}.`;
    return summary.orphans > 0
      ? "The declared groups need no change."
      : "Nothing to do: everything is as the manifests declare.";
  }
  const moved = counts.movedEventTypes;
  const moves = dryRun ? describeMoves(moved) : `${count(moved, "event type")} moved`;
  return `${subject} ${joinWords(verbs, "and")}${moved > 0 ? `; ${moves} to another endpoint` : ""}.`;
}

/** `creates 1 webhook`, `updates 2`. */
function describeVerbs(counts: Omit<BaseCounts, "skipped">, dryRun: boolean, noun: string): string[] {
  return (["create", "update", "delete", "adopt"] as const)
    .filter((action) => counts[action] > 0)
    .map((action, at) => {
      const past = action === "adopt" ? "adopted" : `${action}d`;
      const number = at === 0 ? count(counts[action], noun) : String(counts[action]);
      return `${dryRun ? `${action}s` : past} ${number}`;
    });
}

function describePending(pending: BaseCounts | null): string[] {
  if (!pending) return [];
  const { create, update, delete: deleted, adopt, skipped } = pending;
  const all = create + update + deleted + adopt + skipped;
  if (all === 0) return [];
  return [`${count(all, "more operation")} ${all === 1 ? "was" : "were"} pending before it.`];
}

function describeOrphans(result: ShownResult): string[] {
  const left = findStaying(result);
  return left.length === 0 ? [] : [`${sayOrphans(left, result.kinds)}.`];
}

/** Counts operations that a manifest holds back apart from those skipped for another reason, which need attention. */
function describeHeld({ operations, groups, summary }: ShownResult): string[] {
  const frozen = operations.filter(({ frozen }) => frozen).length;
  const why = groups.some((group) => group.frozen !== null) ? "by a freeze" : "for a later sync";
  const skipped = summary.skipped - frozen;
  return [
    ...(frozen > 0
      ? [`${count(frozen, "operation")} ${frozen === 1 ? "is" : "are"} held back ${why}.`]
      : []),
    ...(skipped > 0 ? [`${count(skipped, "operation")} skipped.`] : []),
  ];
}
