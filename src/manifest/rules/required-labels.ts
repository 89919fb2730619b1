// Rule: each manifest has the labels that the config requires.
import { findNearest } from "../../lib/did-you-mean.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";
import type { RuleOptions } from "./rule.ts";

export function requiredLabels(
  { labels, labelsPlace }: Draft,
  { policy }: RuleOptions,
): readonly Diagnostic[] {
  const others = labels.map(({ key }) => key).filter((key) => !policy.requiredLabels.includes(key));
  return policy.requiredLabels.flatMap((required) => {
    const label = labels.find(({ key }) => key === required);
    if (label && label.value.trim() !== "") return [];
    const nearest = label ? undefined : findNearest(required, others);
    const message = label
      ? `the label ${quote(required)} is empty`
      : `the label ${quote(required)} is missing`;
    const hint =
      nearest === undefined
        ? `write labels: { ${required}: … } under metadata; policy.requiredLabels in the config requires it`
        : `did you mean "${required}" instead of "${nearest}"?`;
    const place = label?.place ?? labelsPlace;
    return [errorAt(place, { code: "labels/required", message, hint })];
  });
}
