// Rule: checks the parts of a manifest that only some kinds have, such as `trigger`. The kind itself judges its part,
// and what it means for a group of another kind.
import type { Diagnostic } from "../../model/diagnostic.ts";
import { optionsOf } from "../../model/kind.ts";
import type { KindOptions } from "../../model/options.ts";
import type { Draft } from "../draft.ts";
import { errorAt, warningAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";

export function kindOptions(draft: Draft, { kinds }: RuleOptions): readonly Diagnostic[] {
  return optionsOf(kinds, draft.subscription?.kind ?? null).flatMap((options) => [
    ...judgeTexts(draft, options),
    ...judgeWhole(draft, options),
    ...findMisplaced(draft, options),
  ]);
}

function judgeTexts(draft: Draft, { key, judges }: KindOptions): readonly Diagnostic[] {
  return [...(judges ?? [])].flatMap(([pointer, judge]) => {
    const found = draft.textAt(`/spec/${key}${pointer}`);
    const fault = found && judge(found.value);
    return found && fault ? [errorAt(found.place, fault)] : [];
  });
}

function judgeWhole(
  { subscription, written }: Draft,
  { key, findFaults = () => [], findWarnings = () => [] }: KindOptions,
): readonly Diagnostic[] {
  const place = written(key);
  if (!subscription || !place || subscription.kind.options?.key !== key) return [];
  const placeOf = (pointer: string) => (pointer === "" ? place.ofKey : place.ofValue(pointer));
  return [
    ...findFaults(subscription[key]).map(({ pointer, ...fault }) => errorAt(placeOf(pointer), fault)),
    ...findWarnings(subscription[key]).map(({ pointer, ...fault }) => warningAt(placeOf(pointer), fault)),
  ];
}

function findMisplaced(
  { subscription, written }: Draft,
  { key, misplaced }: KindOptions,
): readonly Diagnostic[] {
  const place = written(key);
  if (!subscription || !place || subscription.kind.options?.key === key) return [];
  const fault = misplaced(subscription.kind.nouns);
  return [(fault.severity === "error" ? errorAt : warningAt)(place.ofKey, fault)];
}
