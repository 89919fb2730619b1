// Judges whether the shared store of the state answers.
import { isOfPlatform, originOf } from "../model/origin.ts";
import { hasPlan, type Result } from "../model/result.ts";
import { bad, good, notChecked, reasonOf, type Judgement } from "./judgement.ts";

/** A pass reads the state before it does anything else, so one that ended for another reason has reached it. */
export function judgeState(result: Result): Judgement {
  const errors = result.diagnostics.filter(({ severity }) => severity === "error");
  const away = errors.find(({ code }) => isOfStore(code));
  if (away) return bad(reasonOf(away), away.message);
  const isUnread = errors.some((error) => originOf(error, result) === "settings" || isOfLogin(error.code));
  return isUnread && !hasPlan(result)
    ? notChecked("the pass ended before it read the state")
    : storeAnswers;
}

export const storeAnswers = good("StateAnswers", "the store answers");

const ofStore = [
  "unreachable",
  "refused",
  "insecure",
  "malformedAddress",
  "newer",
  "notInitialised",
  "moved",
];

function isOfStore(code: string): boolean {
  return ofStore.some((name) => code === `state/${name}`);
}

/** The organisation, whose state it is, may have to be asked for first. */
function isOfLogin(code: string): boolean {
  return isOfPlatform({ code }) || code.startsWith("organization/");
}
