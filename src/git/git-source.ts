// `--git URL[#ref]`: fetches the manifests of a remote repository into `.reconcile/git`, and makes that folder anew when
// it is damaged.
import { resolve } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { isLoginAmbiguous } from "../lib/url-login.ts";
import { isCode, ReconcileError } from "../model/errors.ts";
import { findGitHint, gitReason } from "./git-hint.ts";
import { emptyFolder, findDamage, prepareFolder, readFollowed, writeFollowed } from "./kept-folder.ts";
import { loginFor } from "./login.ts";
import type { Git } from "./open-repository.ts";
import { findAncestry } from "./ancestry.ts";
import { makeRevisionFiles, type FetchedRevision, type RevisionFiles } from "./revision-files.ts";
import { gitRan, runGit } from "./run-git.ts";

export interface GitPlace {
  readonly url: string;
  /** A branch or a tag; null for the repository's default branch. */
  readonly ref: string | null;
}

/** A daemon keeps this about its folder from one fetch to the next. */
export interface FolderMemory {
  /** When the folder was last emptied, by the monotonic clock. */
  rebuiltMs: number | null;
  /** Git's words when it could not read a fetched file; the next fetch then makes the folder anew. */
  damage: string | null;
}

export interface FolderKeeping {
  readonly memory: FolderMemory;
  /** Called before the folder is emptied, with what is wrong with it. */
  readonly onRebuild: (damage: string) => void;
}

interface KeptFolder extends FolderKeeping {
  readonly directory: string;
  readonly clock: Clock;
}

const fetched = "refs/reconcile/fetched";
/** The commit that the last pass used; each fetched commit must descend from it. */
const followed = "refs/reconcile/followed";
const fetchLimitMs = 120_000;
const checkLimitMs = 60_000;
/** On a disk that keeps failing, a large repository is not fetched with every pass. */
const rebuildGapMs = 600_000;

/**
 * Fetches the newest commit, and makes sure that it descends from the one applied before: otherwise the branch was
 * rewritten. If the folder is damaged, it is emptied and everything is fetched anew; if only the remote cannot be
 * reached, it stays as it is. Throws ReconcileError `git/…`.
 */
export async function fetchRevision(
  place: GitPlace,
  given: Pick<KeptFolder, "directory" | "clock"> & Partial<FolderKeeping>,
): Promise<FetchedRevision> {
  const folder: KeptFolder = {
    memory: { rebuiltMs: null, damage: null },
    onRebuild: () => undefined,
    ...given,
  };
  const { damage } = folder.memory;
  if (damage !== null) await rebuild(damage, folder);
  try {
    return await fetchOnce(place, folder);
  } catch (error) {
    const found = await findCause(error, folder);
    if (found === null) throw error;
    await rebuild(found, folder);
    return await fetchOnce(place, folder);
  }
}

/** Returns the damage that may be why the fetch failed; null if there is none. */
async function findCause(error: unknown, { directory, clock }: KeptFolder): Promise<string | null> {
  const isGits = error instanceof ReconcileError && gitRan(error.cause);
  // Without the objects of an earlier commit, no other one seems to descend from it.
  if (!isGits && !isCode(error, "git/rewritten")) return null;
  return inTime(clock, checkLimitMs, (abort) => findDamage(directory, gitOf(directory), abort));
}

async function rebuild(damage: string, { directory, clock, memory, onRebuild }: KeptFolder): Promise<void> {
  const { rebuiltMs } = memory;
  const waitMs = rebuiltMs === null ? 0 : rebuiltMs + rebuildGapMs - clock.monotonic();
  if (waitMs > 0) {
    const message = `${directory} is damaged again, although it was fetched anew: ${damage}`;
    const hint = `check the disk; it is fetched anew in ${Math.ceil(waitMs / 60_000)} minutes at the earliest`;
    throw new ReconcileError("git/damaged", message, { hint });
  }
  onRebuild(damage);
  await prepareFolder(directory);
  await emptyFolder(directory);
  memory.rebuiltMs = clock.monotonic();
  memory.damage = null;
}

