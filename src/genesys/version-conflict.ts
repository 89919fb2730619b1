// Recognises the platform's refusal of a write that states an outdated version.
import { ReconcileError } from "../model/errors.ts";
import { saysOutdatedVersion } from "./client/error-body.ts";

/** The client makes `api/conflict` of it, whatever its status; other conflicts have that code too. */
export function isVersionMismatch(error: unknown): error is ReconcileError {
  return error instanceof ReconcileError && saysOutdatedVersion(error.platformCode, error.message);
}
