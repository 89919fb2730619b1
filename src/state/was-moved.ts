// The error of a pass whose config still names the store that the trail was moved away from.
import { ReconcileError } from "../model/errors.ts";

/** `what` names the trail. */
export function wasMoved(what: string, movedTo: string): ReconcileError {
  return new ReconcileError("state/moved", `${what} was moved to ${movedTo}`, {
    hint:
      `write \`state: { store: ${movedTo} }\` into the config; to move the trail back, run ` +
      "`reconcile state move` with that config",
  });
}
