// A PUT that was based on another version than there is.
import { ReconcileError } from "../model/errors.ts";

/** By its status, or, where the platform gives another one, by its words. */
export function isVersionConflict(error: unknown): error is ReconcileError {
  if (!(error instanceof ReconcileError)) return false;
  return error.code === "api/conflict" || /does not match the current version/i.test(error.message);
}
