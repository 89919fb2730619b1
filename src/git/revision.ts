// Opens a Git revision, so that its files can be read like those of the disk, without a checkout.
import type { Clock } from "../lib/clock.ts";
import { ReconcileError } from "../model/errors.ts";
import { askInTime } from "./ask-in-time.ts";
import { openRepository } from "./open-repository.ts";
import { makeRevisionFiles, type Revision, type RevisionFiles } from "./revision-files.ts";

/**
 * `ref` is anything that names a commit to Git, such as a branch, a tag or a hash. A branch that this clone lacks is
 * looked for among those of origin.
 * Throws ReconcileError `base/…`, `git/refused`, `git/tooOld`.
 */
export async function openRevision(ref: string, clock: Clock): Promise<Revision> {
  const repository = await openRepository().catch((error: unknown) => {
    throw error instanceof ReconcileError ? error : noRepository(ref, error);
  });
  const ask: Ask = (...words) =>
    askInTime(clock, async (abort) => textOf(await repository.git(words, abort)));
  const commit = (await findCommit(ref, ask)) ?? (await findCommit(`refs/remotes/origin/${ref}`, ask));
  if (commit === null) throw await unknownRevision(ref, ask);
  const openCommit = (commit: string): RevisionFiles => makeRevisionFiles({ ...repository, commit });
  return { commit, files: openCommit(commit), openCommit };
}

type Ask = (...words: readonly string[]) => Promise<string | null>;

function textOf(answer: Buffer): string {
  return answer.toString("utf8").trim();
}

/** Admits no text that Git could take for an option, a range, a path, a search or several revisions. */
const plainRef = /^(?![-^])(?!.*\.\.)[^\s\p{C}:?*[\\]{1,250}$/u;

async function findCommit(ref: string, ask: Ask): Promise<string | null> {
  if (!plainRef.test(ref)) {
    const hint = "name a branch, a tag or a commit, such as origin/main";
    throw new ReconcileError("base/malformed", "--base does not name a Git revision", { hint });
  }
  const answer = await ask("rev-parse", "--verify", "--quiet", `${ref}^{commit}`);
  return answer !== null && /^[0-9a-f]{40,64}$/.test(answer) ? answer : null;
}

function noRepository(ref: string, cause: unknown): ReconcileError {
  const message = `--base ${ref} needs a Git repository, but there is none here: ${reasonOf(cause)}`;
  const hint = "run it inside the repository of the manifests, with git installed";
  return new ReconcileError("base/noRepository", message, { hint, cause });
}

/** The line of Git's message that names the fault. */
function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).trim().split("\n");
  return (lines.find((line) => line.startsWith("fatal:")) ?? lines[0] ?? "").replace(/^fatal: /, "");
}

async function unknownRevision(ref: string, ask: Ask): Promise<ReconcileError> {
  const isShallow = (await ask("rev-parse", "--is-shallow-repository")) === "true";
  const branch = ref.replace(/^(?:refs\/heads\/|(?:refs\/remotes\/)?origin\/)/, "");
  const fetch = `git fetch ${isShallow ? "--depth=1 " : ""}origin ${branch}:refs/remotes/origin/${branch}`;
  const isBranch = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(branch);
  const ways = [
    ...(isShallow ? ["check out with fetch-depth: 0"] : []),
    ...(isBranch ? [`run \`${fetch}\` first`] : []),
  ];
  const message = `this clone does not hold the revision "${ref}"${isShallow ? ", because it is shallow" : ""}`;
  const hint = ways.length === 0 ? "run `git log` to see the revisions that it holds" : ways.join(", or ");
  return new ReconcileError("base/unknown", message, { hint });
}
