// A PUT that was based on another version than there is.
import { ReconcileError } from "../model/errors.ts";

/** By its words, for the platform gives them with several statuses. */
export function isVersionMismatch(error: unknown): error is ReconcileError {
  return error instanceof ReconcileError && /does not match the current version/i.test(error.message);
}
