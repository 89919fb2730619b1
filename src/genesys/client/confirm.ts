// Lets a write that its guard held back ask for the lease to be confirmed, and start after all.
import { isCode } from "../../model/errors.ts";
import type { WriteGuard } from "../../model/http.ts";
import type { AttemptOutcome } from "./retry.ts";

export interface ConfirmedGuard extends WriteGuard {
  /** Asks the keeper of the lease; false if another process may have it. */
  readonly confirm: () => Promise<boolean>;
}

/** A confirmation that is out of date again when the connection is open would be so a third time. */
const maxConfirmations = 3;

/** Nothing of a write that was held back has left, so it may be sent anew. */
export async function sendConfirmed(
  send: () => Promise<AttemptOutcome>,
  { confirm }: ConfirmedGuard,
): Promise<AttemptOutcome> {
  let outcome = await send();
  for (let asked = 0; isCode(outcome, "lease/unsure") && asked < maxConfirmations; asked += 1) {
    if (!(await confirm())) return outcome;
    outcome = await send();
  }
  return outcome;
}
