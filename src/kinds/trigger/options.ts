// Judges and compares `spec.trigger`, the options that decide which events start the workflow, and when.
import type { OptionFault, KindOptions } from "../../model/kind.ts";
import type { MatchCriterion, TriggerOptions } from "../../model/subscription.ts";
import { sameTriggerOptions } from "../../model/trigger-options.ts";
import { findCriteriaFaults } from "./match-criteria.ts";

export const triggerOptions: KindOptions = {
  key: "trigger",
  unset: undefined,
  judges: new Map(),
  findFaults: (options) => findFaults(options as TriggerOptions),
  misplaced: (nouns) => ({
    severity: "error",
    code: "trigger/notHere",
    message: `trigger is for groups whose endpoints are workflows, and this group has ${nouns}`,
    hint: "remove it, or use workflow: endpoints",
  }),
  conditionsOf: (options) => new Set((options as TriggerOptions).matchCriteria.map(spellOut)),
  spellAs: (options, other) => {
    const [one, another] = [options, other] as (TriggerOptions | undefined)[];
    return one && another && sameTriggerOptions(one, another) ? another : one;
  },
};

function findFaults({ matchCriteria, eventTTLSeconds, delayBySeconds }: TriggerOptions): OptionFault[] {
  const faults = [...findCriteriaFaults(matchCriteria)];
  if (eventTTLSeconds !== null && delayBySeconds !== null) {
    const message = "eventTTLSeconds and delayBySeconds cannot be used together";
    faults.push({ pointer: "", code: "trigger/both", message, hint: "remove one of them" });
  }
  return faults;
}

/** Writes the keys in one fixed order, so that equal conditions have equal texts. */
function spellOut({ jsonPath, operator, value, values }: MatchCriterion): string {
  return JSON.stringify([jsonPath, operator, value, values]);
}
