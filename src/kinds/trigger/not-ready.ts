// Tells whether the platform may have refused a trigger only because its workflow is not published or not active yet.
import { ReconcileError } from "../../model/errors.ts";
import { isVersionMismatch } from "../../genesys/version-conflict.ts";

/**
 * Returns the error to throw for a refusal of a trigger that gets a workflow. The platform answers 400 while the workflow is
 * not published or not active, in words that are not documented; so every 400 counts that names none of the trigger's other
 * fields. Nothing was written then, so sending again cannot make a second trigger.
 */
export function asNotReady(error: unknown): unknown {
  const refusal = error instanceof ReconcileError && error.status === 400 ? error : null;
  if (!refusal || namesOtherField(refusal) || isVersionMismatch(error)) return error;
  const { message, correlationId, fields } = refusal;
  const hint =
    "publish the workflow, check that it is active and that its id is right: the id is in the address of its page";
  return new ReconcileError("api/notReady", message, {
    ...{ hint, correlationId: correlationId ?? undefined, fields, cause: error },
  });
}

/** The names that no refusal of a workflow would need; `name` and `enabled` are words of any sentence. */
const otherFields =
  /\b(?:topicName|matchCriteria|jsonPath|eventTTLSeconds|delayBySeconds|dataFormat|description)\b/;

function namesOtherField({ fields, problem }: ReconcileError): boolean {
  const isNamed = fields.some(({ field }) => field !== "" && !/^target\b/.test(field));
  return isNamed || otherFields.test(problem);
}
