// The error of a trail that cannot be moved as it is.
import { ReconcileError } from "../model/errors.ts";

export function unmovable(message: string, hint: string): ReconcileError {
  return new ReconcileError("state/unmovable", message, { hint: `${hint}; nothing was moved` });
}
