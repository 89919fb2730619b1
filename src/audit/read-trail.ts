// A whole trail for those who look back: verify, log, status, rollback, drift.
import type { Files } from "../lib/files.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";

/** The trail's bytes; none where there is no file yet. Throws ReconcileError `audit/unreadable`. */
export async function readTrail(files: Files, path: string): Promise<Uint8Array> {
  try {
    return await files.read(path);
  } catch (cause) {
    if (systemErrorCode(cause) === "ENOENT") return new Uint8Array();
    throw new ReconcileError(
      "audit/unreadable",
      `the audit trail ${path} cannot be read: ${errorText(cause)}`,
      { hint: "give this user read permission on it, or set audit.file to another path", cause },
    );
  }
}
