// Who runs this, from where, and on which commit: asked of the CI system, of Git, else of the machine.
import { devNull, hostname, userInfo } from "node:os";
import { basename } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { ReconcileError } from "../model/errors.ts";
import { askInTime } from "./ask-in-time.ts";
import { describeCiRun } from "./ci-run.ts";
import { openRepository, type OpenRepository } from "./open-repository.ts";
import { runGit } from "./run-git.ts";

export interface Provenance {
  readonly actor: string;
  readonly commit: string | null;
  /** Why Git was not asked for the commit: `git/tooOld`. */
  readonly refusal?: ReconcileError;
}

export interface Repository {
  /** Fit to be an owner; without Git, the folder's. */
  readonly name: string;
  /** The branch that is merged into: origin's, else the current one; null without Git. */
  readonly branch: string | null;
  /** Of the working directory in the repository, as `a/b`; empty at its root and without Git. */
  readonly folder: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** `directory`: the manifests'. Never throws: without Git, and where it does not answer, the commit is null. */
export async function readProvenance(
  directory: string,
  variables: Variables,
  clock: Clock,
): Promise<Provenance> {
  const found = await openInTime(clock);
  const repository = found instanceof ReconcileError ? null : found;
  const ask = asking(repository, clock);
  const [name, email, head, dirty] = await Promise.all([
    ask("config", "user.name"),
    ask("config", "user.email"),
    repository && ask("rev-parse", "HEAD"),
    repository && ask("status", "--porcelain", "--", directory),
  ]);
  const author = name ? `${name}${email ? ` <${email}>` : ""}` : "";
  // Not known to be clean is no commit, either: it would name what these manifests may not be.
  const commit = head === null || dirty === null ? null : `${head}${dirty === "" ? "" : "-dirty"}`;
  const actor = describeCiRun(variables) ?? (author || `${userName()}@${hostname()}`);
  return { actor, commit, ...(found instanceof ReconcileError ? { refusal: found } : {}) };
}

/** Null where there is no Git, no repository, or no answer in time; the error where Git must not be asked. */
async function openInTime(clock: Clock): Promise<OpenRepository | ReconcileError | null> {
  try {
    return await askInTime(clock, openRepository);
  } catch (error) {
    if (error instanceof ReconcileError) return error;
    throw error;
  }
}

type Ask = (...words: readonly string[]) => Promise<string | null>;

/** Without a repository only the user's own settings answer. Answers are trimmed. */
function asking(repository: OpenRepository | null, clock: Clock): Ask {
  const outside = { GIT_DIR: devNull };
  const git: OpenRepository["git"] =
    repository?.git ??
    ((words, abort) => runGit(words, { variables: outside, ...(abort ? { abort } : {}) }));
  return (...words) => askInTime(clock, async (abort) => (await git(words, abort)).toString("utf8").trim());
}

export async function readRepository(workingDirectory: string, clock: Clock): Promise<Repository> {
  const found = await openInTime(clock);
  const ask: Ask =
    found === null || found instanceof ReconcileError ? () => Promise.resolve(null) : asking(found, clock);
  const answers = await Promise.all([
    ask("remote", "get-url", "origin"),
    ask("symbolic-ref", "--short", "refs/remotes/origin/HEAD"),
    // Unlike rev-parse it answers before the first commit, too.
    ask("symbolic-ref", "--short", "HEAD"),
    ask("rev-parse", "--show-prefix"),
  ]);
  const [remote = "", merged = "", current = "", prefix = ""] = answers.map((answer) => answer ?? "");
  const branch = merged.replace(/^origin\//, "") || current;
  return {
    name: nameRepository(remote, workingDirectory),
    branch: branch === "" ? null : branch,
    folder: prefix.replace(/\/$/, ""),
  };
}

function nameRepository(remote: string, workingDirectory: string): string {
  const name = remote
    .split(/[/:]/)
    .at(-1)
    ?.replace(/\.git$/, "");
  const found = name === undefined || name === "" ? basename(workingDirectory) : name;
  const owner = found.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 63);
  return /[A-Za-z0-9]/.test(owner) ? owner : "default";
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user need not have a name.
    return "unknown";
  }
}