async function fetchOnce(
  place: GitPlace,
  { directory, clock, memory }: KeptFolder,
): Promise<FetchedRevision> {
  const git = gitOf(directory);
  const readGit: Git = (words, abort) =>
    git(words, abort).catch((error: unknown) => {
      if (gitRan(error)) memory.damage = gitReason(error);
      throw error;
    });
  try {
    const commit = await inTime(clock, fetchLimitMs, (abort) => fetchCommit(place, { directory, abort }));
    const openCommit = (commit: string): RevisionFiles =>
      makeRevisionFiles({ git: readGit, commit, top: resolve(".") });
    return {
      commit,
      files: openCommit(commit),
      openCommit,
      findAncestry: (question) => findAncestry(question, git, clock),
    };
  } catch (cause) {
    if (cause instanceof ReconcileError) throw cause;
    throw new ReconcileError("git/unreachable", `Git could not fetch ${place.url}: ${gitReason(cause)}`, {
      hint: findGitHint(cause) ?? checkAddress,
      cause,
    });
  }
}

const checkAddress =
  "check the address and the branch, and that this user can `git fetch` it without being asked for a password";

async function fetchCommit(
  { url, ref }: GitPlace,
  { directory, abort }: { readonly directory: string; readonly abort: AbortSignal },
): Promise<string> {
  const git = gitOf(directory);
  const askGit: AskGit = async (...words) => (await git(words, abort)).toString("utf8").trim();
  await prepareFolder(directory);
  await askGit("init", "--bare", "--quiet");
  if (isLoginAmbiguous(url)) throw ambiguous;
  const login = loginFor(await askGit("ls-remote", "--get-url", "--", url));
  const fetch = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--force", "--"];
  const variables = { ...repositoryAt(directory), ...login };
  await runGit([...fetch, url, `+${ref ?? "HEAD"}:${fetched}`], { variables, abort });
  const commit = await askGit("rev-parse", "--verify", `${fetched}^{commit}`);
  const last = await readFollowed(directory);
  await requireFollows(askGit, { last, commit }, { url, directory });
  if (last !== commit) await writeFollowed(directory, commit);
  await askGit("update-ref", followed, commit);
  return commit;
}

const ambiguous = new ReconcileError(
  "git/malformedUrl",
  "the login in the address of --git cannot be told from the rest of the address",
  { hint: "in the user and the password write %40 for an @, %23 for a #, %2F for a / and %3F for a ?" },
);

type AskGit = (...words: readonly string[]) => Promise<string>;

/** A file `commondir` in the folder would have Git obey the config of another one. */
function repositoryAt(directory: string): Readonly<Record<string, string>> {
  return { GIT_DIR: resolve(directory), GIT_COMMON_DIR: resolve(directory) };
}

function gitOf(directory: string): Git {
  const variables = repositoryAt(directory);
  return (words, abort) => runGit(words, { variables, ...(abort ? { abort } : {}) });
}

/** The signal fires when the time is over, and when `run` has ended. */
async function inTime<T>(
  clock: Clock,
  limitMs: number,
  run: (abort: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const limit = clock.sleep(limitMs, over.signal).then(
    () => {
      over.abort();
    },
    () => undefined,
  );
  try {
    return await run(over.signal);
  } finally {
    over.abort();
    await limit;
  }
}

/** `last`: what the folder's file says of the commit that was applied last. */
async function requireFollows(
  askGit: AskGit,
  { last, commit }: { readonly last: string | null; readonly commit: string },
  { url, directory }: { readonly url: string; readonly directory: string },
): Promise<void> {
  const known = last === null || last === "unreadable" ? await findReferred(askGit) : last;
  if (known === null && last === "unreadable") {
    const message = `${directory} no longer says which commit was applied last, so a rewritten branch would not be noticed`;
    const hint = `make sure that the branch was not rewritten, then remove ${directory}; the next pass accepts what is there`;
    throw new ReconcileError("git/forgotten", message, { hint });
  }
  if (known === null || known === commit) return;
  const base = await askGit("merge-base", known, commit).catch((error: unknown) => {
    if (gitRan(error)) return "";
    throw error;
  });
  if (base === known) return;
  throw new ReconcileError(
    "git/rewritten",
    `${url} no longer holds the commit that was applied last: ${commit.slice(0, 12)} does not descend from ${known.slice(0, 12)}`,
    {
      hint: `the branch was rewritten; if that is intended, remove ${directory}, and the next pass accepts the new history`,
    },
  );
}

/** Older versions kept the commit that was applied last in this reference only. */
async function findReferred(askGit: AskGit): Promise<string | null> {
  const [named = ""] = (await askGit("for-each-ref", "--format=%(objectname)", followed)).split("\n");
  return named === "" ? null : named;
}
