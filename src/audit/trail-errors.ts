// The errors of a trail that a run may not go on writing.
import { ReconcileError } from "../model/errors.ts";
import { maxLineBytes } from "./lines.ts";

/** Two writers would fork the chain, so a writer stops when it notices another one. */
export function writtenByAnother(path: string): ReconcileError {
  return new ReconcileError(
    "audit/unwritable",
    `the audit trail ${path} grew or shrank while this run was writing it`,
    { hint: "let one process at a time write it: give each state directory its own audit.file" },
  );
}

/** The run that takes over looks and closes the open intents itself; an outcome from this run would close one twice. */
export function takenOver(path: string): ReconcileError {
  return new ReconcileError(
    "audit/takenOver",
    `another run may have taken over, so this run records nothing more in ${path}`,
    { hint: "the next run finds out what became of the writes without an outcome, and records it" },
  );
}

export function tooLong(path: string): ReconcileError {
  return new ReconcileError(
    "audit/recordTooLong",
    `a record for ${path} is longer than ${maxLineBytes / 1024 / 1024} MiB, so the change was not recorded`,
    { hint: "shorten the resource's description on the platform" },
  );
}
