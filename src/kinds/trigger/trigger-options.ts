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

/** Compares by meaning: all criteria must hold, so neither their order nor that of their keys matters. */
export function sameTriggerOptions(one: TriggerOptions, other: TriggerOptions): boolean {
  return sameJson(one, other) || meaningOf(one) === meaningOf(other);
}

function meaningOf({ matchCriteria, ...times }: TriggerOptions): string {
  const criteria = matchCriteria.map(({ values = [], ...rest }) =>
    canonicalJsonOfAny(values.length === 0 ? rest : { ...rest, values }),
  );
  return canonicalJsonOfAny({ ...times, criteria: criteria.sort(compareText) });
}
