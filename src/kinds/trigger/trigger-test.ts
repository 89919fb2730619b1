// What a test of an event needs to know of triggers: the request, and which condition of a document was tested.
import type { KindEventTest } from "../../model/kind-words.ts";
import type { CriterionTest } from "../../model/event-test.ts";
import { sameTriggerOptions, noTriggerOptions, type MatchCriterion } from "./trigger-options.ts";

/** What to do about a workflow that the platform does not start. */
export const publishHint =
  "publish the workflow, check that it is active and that its id is right: the id is in the address of its page";

export const triggerTest: KindEventTest = {
  path: "/test",
  permission: "processautomation:trigger:test",
  target: { noun: "workflow", hint: publishHint },
  findField: (criterion, { trigger = noTriggerOptions }) => {
    const index = trigger.matchCriteria.findIndex((one) => isSame(one, criterion));
    return index < 0 ? null : `trigger.matchCriteria.${index}`;
  },
  countConditions: ({ trigger = noTriggerOptions }) => trigger.matchCriteria.length,
};

function isSame(one: MatchCriterion, { jsonPath, operator, value, values }: CriterionTest): boolean {
  const tested = {
    ...{ jsonPath, operator },
    ...(value === undefined ? {} : { value }),
    ...(values === undefined ? {} : { values: [...values] }),
  };
  const asOptions = (criterion: MatchCriterion) => ({ ...noTriggerOptions, matchCriteria: [criterion] });
  return sameTriggerOptions(asOptions(one), asOptions(tested));
}
