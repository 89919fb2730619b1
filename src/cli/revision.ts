// The files of a Git revision, read as the disk is read, without a checkout.
import type { Clock } from "../lib/clock.ts";
import { ReconcileError } from "../model/errors.ts";
import { askGit, openGit } from "./git.ts";
import { makeRevisionFiles } from "./revision-files.ts";
import type { Revision } from "../app/world.ts";

/**
 * `ref`: a branch, a tag, a commit, or what else Git takes for one; a branch that is not here is looked for at origin.
 * Throws ReconcileError `base/…`.
 */
export async function openRevision(ref: string, clock: Clock): Promise<Revision> {
  const top = await askGit(clock, "rev-parse", "--show-toplevel");
  if (!top) throw await noRepository(ref);
  const commit = (await findCommit(ref, clock)) ?? (await findCommit(`refs/remotes/origin/${ref}`, clock));
  if (commit === null) throw await unknownRevision(ref, clock);
  // With a path that begins with a colon nothing else is meant than that path.
  const git = openGit({ variables: { GIT_LITERAL_PATHSPECS: "1" } });
  return { commit, files: makeRevisionFiles({ git, commit, top }) };
}

/** Nothing that Git could take for an option, a range, a path, a search or several revisions. */
const plainRef = /^(?![-^])(?!.*\.\.)[^\s\p{C}:?*[\\]{1,250}$/u;

async function findCommit(ref: string, clock: Clock): Promise<string | null> {
  if (!plainRef.test(ref)) {
    const hint = "name a branch, a tag or a commit, such as origin/main";
    throw new ReconcileError("base/malformed", "--base is no name of a Git revision", { hint });
  }
  const answer = await askGit(clock, "rev-parse", "--verify", "--quiet", `${ref}^{commit}`);
  return answer !== null && /^[0-9a-f]{40,64}$/.test(answer) ? answer : null;
}

async function noRepository(ref: string): Promise<ReconcileError> {
  const why = await openGit()
    .raw(["rev-parse", "--show-toplevel"])
    .then(
      () => "this folder has no work tree",
      (error: unknown) => reasonOf(error),
    );
  const message = `--base ${ref} needs a Git repository, and there is none here: ${why}`;
  const hint = "run it inside the repository of the manifests, with git installed";
  return new ReconcileError("base/noRepository", message, { hint });
}

/** Git's last word on it. */
function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).trim().split("\n");
  return (lines.find((line) => line.startsWith("fatal:")) ?? lines[0] ?? "").replace(/^fatal: /, "");
}

async function unknownRevision(ref: string, clock: Clock): Promise<ReconcileError> {
  const isShallow = (await askGit(clock, "rev-parse", "--is-shallow-repository")) === "true";
  const branch = ref.replace(/^(?:refs\/heads\/|(?:refs\/remotes\/)?origin\/)/, "");
  const fetch = `git fetch --depth=1 origin ${branch}:refs/remotes/origin/${branch}`;
  const isBranch = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(branch);
  const ways = [
    ...(isShallow ? ["check out with fetch-depth: 0"] : []),
    ...(isBranch ? [`run \`${fetch}\` first`] : []),
  ];
  const message = `this clone does not hold the revision "${ref}"${isShallow ? ": it is a shallow one" : ""}`;
  const hint = ways.length === 0 ? "`git log` shows which there are" : ways.join(", or ");
  return new ReconcileError("base/unknown", message, { hint });
}
