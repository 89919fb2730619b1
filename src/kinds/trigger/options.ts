// Judges and compares `spec.trigger`, the options that decide which events start the workflow, when, and in which form.
import { defineOptions, type OptionFault } from "../../model/options.ts";
import type { MatchCriterion, TriggerOptions } from "./trigger-options.ts";
import { noTriggerOptions, sameTriggerOptions } from "./trigger-options.ts";
import { findCriteriaFaults } from "./match-criteria.ts";

export const triggerOptions = defineOptions({
  key: "trigger",
  noun: "trigger options",
  nouns: "trigger options",
  defaults: noTriggerOptions,
  written: "differing",
  mayBeUnstated: ["dataFormat"],
  ifDiffering: "refused",
  expectations: {
    "": "a map with matchCriteria, eventTTLSeconds or delayBySeconds, and dataFormat, each optional",
    "/matchCriteria": "a list of at most 100 conditions",
    "/matchCriteria/*": "a map with jsonPath and operator, and value or values",
    "/matchCriteria/*/jsonPath": "text of at most 1024 characters",
    "/matchCriteria/*/operator": "an operator, such as Equal, In or Exists",
    "/matchCriteria/*/value": "any value",
    "/matchCriteria/*/values": "a list of values",
    "/eventTTLSeconds": "a whole number of at least 10",
    "/delayBySeconds": "a whole number from 60 to 900",
    "/dataFormat": "Json or TopLevelPrimitives",
  },
  takesValues: ["/matchCriteria/*/value", "/matchCriteria/*/values"],
  misplaced: (nouns) => ({
    severity: "error",
    code: "trigger/notHere",
    message: `trigger is for groups whose endpoints are workflows, and this group has ${nouns}`,
    hint: "remove it, or use workflow: endpoints",
  }),
  spellAs: (options, other) => (sameTriggerOptions(options, other) ? other : options),
  findFaults,
  conditionsOf: ({ matchCriteria }) => new Set(matchCriteria.map(spellOut)),
  describe,
});

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

function describe(options: TriggerOptions): readonly string[] {
  const { matchCriteria, eventTTLSeconds, delayBySeconds, dataFormat } = options;
  return [
    ...matchCriteria.map((criterion) => `matches ${JSON.stringify(criterion)}`),
    ...(eventTTLSeconds === null ? [] : [`eventTTLSeconds ${eventTTLSeconds}`]),
    ...(delayBySeconds === null ? [] : [`delayBySeconds ${delayBySeconds}`]),
    ...(dataFormat === undefined ? [] : [`dataFormat ${dataFormat}`]),
  ];
}
