// A long trail from its end, a window at a time: what looks back for the newest need not hold it whole.
import type { Files } from "../lib/files.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";
import { findFirstLine, splitLinesBackwards } from "./lines.ts";

/** Large enough to be read at disk speed, small beside the process itself. */
const windowBytes = 128 * 1024;

/**
 * Each full line without its newline, last to first; none where there is no file yet. Throws ReconcileError
 * `audit/unreadable`.
 */
export async function* readLinesBackwards(
  files: Pick<Files, "stat" | "readRange">,
  path: string,
): AsyncGenerator<Uint8Array> {
  try {
    let end = (await files.stat(path)).sizeBytes;
    let rest = new Uint8Array();
    while (end > 0) {
      const start = Math.max(0, end - windowBytes);
      const window = Buffer.concat([await files.readRange(path, start, end), rest]);
      // The first line of a window may have begun before it: it is kept for the next one.
      const whole = start === 0 ? 0 : findFirstLine(window);
      yield* splitLinesBackwards(window.subarray(whole));
      rest = window.subarray(0, whole);
      end = start;
    }
  } catch (cause) {
    if (systemErrorCode(cause) === "ENOENT") return;
    throw new ReconcileError(
      "audit/unreadable",
      `the audit trail ${path} cannot be read: ${errorText(cause)}`,
      { hint: "give this user read permission on it, or set audit.file to another path", cause },
    );
  }
}
