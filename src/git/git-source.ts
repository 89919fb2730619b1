// `--git URL[#ref]`: fetches the manifests of a remote repository into `.reconcile/git`.
import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { ReconcileError } from "../model/errors.ts";
import { hideLogins } from "../lib/plain.ts";
import { loginFor } from "./login.ts";
import type { Git } from "./open-repository.ts";
import { runGit } from "./run-git.ts";
import { makeRevisionFiles, type Revision } from "./revision-files.ts";

export interface GitPlace {
  readonly url: string;
  /** A branch or a tag; null for the repository's default branch. */
  readonly ref: string | null;
}

const fetched = "refs/reconcile/fetched";
/** The commit that the last pass used; each fetched commit must descend from it. */
const followed = "refs/reconcile/followed";
const fetchLimitMs = 120_000;

/**
 * Fetches the newest commit, and makes sure that it descends from the one fetched before: otherwise the branch was
 * rewritten. Throws ReconcileError `git/…`.
 */
export async function fetchRevision(
  { url, ref }: GitPlace,
  { directory, clock }: { readonly directory: string; readonly clock: Clock },
): Promise<Revision> {
  const over = new AbortController();
  // A file `commondir` in the folder would have Git obey the config of another one.
  const repository = { GIT_DIR: resolve(directory), GIT_COMMON_DIR: resolve(directory) };
  const git: Git = (words, abort) => runGit(words, { variables: repository, ...(abort ? { abort } : {}) });
  const askGit: AskGit = async (...words) => (await git(words, over.signal)).toString("utf8").trim();
  const limit = clock.sleep(fetchLimitMs, over.signal).then(
    () => {
      over.abort();
    },
    () => undefined,
  );
  try {
    await mkdir(directory, { recursive: true });
    await writeOwnConfig(directory);
    await askGit("init", "--bare", "--quiet");
    const login = loginFor(await askGit("ls-remote", "--get-url", "--", url));
    const fetch = [
      "fetch",
      "--quiet",
      "--no-tags",
      "--no-recurse-submodules",
      "--force",
      "--",
      url,
      `+${ref ?? "HEAD"}:${fetched}`,
    ];
    await runGit(fetch, { variables: { ...repository, ...login }, abort: over.signal });
    const commit = await askGit("rev-parse", "--verify", `${fetched}^{commit}`);
    await requireFollows(askGit, commit, { url, directory });
    await askGit("update-ref", followed, commit);
    return { commit, files: makeRevisionFiles({ git, commit, top: resolve(".") }) };
  } catch (cause) {
    if (cause instanceof ReconcileError) throw cause;
    throw new ReconcileError("git/unreachable", `Git could not fetch ${url}: ${reasonOf(cause)}`, {
      hint: "check the address and the branch, and that this user can `git fetch` it without being asked for a password",
      cause,
    });
  } finally {
    over.abort();
    await limit;
  }
}

type AskGit = (...words: readonly string[]) => Promise<string>;

/**
 * The repository's config is written anew before each fetch, so a program or another address that someone added to it
 * has no effect.
 */
const ownConfig = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/** Does not follow a link, which would have it write over a file elsewhere. */
async function writeOwnConfig(directory: string): Promise<void> {
  if ((await lstat(directory)).isSymbolicLink()) {
    const message = `${directory} is a link, but --git keeps the repository in a folder of its own there`;
    throw new ReconcileError("git/notAFolder", message, {
      hint: `remove ${directory}, and the next pass makes the folder`,
    });
  }
  const config = join(directory, "config");
  await rm(config, { force: true, recursive: true });
  await writeFile(config, ownConfig, { flag: "wx" });
}

async function requireFollows(
  askGit: AskGit,
  commit: string,
  { url, directory }: { readonly url: string; readonly directory: string },
): Promise<void> {
  const [last = ""] = (await askGit("for-each-ref", "--format=%(objectname)", followed)).split("\n");
  if (last === "" || last === commit) return;
  const base = await askGit("merge-base", last, commit).catch(() => "");
  if (base === last) return;
  throw new ReconcileError(
    "git/rewritten",
    `${url} no longer holds the commit that was applied last: ${commit.slice(0, 12)} does not descend from ${last.slice(0, 12)}`,
    {
      hint: `the branch was rewritten; if that is intended, remove ${directory}, and the next pass accepts the new history`,
    },
  );
}

function reasonOf(cause: unknown): string {
  const lines = (cause instanceof Error ? cause.message : String(cause)).trim().split("\n");
  const reason = lines.find((line) => /^(fatal|error|ssh):/.test(line)) ?? lines[0] ?? "";
  return hideLogins(reason);
}
