// Which line of Git's message tells what is wrong, and what to do about the refusals that people meet most.
import { certificateHint } from "../lib/certificates.ts";
import { hideLogins } from "../lib/url-login.ts";

/** Null if Git's message is none of these. */
export function findGitHint(error: unknown): string | null {
  const message = error instanceof Error ? error.message : "";
  const [, folder] = /dubious ownership in repository at '([^'\n]+)'/.exec(message) ?? [];
  if (folder !== undefined)
    return (
      "the folder belongs to another user than the one that runs reconcile: " +
      `run \`git config --global --add safe.directory '${folder}'\` as this user`
    );
  const isUntrusted = /certificate (?:problem|verify|verification)|certificate subject name/i.test(message);
  return isUntrusted ? certificateHint("GIT_SSL_CAINFO") : null;
}

/** The line of Git's message that names the fault. */
export function gitReason(cause: unknown): string {
  const lines = (cause instanceof Error ? cause.message : String(cause)).trim().split("\n");
  const reason = lines.find((line) => /^(fatal|error|ssh):/.test(line)) ?? lines[0] ?? "";
  return hideLogins(reason);
}
