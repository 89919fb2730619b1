// The three GitHub workflows that `init` writes: plan on a pull request, apply on a merge, look for drift by the clock.
// The same text lies ready to copy in this package's repository.
import { posix } from "node:path";

export interface WorkflowOptions {
  readonly owner: string;
  /** Whose pushes are applied. */
  readonly branch: string;
  /** Of this installation in its repository; empty at the root. */
  readonly folder: string;
  /** Of the package that the workflows run. */
  readonly version: string;
}

export const workflowFolder = ".github/workflows";

/** By path. */
export function makeWorkflows(options: WorkflowOptions): Readonly<Record<string, string>> {
  return {
    [`${workflowFolder}/reconcile-plan.yml`]: makePlanWorkflow(options),
    [`${workflowFolder}/reconcile-apply.yml`]: makeApplyWorkflow(options),
    [`${workflowFolder}/reconcile-drift.yml`]: makeDriftWorkflow(options),
  };
}

/** Where GitHub does not run them: in a folder below the one that it looks into. */
export const readyToCopyFolder = `${workflowFolder}/ready-to-copy`;

/** By path. */
export function makeReadyToCopy(version: string): Readonly<Record<string, string>> {
  const workflows = makeWorkflows({ owner: "default", branch: "main", folder: "", version });
  return Object.fromEntries(
    Object.entries(workflows).map(([path, text]) => [
      path.replace(workflowFolder, readyToCopyFolder),
      text,
    ]),
  );
}

/** By commit: a tag can be moved. */
const actions = {
  checkout: "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
  setupNode: "actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0",
  upload: "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2",
  download: "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0",
  restore: "actions/cache/restore@5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3",
  save: "actions/cache/save@5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3",
} as const;

const packageName = "genesys-webhook-reconciler";
/** In the workspace, for an action of the package is found only there; apart from the repository's own packages. */
const home = ".reconcile-action";

function makePlanWorkflow(options: WorkflowOptions): string {
  return `# On a pull request: the manifests are checked, and one comment says what merging it would change.
name: reconcile plan
on: pull_request
permissions:
  contents: read
concurrency:
  group: reconcile-plan-${options.owner}-\${{ github.event.pull_request.number }}
  cancel-in-progress: true
jobs:
  # Offline, without secrets: also for a pull request from a fork.
  validate:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
${getReconcile(options)}
${run(options, { command: "validate" })}
  plan:
    # A pull request from a fork, or by Dependabot, is given no secrets: it ends with the check above.
    if: github.event.pull_request.head.repo.full_name == github.repository && github.actor != 'dependabot[bot]'
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      pull-requests: write
    steps:
${getReconcile(options, { depth: 2 })}
${restoreTrail(options)}
${run(options, { command: "plan", args: "--base HEAD^1", comment: true })}
`;
}

function makeApplyWorkflow(options: WorkflowOptions): string {
  const { owner, branch } = options;
  return `# On a merge: what is to be done is planned, approved where the environment asks for it, and applied as planned.
name: reconcile apply
on:
  push:
    branches: [${JSON.stringify(branch)}]
  workflow_dispatch:
permissions:
  contents: read
# One at a time for an owner. A run that waits for its approval keeps the next one waiting.
concurrency:
  group: reconcile-apply-${owner}
  cancel-in-progress: false
jobs:
  plan:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    outputs:
      changes: \${{ steps.plan.outputs.changes }}
      plan: \${{ steps.plan.outputs.plan }}
    steps:
${getReconcile(options)}
${restoreTrail(options)}
${run(options, { command: "plan", args: "--out plan.json", id: "plan" })}
      - uses: ${actions.upload}
        if: \${{ !cancelled() && steps.plan.outputs.plan != '' }}
        with:
          name: plan
          path: ${inFolder(options, "plan.json")}
          overwrite: true
  apply:
    needs: plan
    # A group that is refused makes the plan fail, and does not keep the others from being applied.
    if: \${{ !cancelled() && needs.plan.outputs.plan != '' && needs.plan.outputs.changes == 'true' }}
    # Its protection rules say who approves; its secrets are those of the OAuth client that may write.
    environment: genesys-cloud
    runs-on: ubuntu-latest
    timeout-minutes: 75
    steps:
${getReconcile(options)}
${restoreTrail(options)}
      - uses: ${actions.download}
        with:
          name: plan
          path: ${options.folder === "" ? "." : quote(options.folder)}
${run(options, { command: "apply", args: "plan.json", signs: true })}
      # What was done is kept twice: for people, and for the next run.
      - uses: ${actions.upload}
        if: always()
        with:
          name: audit-trail-\${{ github.run_id }}-\${{ github.run_attempt }}
          path: ${inFolder(options, "audit-logs/")}
          retention-days: 90
          if-no-files-found: ignore
      - uses: ${actions.save}
        if: always()
        with:
          path: |
${trailPaths(options)}
          key: ${cacheKey(options)}\${{ github.run_id }}-\${{ github.run_attempt }}
`;
}

