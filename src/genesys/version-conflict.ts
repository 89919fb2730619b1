// Recognises the platform's refusal of a PUT that states an outdated version.
import { ReconcileError } from "../model/errors.ts";

/** Compares the platform's words, because it sends them with several statuses. */
export function isVersionMismatch(error: unknown): error is ReconcileError {
  return error instanceof ReconcileError && /does not match the current version/i.test(error.message);
}
