// The error of a remote that anybody can read.
import { ReconcileError } from "../../model/errors.ts";

export function publicRemote(address: string): ReconcileError {
  const message = `anybody can read ${address} without a login, so it must not hold an audit trail with its endpoints`;
  return new ReconcileError("state/public", message, {
    hint: "make the repository private, or name the remote of a private one in `state.git.remote`",
  });
}
