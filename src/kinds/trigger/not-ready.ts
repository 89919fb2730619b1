// Tells whether the platform may have refused a trigger only because its workflow is not published or not active yet.
import { answerFacts, ReconcileError } from "../../model/errors.ts";
import type { ResourceDocument } from "../../model/resource.ts";
import { publishHint } from "./trigger-test.ts";

/**
 * Returns the error to throw for a refusal of a trigger that gets a workflow. The platform answers 400 while the workflow is
 * not published or not active, in words that are not documented; so every 400 counts that names neither the trigger's other
 * fields nor its topic, nor a limit. Nothing was written then, so sending again cannot make a second trigger.
 */
export function asNotReady(error: unknown, { eventTypes: [topic = ""] }: ResourceDocument): unknown {
  // A refusal of an outdated version is a conflict already, whatever its status.
  const isRefused =
    error instanceof ReconcileError && error.code === "api/rejected" && error.status === 400;
  if (!isRefused || namesOtherField(error, topic) || namesLimit(error)) return error;
  return new ReconcileError("api/notReady", error.message, {
    ...{ hint: publishHint, ...answerFacts(error), cause: error },
  });
}

/** The names that no refusal of a workflow would need; `name` and `enabled` are words of any sentence. */
const otherFields =
  /\b(?:topicName|matchCriteria|jsonPath|eventTTLSeconds|delayBySeconds|dataFormat|description)\b/;

function namesOtherField({ fields, problem: platformWords }: ReconcileError, topic: string): boolean {
  const isNamed = fields.some(({ field }) => field !== "" && !/^target\b/.test(field));
  return isNamed || otherFields.test(platformWords) || platformWords.includes(topic);
}

/** A limit of the organisation does not pass within half a minute. */
function namesLimit({ platformCode, problem: platformWords }: ReconcileError): boolean {
  return /\b(?:max|limit|quota)\b/i.test(`${platformCode ?? ""} ${platformWords}`);
}
