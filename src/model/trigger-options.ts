// The options of `spec.trigger`, for the kind that has them and for the plan: their unset value and their comparison.
import { canonicalJsonOfAny } from "../lib/canonical-json.ts";
import { compareText } from "../lib/compare.ts";
import type { TypeOf } from "./schema/type-of.ts";
import type * as schema from "./schema/document.ts";

/** Which events start a workflow, and when. */
export type TriggerOptions = TypeOf<typeof schema.triggerOptions>;

export type MatchCriterion = TriggerOptions["matchCriteria"][number];

/** Without options, every event starts the workflow, and at once. */
export const noTriggerOptions: TriggerOptions = {
  matchCriteria: [],
  eventTTLSeconds: null,
  delayBySeconds: null,
};

/** Compares by meaning: all criteria must hold, so neither their order nor that of their keys matters. */
export function sameTriggerOptions(one: TriggerOptions, other: TriggerOptions): boolean {
  return JSON.stringify(one) === JSON.stringify(other) || meaningOf(one) === meaningOf(other);
}

function meaningOf({ matchCriteria, ...times }: TriggerOptions): string {
  const criteria = matchCriteria.map(({ values = [], ...rest }) =>
    canonicalJsonOfAny(values.length === 0 ? rest : { ...rest, values }),
  );
  return canonicalJsonOfAny({ ...times, criteria: criteria.sort(compareText) });
}
