// Tells whether the platform may have refused a trigger only because its workflow is not published or not active yet.
import { answerFacts, ReconcileError } from "../../model/errors.ts";
import type { ResourceDocument } from "../../model/resource.ts";
import { isVersionMismatch } from "../../genesys/version-conflict.ts";
import { publishHint } from "./trigger-test.ts";

/**
 * Returns the error to throw for a refusal of a trigger that gets a workflow. The platform answers 400 while the workflow is
 * not published or not active, in words that are not documented; so every 400 counts that names neither the trigger's other
 * fields nor its topic. Nothing was written then, so sending again cannot make a second trigger.
 */
export function asNotReady(error: unknown, { eventTypes: [topic = ""] }: ResourceDocument): unknown {
  const refusal = error instanceof ReconcileError && error.status === 400 ? error : null;
  if (!refusal || namesOtherField(refusal, topic) || isVersionMismatch(error)) return error;
  return new ReconcileError("api/notReady", refusal.message, {
    ...{ hint: publishHint, ...answerFacts(refusal), cause: error },
  });
}

/** The names that no refusal of a workflow would need; `name` and `enabled` are words of any sentence. */
const otherFields =
  /\b(?:topicName|matchCriteria|jsonPath|eventTTLSeconds|delayBySeconds|dataFormat|description)\b/;

function namesOtherField({ fields, problem: platformWords }: ReconcileError, topic: string): boolean {
  const isNamed = fields.some(({ field }) => field !== "" && !/^target\b/.test(field));
  return isNamed || otherFields.test(platformWords) || platformWords.includes(topic);
}
