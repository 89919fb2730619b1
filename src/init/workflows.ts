// The GitHub workflows that `init` writes: plan on a pull request, apply on a merge, look for drift by the clock, take a
// run back by hand.
// The same text lies ready to copy in this package's repository.
import { sourceForms } from "./package-source.ts";
import {
  actions,
  getReconcile,
  inFolder,
  keepTrail,
  quote,
  restoreTrail,
  run,
  sourceLine,
  type WorkflowOptions,
} from "./workflow-steps.ts";

export const workflowFolder = ".github/workflows";

/** By path. */
export function makeWorkflows(options: WorkflowOptions): Readonly<Record<string, string>> {
  return {
    [`${workflowFolder}/reconcile-plan.yml`]: makePlanWorkflow(options),
    [`${workflowFolder}/reconcile-apply.yml`]: makeApplyWorkflow(options),
    [`${workflowFolder}/reconcile-drift.yml`]: makeDriftWorkflow(options),
    [`${workflowFolder}/reconcile-rollback.yml`]: makeRollbackWorkflow(options),
  };
}

/** Where GitHub does not run them: in a folder below the one that it looks into. */
export const readyToCopyFolder = `${workflowFolder}/ready-to-copy`;

/** By path. */
export function makeReadyToCopy(): Readonly<Record<string, string>> {
  const workflows = makeWorkflows({ owner: "default", branch: "main", folder: "", from: "" });
  return Object.fromEntries(
    Object.entries(workflows).map(([path, text]) => [
      path.replace(workflowFolder, readyToCopyFolder),
      text,
    ]),
  );
}

function source(options: WorkflowOptions): string {
  const what = `# Where reconcile comes from: ${sourceForms.join(", or ")}.`;
  return `  ${what}\n  ${sourceLine(options)}`;
}

function makePlanWorkflow(options: WorkflowOptions): string {
  return `# On a pull request: the manifests are checked, and one comment says what merging it would change.
name: reconcile plan
on: pull_request
permissions:
  contents: read
concurrency:
  group: reconcile-plan-${options.owner}-\${{ github.event.pull_request.number }}
  cancel-in-progress: true
env:
${source(options)}
jobs:
  # Offline, without secrets: also for a pull request from a fork.
  validate:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
${getReconcile()}
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
${getReconcile({ depth: 2 })}
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
env:
${source(options)}
jobs:
  plan:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    outputs:
      changes: \${{ steps.plan.outputs.changes }}
      plan: \${{ steps.plan.outputs.plan }}
    steps:
${getReconcile()}
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
${getReconcile()}
${restoreTrail(options)}
      - uses: ${actions.download}
        with:
          name: plan
          path: ${options.folder === "" ? "." : quote(options.folder)}
${run(options, { command: "apply", args: "plan.json", signs: true })}
${keepTrail(options)}
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
env:
${source(options)}
jobs:
  drift:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
${getReconcile()}
${restoreTrail(options)}
${run(options, { command: "plan", issue: true })}
`;
}

function makeRollbackWorkflow(options: WorkflowOptions): string {
  const words = "${{ inputs.run && '--run' || '--last' }} ${{ inputs.run }}";
  return `# By hand: a run is taken back, once somebody has seen what that does. Git must follow: revert its merge as well, or the
# next one applies it again.
name: reconcile rollback
on:
  workflow_dispatch:
    inputs:
      run:
        description: The beginning of the run's id; empty for the last run that changed something
        default: ""
      apply:
        description: Take it back; otherwise it is only shown
        type: boolean
        default: false
permissions:
  contents: read
# One at a time for an owner, merges included.
concurrency:
  group: reconcile-apply-${options.owner}
  cancel-in-progress: false
env:
${source(options)}
jobs:
  show:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
${getReconcile()}
${restoreTrail(options)}
${run(options, { command: "rollback", args: `${words} --dry-run`, signs: true })}
  rollback:
    needs: show
    if: inputs.apply
    environment: genesys-cloud
    runs-on: ubuntu-latest
    timeout-minutes: 75
    steps:
${getReconcile()}
${restoreTrail(options)}
${run(options, { command: "rollback", args: words, signs: true })}
${keepTrail(options)}
`;
}
