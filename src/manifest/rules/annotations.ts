// Of the annotations under `reconcile.genesys/` there is one, and it says why: a freeze that is misspelt freezes nothing.
import { findNearest } from "../../lib/did-you-mean.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { freezeKey, freezeReason, type Draft, type Entry } from "../draft.ts";
import { errorAt, warningAt } from "../problem.ts";
import { quote } from "../text.ts";

const prefix = "reconcile.genesys/";

/** One line of a table. */
const maxReasonLength = 200;

export function annotations({ annotations: entries }: Draft): readonly Diagnostic[] {
  return entries.flatMap((entry) => (entry.key === freezeKey ? checkReason(entry) : checkKey(entry)));
}

function checkReason({ value, place }: Entry): readonly Diagnostic[] {
  const { length } = freezeReason(value) ?? "";
  if (length > 0 && length <= maxReasonLength) return [];
  return length === 0
    ? [errorAt(place, { code: "annotations/emptyFreeze", message: `${freezeKey} is empty`, hint: sayWhy })]
    : [
        errorAt(place, {
          code: "annotations/longFreeze",
          message: `the reason of ${freezeKey} has ${length} characters, and at most ${maxReasonLength} fit`,
          hint: "say it in one line, with a link to the rest",
        }),
      ];
}

const sayWhy = "say why the group is frozen and until when, or take the annotation away";

function checkKey({ key, keyPlace }: Entry): readonly Diagnostic[] {
  if (key.startsWith(prefix)) {
    const nearest = findNearest(key.slice(prefix.length), [freezeKey.slice(prefix.length)]);
    const message = `unknown annotation ${quote(key)}`;
    const hint = nearest === undefined ? `the only one of reconcile is ${freezeKey}` : didYouMean;
    return [errorAt(keyPlace, { code: "annotations/unknownKey", message, hint })];
  }
  // Any other key is the user's own.
  if (findNearest(key, [freezeKey]) === undefined) return [];
  const message = `the annotation ${quote(key)} means nothing to reconcile: the group is not frozen`;
  return [warningAt(keyPlace, { code: "annotations/nearKey", message, hint: didYouMean })];
}

const didYouMean = `did you mean "${freezeKey}"?`;
