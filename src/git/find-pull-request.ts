// Finds the pull request that a commit came by, from the commit's message: in a run on the main branch, no system names it.

const firstLine = [
  /^Merge pull request #(\d+) (?:from|in) /, // GitHub, Bitbucket Data Center
  /^Merge pull request '.*' \(#(\d+)\) from /, // Gitea, Forgejo
  /^Merged in .* \(pull request #(\d+)\)$/, // Bitbucket Cloud
  /^Merged PR (\d+): /, // Azure Repos
  / \(#(\d+)\)$/, // GitHub, squashed
];

/** GitLab writes it into the message's last paragraph. */
const anyLine = /^See merge request \S*!(\d+)$/m;

/** Returns its number, or null if the message names none. An issue that the commit closes is not taken for one. */
export function findPullRequest(message: string): string | null {
  const [subject = ""] = message.split("\n", 1);
  const found = firstLine.map((form) => form.exec(subject)).find(Boolean) ?? anyLine.exec(message);
  return found?.[1] ?? null;
}
