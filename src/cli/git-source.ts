// `--git URL[#ref]`: the manifests as they are in a repository elsewhere, fetched into `.reconcile/git`.
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { SimpleGit } from "simple-git";
import type { Clock } from "../lib/clock.ts";
import { ReconcileError } from "../model/errors.ts";
import { openGit } from "./git.ts";
import { makeRevisionFiles } from "./revision-files.ts";
import { hideLogins } from "../lib/plain.ts";
import type { GitPlace, Revision } from "../app/world.ts";

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
  const variables = { GIT_DIR: resolve(directory), GIT_LITERAL_PATHSPECS: "1" };
  const git = openGit({ abort: over.signal, isRemote: true, variables });
  const limit = clock.sleep(fetchLimitMs, over.signal).then(
    () => {
      over.abort();
    },
    () => undefined,
  );
  try {
    await mkdir(directory, { recursive: true });
    await git.raw(["init", "--bare", "--quiet"]);
    await fetchRef(git, { url, ref });
    const commit = (await git.raw(["rev-parse", "--verify", `${fetched}^{commit}`])).trim();
    await requireFollows(git, commit, { url, directory });
    await git.raw(["update-ref", followed, commit]);
    return { commit, files: makeRevisionFiles({ git: openGit({ variables }), commit, top: resolve(".") }) };
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

async function fetchRef(git: SimpleGit, { url, ref }: GitPlace): Promise<void> {
  await git.raw(["fetch", "--quiet", "--no-tags", "--force", "--", url, `+${ref ?? "HEAD"}:${fetched}`]);
}

async function requireFollows(
  git: SimpleGit,
  commit: string,
  { url, directory }: { readonly url: string; readonly directory: string },
): Promise<void> {
  const [last = ""] = (await git.raw(["for-each-ref", "--format=%(objectname)", followed]))
    .trim()
    .split("\n");
  if (last === "" || last === commit) return;
  const base = await git.raw(["merge-base", last, commit]).catch(() => "");
  if (base.trim() === last) return;
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
