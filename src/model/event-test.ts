// What the platform says that an event would do to a live resource.

import { showValue } from "../lib/text.ts";

export interface EventTest {
  /** Whether the event would have an effect; null if the answer does not tell. */
  readonly matches: boolean | null;
  /** Whether the event has the form of its topic; null if the answer does not tell. */
  readonly schema: TestStep | null;
  /** Whether the resource's target is one that can be started; null if the answer does not tell. */
  readonly target: TestStep | null;
  /** Each condition that the platform compared with the event; null if the answer does not tell. */
  readonly criteria: readonly CriterionTest[] | null;
}

export interface TestStep {
  readonly matches: boolean | null;
  /** The platform's words, each one line. */
  readonly details: readonly string[];
}

/** One condition, as the live resource has it. */
export interface CriterionTest {
  readonly jsonPath: string;
  readonly operator: string;
  readonly value?: unknown;
  readonly values?: readonly unknown[];
  readonly matches: boolean | null;
  /** The values of the event that were compared; null if the answer does not tell. */
  readonly found: readonly unknown[] | null;
}

/** `jsonPath operator value`, as in the manifest. */
export function showCriterion({ jsonPath, operator, value, values }: CriterionTest): string {
  const operand = values ?? value;
  return `${jsonPath} ${operator}${operand === undefined ? "" : ` ${showOperand(operand)}`}`;
}

function showOperand(operand: unknown): string {
  return Array.isArray(operand) ? `[${operand.map(showValue).join(", ")}]` : showValue(operand);
}
