// The options of `spec.trigger`: their type, their unset value and their comparison.
import { canonicalJsonOfAny } from "../../lib/canonical-json.ts";
import { compareText } from "../../lib/compare.ts";
import { sameJson, type OptionsValue } from "../../model/options.ts";

/** Which events start a workflow, when, and in which form it gets them. */
export type TriggerOptions = OptionsValue<"trigger">;

export type MatchCriterion = TriggerOptions["matchCriteria"][number];

/** Without options, every event starts the workflow, at once, and in the platform's default form. */
export const noTriggerOptions: TriggerOptions = {
  matchCriteria: [],
  eventTTLSeconds: null,
  delayBySeconds: null,
};

/**
 * Compares by meaning: all criteria must hold, so neither their order nor that of their keys matters; nor does the order in
 * which a criterion lists its values.
 */
export function sameTriggerOptions(one: TriggerOptions, other: TriggerOptions): boolean {
  return sameJson(one, other) || meaningOf(one) === meaningOf(other);
}

function showAsText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The operators whose value may as well be written as text: `true` and `2`. */
const textual: ReadonlySet<string> = new Set(["Exists", "Size"]);

function meaningOf({ matchCriteria, ...times }: TriggerOptions): string {
  const criteria = matchCriteria.map(({ values = [], value, ...rest }) => {
    const one =
      value === undefined
        ? rest
        : { ...rest, value: textual.has(rest.operator) ? showAsText(value) : value };
    const listed = [...new Set(values.map(canonicalJsonOfAny))].sort(compareText);
    return canonicalJsonOfAny(listed.length === 0 ? one : { ...one, values: listed });
  });
  return canonicalJsonOfAny({ ...times, criteria: criteria.sort(compareText) });
}
