// Finds out who runs this, on which commit and pull request, from the CI system, from Git, or else from the machine.
import { devNull, hostname, userInfo } from "node:os";
import { basename } from "node:path";
import type { Clock } from "../lib/clock.ts";
import type { RunProvenance } from "../model/audit-record.ts";
import { ReconcileError } from "../model/errors.ts";
import { askInTime } from "./ask-in-time.ts";
import { describeCiRun, type CiRun } from "./ci-run.ts";
import { areManifestsChanged, type FindManifests } from "./compare-with-commit.ts";
import { findPullRequest } from "./find-pull-request.ts";
import { openRepository, type OpenRepository } from "./open-repository.ts";
import { runGit } from "./run-git.ts";

export interface Provenance {
  readonly actor: string;
  /** The actor without a person or a machine; absent outside of the known CI systems. */
  readonly place?: string;
  readonly commit: string | null;
  /** What the machine, Git and the CI system tell of the run. */
  readonly provenance: RunProvenance;
  /** The error `git/tooOld`, if that is why Git was not asked for the commit. */
  readonly refusal?: ReconcileError;
}

export interface Repository {
  /** The repository's name, made fit for an owner; without Git, the folder's name. */
  readonly name: string;
  /** The branch that pull requests go to: origin's default, else the current one; null without Git. */
  readonly branch: string | null;
  /** The working directory's path in the repository, as `a/b`; empty at its root and without Git. */
  readonly folder: string;
  /** True if the repository has a remote `origin`. */
  readonly hasOrigin: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Never throws; without Git, or without its answer, the commit is null. */
export async function readProvenance(
  find: FindManifests,
  variables: Variables,
  clock: Clock,
): Promise<Provenance> {
  const found = await openInTime(clock);
  const repository = found instanceof ReconcileError ? null : found;
  const ask = makeAsk(repository, clock);
  const [name, email, commit, written] = await Promise.all([
    ask("config", "user.name"),
    ask("config", "user.email"),
    repository && askInTime(clock, (abort) => describeCommit(repository, find, abort)),
    repository && ask("cat-file", "commit", "HEAD"),
  ]);
  const author = name ? `${name}${email ? ` <${email}>` : ""}` : "";
  const merged = written ? findPullRequest(written.slice(written.indexOf("\n\n") + 2)) : null;
  const told = {
    ...(merged === null ? {} : { pullRequest: merged }),
    ...(commit === null ? {} : { commit }),
  };
  return {
    ...describeActor(author, describeCiRun(variables), told),
    commit,
    ...(found instanceof ReconcileError ? { refusal: found } : {}),
  };
}

/** A Git author is what anyone may write into Git's settings, so the record also says who was logged in. */
function describeActor(
  author: string,
  ci: CiRun | null,
  told: RunProvenance,
): Pick<Provenance, "actor" | "place" | "provenance"> {
  if (ci) return { actor: ci.actor, place: ci.place, provenance: { ...told, ...ci.provenance } };
  const login = `${userName()}@${hostname()}`;
  if (author === "") return { actor: login, provenance: told };
  return { actor: author, provenance: { claimed: true, login, ...told } };
}

/** Null if it cannot be told whether the manifests are as the commit has them: they may differ from it. */
async function describeCommit(
  repository: OpenRepository,
  find: FindManifests,
  abort: AbortSignal,
): Promise<string | null> {
  const git: OpenRepository["git"] = (words) => repository.git(words, abort);
  const commit = (await git(["rev-parse", "--verify", "HEAD^{commit}"])).toString("utf8").trim();
  const isChanged = await areManifestsChanged({ repository: { ...repository, git }, commit }, find);
  return isChanged === null ? null : `${commit}${isChanged ? "-dirty" : ""}`;
}

/** Null without Git, without a repository, or without an answer in time; the error if Git must not be asked. */
async function openInTime(clock: Clock): Promise<OpenRepository | ReconcileError | null> {
  try {
    return await askInTime(clock, openRepository);
  } catch (error) {
    if (error instanceof ReconcileError) return error;
    throw error;
  }
}

type Ask = (...words: readonly string[]) => Promise<string | null>;

/**
 * Makes the function that asks Git; without a repository, it sees only the user's own settings. Answers are trimmed.
 */
function makeAsk(repository: OpenRepository | null, clock: Clock): Ask {
  const outside = { GIT_DIR: devNull };
  const git: OpenRepository["git"] =
    repository?.git ??
    ((words, abort) => runGit(words, { variables: outside, ...(abort ? { abort } : {}) }));
  return (...words) => askInTime(clock, async (abort) => (await git(words, abort)).toString("utf8").trim());
}

export async function readRepository(workingDirectory: string, clock: Clock): Promise<Repository> {
  const found = await openInTime(clock);
  const ask: Ask =
    found === null || found instanceof ReconcileError ? () => Promise.resolve(null) : makeAsk(found, clock);
  const answers = await Promise.all([
    ask("remote", "get-url", "origin"),
    ask("symbolic-ref", "--short", "refs/remotes/origin/HEAD"),
    // Unlike rev-parse, symbolic-ref answers before the first commit, too.
    ask("symbolic-ref", "--short", "HEAD"),
    ask("rev-parse", "--show-prefix"),
  ]);
  const [remote = "", merged = "", current = "", prefix = ""] = answers.map((answer) => answer ?? "");
  const branch = merged.replace(/^origin\//, "") || current;
  return {
    name: nameRepository(remote, workingDirectory),
    branch: branch === "" ? null : branch,
    folder: prefix.replace(/\/$/, ""),
    hasOrigin: remote !== "",
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
    // In a container, the user may have no name.
    return "unknown";
  }
}
