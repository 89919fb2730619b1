// Finds the branch that the pull request of a run goes to, by the variables that CI systems set.
import { ciSystems, type ValueOf, type Variables } from "./ci-systems.ts";

/** Where a system does not name the branch, the base is the one that the repository itself has as its default. */
const defaultBranch = "HEAD";

/**
 * The name of a branch of origin; null if this is no run of a pull request. The variables are those of the real environment,
 * because a pull request can bring a `.env`.
 */
export function findBaseBranch(variables: Variables): string | null {
  const valueOf: ValueOf = (name) => variables[name] ?? "";
  const system = ciSystems.find(({ sign }) => variables[sign]);
  const branch = system?.baseBranch?.(valueOf) ?? "";
  if (branch !== "") return branch;
  const isPullRequest =
    /^\d+$/.test(system?.pullRequest?.(valueOf) ?? "") ||
    valueOf("GITHUB_EVENT_NAME").startsWith("pull_request");
  return isPullRequest ? defaultBranch : null;
}
