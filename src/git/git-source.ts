// `--git URL[#ref]`: the manifests as they are in a repository elsewhere, fetched into `.reconcile/git`.
import { mkdir, writeFile } from "node:fs/promises";
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
  /** A branch or a tag; null for the repository's own. */
  readonly ref: string | null;
}

const fetched = "refs/reconcile/fetched";
/** What the last pass went by: whatever is fetched must follow from it. */
const followed = "refs/reconcile/followed";
const fetchLimitMs = 120_000;

/**
 * Fetches, and makes sure that nothing was taken back: what was fetched before is part of what comes now. Throws
 * ReconcileError `git/…`.
 */
export async function fetchRevision(
  { url, ref }: GitPlace,
  { directory, clock }: { readonly directory: string; readonly clock: Clock },
): Promise<Revision> {
  const over = new AbortController();
  const kept = { GIT_DIR: resolve(directory) };
  const git: Git = (words, abort) => runGit(words, { variables: kept, ...(abort ? { abort } : {}) });
  const inTime: Ask = async (...words) => (await git(words, over.signal)).toString("utf8").trim();
  const limit = clock.sleep(fetchLimitMs, over.signal).then(
    () => {
      over.abort();
    },
    () => undefined,
  );
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "config"), ownConfig);
    await inTime("init", "--bare", "--quiet");
    const login = loginFor(await inTime("ls-remote", "--get-url", "--", url));
    const fetch = ["fetch", "--quiet", "--no-tags", "--force", "--", url, `+${ref ?? "HEAD"}:${fetched}`];
    await runGit(fetch, { variables: { ...kept, ...login }, abort: over.signal });
    const commit = await inTime("rev-parse", "--verify", `${fetched}^{commit}`);
    await requireFollows(inTime, commit, { url, directory });
    await inTime("update-ref", followed, commit);
    return { commit, files: makeRevisionFiles({ git, commit, top: resolve(".") }) };
  } catch (cause) {
    if (cause instanceof ReconcileError) throw cause;
    throw new ReconcileError("git/unreachable", `Git does not give ${url}: ${reasonOf(cause)}`, {
      hint: "check the address, the branch, and that this user can `git fetch` it without being asked",
      cause,
    });
  } finally {
    over.abort();
    await limit;
  }
}

type Ask = (...words: readonly string[]) => Promise<string>;

/** Written anew before each fetch, so nothing counts that the folder's config names besides: a program, another address. */
const ownConfig = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

async function requireFollows(
  ask: Ask,
  commit: string,
  { url, directory }: { readonly url: string; readonly directory: string },
): Promise<void> {
  const [last = ""] = (await ask("for-each-ref", "--format=%(objectname)", followed)).split("\n");
  if (last === "" || last === commit) return;
  const base = await ask("merge-base", last, commit).catch(() => "");
  if (base === last) return;
  throw new ReconcileError(
    "git/rewritten",
    `${url} no longer holds what was applied last: ${commit.slice(0, 12)} does not follow from ${last.slice(0, 12)}`,
    {
      hint: `somebody rewrote the branch; if that is right, remove ${directory}, and the next pass takes it as it is`,
    },
  );
}

function reasonOf(cause: unknown): string {
  const lines = (cause instanceof Error ? cause.message : String(cause)).trim().split("\n");
  const said = lines.find((line) => /^(fatal|error|ssh):/.test(line)) ?? lines[0] ?? "";
  return hideLogins(said);
}