function makeDriftWorkflow(options: WorkflowOptions): string {
  return `# Each morning: where Genesys Cloud is not as the manifests say, one issue says so; it is closed when it is again.
name: reconcile drift
on:
  schedule:
    - cron: "17 5 * * *"
  workflow_dispatch:
permissions:
  contents: read
  issues: write
concurrency: reconcile-drift-${options.owner}
jobs:
  drift:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
${getReconcile(options)}
${restoreTrail(options)}
${run(options, { command: "plan", issue: true })}
`;
}

function getReconcile(
  { version }: WorkflowOptions,
  { depth = 1 }: { readonly depth?: number } = {},
): string {
  // For --base the commit before a merge has to be there.
  const fetched = depth === 1 ? "" : `\n          fetch-depth: ${depth}`;
  return `      - uses: ${actions.checkout}
        with:
          persist-credentials: false${fetched}
      - uses: ${actions.setupNode}
        with:
          node-version: 20
      - run: npm install --no-save --ignore-scripts --prefix ${home} ${packageName}@${version}`;
}

interface Run {
  readonly command: string;
  readonly args?: string;
  readonly id?: string;
  readonly comment?: true;
  readonly issue?: true;
  /** Whether it writes records, which are signed where the key is set. */
  readonly signs?: true;
}

function run({ folder }: WorkflowOptions, { command, args, id, comment, issue, signs }: Run): string {
  const inputs = [
    `command: ${command}`,
    ...(args === undefined ? [] : [`args: ${args}`]),
    ...(folder === "" ? [] : [`working-directory: ${quote(folder)}`]),
    ...(comment ? ["comment: true"] : []),
    ...(issue ? ["issue: true"] : []),
  ];
  const secrets = ["GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET", ...(signs ? ["RECONCILE_AUDIT_KEY"] : [])];
  const environment = secrets.map((name) => `          ${name}: \${{ secrets.${name} }}`);
  return [
    `      - uses: ./${home}/node_modules/${packageName}`,
    ...(id === undefined ? [] : [`        id: ${id}`]),
    "        with:",
    ...inputs.map((input) => `          ${input}`),
    ...(command === "validate" ? [] : ["        env:", ...environment]),
  ].join("\n");
}

/** A cache made on the branch is seen by pull requests, and one made by a pull request is not seen here. */
function restoreTrail(options: WorkflowOptions): string {
  return `      - uses: ${actions.restore}
        with:
          path: |
${trailPaths(options)}
          key: ${cacheKey(options)}newest
          restore-keys: ${cacheKey(options)}`;
}

/** No owner has a slash in it: the keys of one do not begin with another's. */
function cacheKey({ owner }: WorkflowOptions): string {
  return `reconcile-trail/${owner}/`;
}

function trailPaths({ folder }: WorkflowOptions): string {
  return ["audit-logs", ".reconcile"].map((path) => `            ${posix.join(folder, path)}`).join("\n");
}

function inFolder({ folder }: WorkflowOptions, path: string): string {
  return folder === "" ? path : quote(posix.join(folder, path));
}

function quote(text: string): string {
  return JSON.stringify(text);
}
