// Tells by Git's words whether a remote did not answer, or refuses, and then what to do about it.
import { findGitHint, gitReason } from "../../git/git-hint.ts";
import { ReconcileError } from "../../model/errors.ts";
import { hideLogins } from "../../lib/url-login.ts";
import { Damage } from "./damage.ts";

const checkLogin =
  "over https set RECONCILE_GIT_TOKEN to a token that may read and write the repository's contents; over ssh use a key that may";

/** The first row that fits counts; what a row says is more certain than what the rows below it say. */
const refusals: readonly { readonly words: RegExp; readonly hint: string }[] = [
  {
    words:
      /marked as read[ -]only|deploy key|archived so it is read-only|read-only (?:access|mode|repository)/i,
    hint: "the remote takes no push: allow write access for the deploy key, or bring the repository back from its archive",
  },
  {
    words:
      /protected branch|rule violations|GH006|GH013|hook declined|not allowed to (?:push|create|force)|TF40\d{4}|denied by|prohibited/i,
    hint: "a rule or a hook of the remote refuses this push: let this login create and push the branches of the state; only force pushes and deletions may stay forbidden",
  },
  {
    words: /no space left|disk quota|quota exceeded|over its size limit|exceeds .*size limit/i,
    hint: "make room: the disk of the remote, or of this machine, is full",
  },
  {
    words:
      /insufficient permission for adding|unpacker error|unable to (?:create temporary|write)|read-only file system/i,
    hint: "the remote's repository cannot be written by the user who serves it",
  },
  {
    words: /host key verification failed|REMOTE HOST IDENTIFICATION/i,
    hint: "add the host's key to known_hosts after you compared it with the one that its operator publishes",
  },
  {
    words:
      /authentication failed|could not read (?:username|password)|permission denied|invalid (?:username|credentials)|access denied|error: 40[13]|HTTP 40[13]|write access to repository not granted|not authorized|terminal prompts disabled/i,
    hint: checkLogin,
  },
  {
    words:
      /repository .*not found|not found|does not appear to be a git repository|no such (?:file|project)|error: 404|could not be found/i,
    hint: `check the remote's address; a server may also say so to a login that may not see the repository: ${checkLogin}`,
  },
  {
    words: /unable to update url base from redirection|error: 30\d/i,
    hint: "the repository has moved: name its new address with `git remote set-url`",
  },
  {
    words: /transport '.*' not allowed/i,
    hint: "use a remote over https or ssh, over http to this machine, or a path",
  },
];

const noAnswer =
  /could not resolve|failed to connect|couldn't connect|connection (?:refused|reset|timed out|was|closed)|timed? ?out|network is (?:down|unreachable)|no route to host|hung up|early eof|unexpected disconnect|rpc failed|error: (?:5\d\d|408|429)|HTTP (?:5\d\d|408|429)|empty reply|ssl_(?:error|read|connect)|tls (?:connection|packet)|gnutls|recv failure|send failure|broken pipe|temporary failure|too slow|transfer closed|internal server error|service unavailable|curl \d+|git was ended by/i;

export interface Asked {
  /** The remote without its login. */
  readonly shown: string;
  /** For people: `fetched`, `pushed`. */
  readonly deed: string;
}

/** Makes an error for the caller of Git's; a Damage if its words are about neither the network nor a refusal. */
export function errorOf(error: unknown, { shown, deed }: Asked): ReconcileError | Damage {
  const said = error instanceof Error ? error.message : String(error);
  const message = `the state could not be ${deed} at ${shown}: ${reasonIn(said)}`;
  const hint = findGitHint(error) ?? refusals.find(({ words }) => words.test(said))?.hint;
  if (hint !== undefined) return new ReconcileError("state/refused", message, { hint });
  if (noAnswer.test(said)) return unreachable(message);
  return new Damage(reasonIn(said));
}

export function unreachable(message: string): ReconcileError {
  return new ReconcileError("state/unreachable", message, {
    hint: "check the network and the remote; nothing is written until the state can be read and kept",
  });
}

/** A remote's own words say more than Git's about it. */
export function reasonIn(said: string): string {
  const lines = said.trim().split(/\r?\n/);
  const remote = lines.find((line) => /^remote: .*(?:error|fatal|denied|refus|declin|reject)/i.test(line));
  const [, status] = /\[remote rejected\].*\((.*)\)/.exec(said) ?? [];
  const ssh = lines.find((line) =>
    /permission denied \(|host key verification|could not resolve host/i.test(line),
  );
  const reason = remote ?? status ?? ssh;
  return reason === undefined ? gitReason(new Error(said)) : hideLogins(reason.trim());
}
