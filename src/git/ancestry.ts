// Tells which commits are ancestors of the present one.
import type { Clock } from "../lib/clock.ts";
import { mapConcurrently } from "../lib/map-concurrently.ts";
import { askInTime } from "./ask-in-time.ts";
import { openRepository, type Git } from "./open-repository.ts";
import { exitCodeOf } from "./run-git.ts";

/** `cutOff`: a shallow clone lacks the history that would tell. `noAnswer`: Git failed, or did not answer in time. */
export type Ancestry = "ancestor" | "noAncestor" | "cutOff" | "noAnswer";

export interface AncestryQuestion {
  /** Whole hashes. */
  readonly commits: readonly string[];
  /** The hash of the present commit, which counts as its own ancestor. */
  readonly present: string;
}

export type FindAncestry = (question: AncestryQuestion) => Promise<ReadonlyMap<string, Ancestry>>;

/** Asks the repository around the working directory. Throws ReconcileError `git/refused`, `git/tooOld`. */
export async function findAncestryHere(
  question: AncestryQuestion,
  clock: Clock,
): Promise<ReadonlyMap<string, Ancestry>> {
  const repository = await askInTime(clock, openRepository);
  if (repository) return findAncestry(question, repository.git, clock);
  return new Map(question.commits.map((commit) => [commit, "noAnswer"]));
}

export async function findAncestry(
  { commits, present }: AncestryQuestion,
  git: Git,
  clock: Clock,
): Promise<ReadonlyMap<string, Ancestry>> {
  const isAncestor = async (commit: string, abort: AbortSignal): Promise<boolean> => {
    try {
      await git(["merge-base", "--is-ancestor", commit, present], abort);
      return true;
    } catch (error) {
      // Git ends with 1 if it is none, and with 128 if the clone does not hold the commit.
      if (exitCodeOf(error) === null) throw error;
      return false;
    }
  };
  const shallow = await askInTime(clock, (abort) => git(["rev-parse", "--is-shallow-repository"], abort));
  const isShallow = shallow?.toString("utf8").trim() !== "false";
  const distinct = [...new Set(commits)];
  const answers = await mapConcurrently(distinct, processes, (commit) =>
    askInTime(clock, (abort) => isAncestor(commit, abort)),
  );
  return new Map(
    distinct.map((commit, index): [string, Ancestry] => {
      const answer = answers[index] ?? null;
      if (shallow === null || answer === null) return [commit, "noAnswer"];
      if (answer) return [commit, "ancestor"];
      return [commit, isShallow ? "cutOff" : "noAncestor"];
    }),
  );
}

/** How many of Git's processes run at once. */
const processes = 4;
