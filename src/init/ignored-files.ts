// The lines that `reconcile init` adds to `.gitignore`.

/** What the README and the guides have people make, and what does not belong in Git: secrets, state, trails, results. */
export const ignoredFiles: readonly string[] = [
  ".env",
  "sandbox.env",
  ".reconcile/",
  "audit-logs/",
  // Trails of other machines, such as the artifacts of a workflow.
  "/audit-trail-*/",
  "/trail-of-ci/",
  "/*.log",
  // A saved plan holds endpoints whole, with their query strings.
  "/plan.json",
  "/comment.md",
  "/reconcile.sarif",
];
