// The error of a trail that cannot be written: a run that cannot record its changes must not make any.
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";

const hints: Readonly<Record<string, string>> = {
  EACCES: "give this user write permission on the file and its folder, or set audit.file to another path",
  EPERM: "give this user write permission on the file and its folder, or set audit.file to another path",
  EROFS: "its file system is read-only: mount it writable, or set audit.file to a path on another one",
  ENOSPC: "free some disk space, or set audit.file to a path on another disk",
  ELOOP: "a trail is a file itself: remove the link, or set audit.file to the path that it names",
  EMLINK:
    "make it a file with one name (copy it, and move the copy in its place), or set audit.file to another path",
  EDQUOT: "free some of this user's disk quota, or set audit.file to a path on another disk",
};
const otherHint = "check the disk, or set audit.file to a path that can be written";

/** Makes the error `audit/unwritable`, with the file and a hint; returns a ReconcileError as it is. */
export function unwritable(path: string, cause: unknown): ReconcileError {
  if (cause instanceof ReconcileError) return cause;
  const message = `the audit trail ${path} cannot be written: ${errorText(cause)}`;
  const hint = hints[systemErrorCode(cause) ?? ""] ?? otherHint;
  return new ReconcileError("audit/unwritable", message, { hint, cause });
}
