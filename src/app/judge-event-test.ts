// Judges what the platform says of an event: each reason why it starts nothing, and the manifest's field behind it. What
// the answer does not tell is not guessed.
import { showValue } from "../lib/text.ts";
import type { Diagnostic, Fault } from "../model/diagnostic.ts";
import { showCriterion, type CriterionTest, type EventTest, type TestStep } from "../model/event-test.ts";
import { invariant } from "../model/errors.ts";
import type { KindEventTest } from "../model/kind-words.ts";
import type { LiveResource } from "../model/resource.ts";
import type { TestedResource } from "../model/tested-resource.ts";
import type { Subscription } from "../model/subscription.ts";

export interface Finding extends Fault, Pick<Diagnostic, "severity"> {
  /** The field of the document that it is about; null for the whole manifest. */
  readonly field: string | null;
}

export function judgeEventTest(
  { live, test }: TestedResource,
  subscription: Subscription,
): readonly Finding[] {
  const { eventTest } = live.kind;
  invariant(eventTest, "a kind whose resource was tested has a test");
  return [
    ...judgeSchema(test),
    ...judgeTarget(test.target, eventTest, live),
    ...judgeState(live, eventTest),
    ...judgeCriteria(test, eventTest, subscription),
    ...judgeWhole(test),
  ];
}

function judgeSchema({ schema, matches }: EventTest): readonly Finding[] {
  if (schema?.matches !== false) return [];
  const message = `the event does not have the form of its topic${words(schema)}`;
  const hint = "take an event that was delivered, or its body alone";
  const severity = matches === true ? "warning" : "error";
  return [{ severity, code: "test/schema", message, hint, field: null }];
}

function judgeTarget(
  target: TestStep | null,
  { target: { hint } }: KindEventTest,
  { endpoint }: LiveResource,
): readonly Finding[] {
  if (target?.matches !== false) return [];
  const message = `the platform cannot start ${endpoint}${words(target)}`;
  return [{ severity: "error", code: "test/target", message, hint, field: "endpoint" }];
}

function judgeState(
  { state, id, kind }: LiveResource,
  { target: { noun } }: KindEventTest,
): readonly Finding[] {
  if (state === "enabled") return [];
  const message = `${kind.noun} ${id} is disabled, so no event starts the ${noun}`;
  return [{ severity: "error", code: "test/disabled", message, field: "state" }];
}

function judgeCriteria(
  { criteria }: EventTest,
  { findField, countConditions }: KindEventTest,
  subscription: Subscription,
): readonly Finding[] {
  if (!criteria) return [];
  const failed = criteria.filter(({ matches }) => matches === false);
  const isOther =
    criteria.length !== countConditions(subscription) ||
    criteria.some((criterion) => findField(criterion, subscription) === null);
  return [
    ...failed.map((criterion): Finding => {
      const message = `${showCriterion(criterion)} does not match${showFound(criterion)}`;
      return {
        severity: "error",
        code: "test/noMatch",
        message,
        field: findField(criterion, subscription),
      };
    }),
    ...(isOther ? [differs] : []),
  ];
}

const differs: Finding = {
  severity: "warning",
  code: "test/differs",
  message: "what is live has other conditions than the manifest, and the test is of what is live",
  hint: "`reconcile plan` shows the difference, and a sync removes it",
  field: null,
};

/** Says that nothing is started where no step tells why. */
function judgeWhole({ matches, criteria, schema }: EventTest): readonly Finding[] {
  if (matches === true) return [];
  const isSaid = schema?.matches === false || criteria?.some((one) => one.matches === false) === true;
  if (matches === false && isSaid) return [];
  const message =
    matches === false
      ? "the event does not match, and the platform does not say why"
      : "the platform does not say whether the event matches";
  const hint = "compare the event with the conditions of what is live";
  return [{ severity: "error", code: "test/unclear", message, hint, field: null }];
}

function showFound({ found }: CriterionTest): string {
  if (!found) return "";
  return found.length === 0
    ? ": the event has no such value"
    : `: the event has ${found.map(showValue).join(", ")}`;
}

function words({ details }: TestStep): string {
  return details.length === 0 ? "" : `: ${details.join("; ")}`;
}
