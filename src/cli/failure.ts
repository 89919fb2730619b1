// What an error that nobody expected is called, and what a user can do about it.
import { CommanderError } from "commander";
import { ReconcileError, systemErrorCode } from "../model/errors.ts";

export function classify(error: unknown): { readonly code: string; readonly hint: string | null } {
  if (error instanceof ReconcileError) return error;
  if (error instanceof CommanderError)
    return { code: error.code.replace("commander.", "usage/"), hint: null };
  // What the disk refuses is no bug, either: EACCES, ENOSPC; Node's own errors are ERR_….
  const refusal = systemErrorCode(error) ?? "";
  if (/^E(?!RR_)/.test(refusal)) return { code: `system/${refusal}`, hint: null };
  return { code: "internal/bug", hint: "this is a bug in reconcile" };
}
