// Checks that the `value` or `values` of each condition of spec.trigger fit its operator. Genesys Cloud takes one of
// the two keys, never both. For an operator whose key Genesys has not documented, either key passes.
import { showValue } from "../../lib/text.ts";
import type { Fault } from "../../model/diagnostic.ts";
import type { OptionFault } from "../../model/options.ts";
import type { MatchCriterion } from "../../model/trigger-options.ts";

export function findCriteriaFaults(criteria: readonly MatchCriterion[]): readonly OptionFault[] {
  return criteria.flatMap((criterion, index) => {
    const operand = operands.get(criterion.operator) ?? oneValue;
    const fault =
      findBoth(criterion, operand) ??
      findMisplaced(criterion, operand) ??
      findMissing(criterion, operand) ??
      findWrong(criterion, operand);
    return fault ? [{ ...fault, pointer: `/matchCriteria/${index}/${fault.key}` }] : [];
  });
}

/** The form of what an operator compares with. */
interface Operand {
  readonly takes: "value" | "values" | "value or values";
  readonly example: string;
  /** True if the key may be left out. */
  readonly isOptional?: boolean;
  /** The pattern that the value must match as JSON; absent if any value will do. */
  readonly form?: RegExp;
  /** Describes in words what `form` requires. */
  readonly must?: string;
}

const oneValue: Operand = { takes: "value", example: "value: VOICE" };
const list: Operand = { takes: "values", example: "values: [VOICE, CHAT]" };
const either: Operand = { takes: "value or values", example: "value: VOICE, or values: [VOICE, CHAT]" };

/** Every operator that is not listed takes one value. */
const operands: ReadonlyMap<string, Operand> = new Map([
  ["In", list],
  ["NotIn", list],
  ["Contains", either],
  ["All", either],
  [
    "Exists",
    {
      ...oneValue,
      example: "value: true",
      isOptional: true,
      form: /^"?(?:true|false)"?$/,
      must: "true or false",
    },
  ],
  ["Size", { ...oneValue, example: "value: 2", form: /^"?\d+"?$/, must: "a whole number" }],
]);

/** A fault, and the key of the condition that it is about. */
interface CriterionFault extends Fault {
  readonly key: "operator" | "value" | "values";
}

function findBoth({ operator, value, values }: MatchCriterion, { takes }: Operand): CriterionFault | null {
  if (value === undefined || values === undefined) return null;
  const message = "a condition has value or values, and this one has both";
  const hint = `remove one of them: ${operator} takes ${takes}`;
  return { key: "values", code: "matchCriteria/both", message, hint };
}

function findMisplaced(
  { operator, value, values }: MatchCriterion,
  { takes, example }: Operand,
): CriterionFault | null {
  const key = takes === "value" ? "values" : "value";
  if (takes === "value or values" || (key === "value" ? value : values) === undefined) return null;
  const message = `${operator} takes ${takes}, not ${key}`;
  return { key, code: "matchCriteria/misplaced", message, hint: `write ${example}` };
}

/** Genesys Cloud does not store an empty value. */
function findMissing(
  { operator, value, values }: MatchCriterion,
  { takes, example, isOptional }: Operand,
): CriterionFault | null {
  const isEmpty = value === null || values?.length === 0;
  const isLeftOut = value === undefined && values === undefined;
  if (!isEmpty && !(isLeftOut && !isOptional)) return null;
  const key = isLeftOut ? "operator" : value === null ? "value" : "values";
  const message = `${operator} needs ${takes}, and this condition has none`;
  return { key, code: "matchCriteria/missing", message, hint: `write ${example}` };
}

function findWrong(
  { operator, value }: MatchCriterion,
  { form, must = "", example }: Operand,
): CriterionFault | null {
  if (!form || value === undefined || form.test(JSON.stringify(value))) return null;
  const message = `the value of ${operator} is ${must}, not ${showValue(value)}`;
  return { key: "value", code: "matchCriteria/wrongValue", message, hint: `write ${example}` };
}
