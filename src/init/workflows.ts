// The GitHub workflows that `init` writes: plan on a pull request, apply on a merge, look for drift on a schedule, and
// take a run back by hand. This package's repository holds the same texts, ready to copy.
import { sourceForms } from "./package-source.ts";
import {
  actions,
  environmentName,
  getReconcile,
  inFolder,
  quote,
  run,
  sourceLine,
  type WorkflowOptions,
  writingRights,
} from "./workflow-steps.ts";

export const workflowFolder = ".github/workflows";

/** The workflows' texts by their paths. */
export function makeWorkflows(options: WorkflowOptions): Readonly<Record<string, string>> {
  return {
    [`${workflowFolder}/reconcile-plan.yml`]: makePlanWorkflow(options),
    [`${workflowFolder}/reconcile-apply.yml`]: makeApplyWorkflow(options),
    [`${workflowFolder}/reconcile-drift.yml`]: makeDriftWorkflow(options),
    [`${workflowFolder}/reconcile-rollback.yml`]: makeRollbackWorkflow(options),
  };
}

/** GitHub runs only the workflows directly in its folder, so it does not run those in this folder below. */
export const readyToCopyFolder = `${workflowFolder}/ready-to-copy`;

/** The ready-to-copy workflows' texts by their paths. */
export function makeReadyToCopy(): Readonly<Record<string, string>> {
  const workflows = makeWorkflows({ owner: "default", branch: "main", folder: "", from: "", store: "git" });
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
  return `# On a pull request: check the manifests, and say in one comment what merging it would change. In a merge queue: check
# the manifests as they will be merged.
name: reconcile plan
on:
  pull_request:
  merge_group:
permissions:
  contents: read
concurrency:
  group: reconcile-plan-${options.owner}-\${{ github.event.pull_request.number || github.ref }}
  cancel-in-progress: true
env:
${source(options)}
jobs:
  # Runs offline and without secrets, so also for a pull request from a fork.
  validate:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
${getReconcile()}
${run(options, { command: "validate" })}
  plan:
    # GitHub gives no secrets to a pull request from a fork or by Dependabot, so only the job above runs for it.
    if: github.event.pull_request.head.repo.full_name == github.repository && github.actor != 'dependabot[bot]'
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      pull-requests: write
    steps:
${getReconcile({ isWhole: true })}
${run(options, { command: "plan", args: "--base HEAD^1 --prune-removed", comment: true })}
`;
}

function makeApplyWorkflow(options: WorkflowOptions): string {
  const { owner, branch } = options;
  return `# On a merge: plan, wait for approval if the environment asks for it, and apply that plan. Where the merge removed a manifest,
# that deletes what is live of it.
name: reconcile apply
on:
  push:
    branches: [${JSON.stringify(branch)}]
  workflow_dispatch:
permissions:
  contents: read
# Only one run at a time for an owner. A run that waits for its approval keeps the next one waiting, and of those that wait
# GitHub cancels all but the newest. A merge that was cancelled is applied with the next one; a rollback is not.
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
${getReconcile({ isWhole: true })}
${run(options, { command: "plan", args: "--prune-removed --out plan.json", id: "plan" })}
      - uses: ${actions.upload}
        if: \${{ !cancelled() && steps.plan.outputs.plan != '' }}
        with:
          name: plan
          path: ${inFolder(options, "plan.json")}
          overwrite: true
  apply:
    needs: plan
    # A group that is refused makes the plan fail, but the other groups are applied.
    if: \${{ !cancelled() && needs.plan.outputs.plan != '' && needs.plan.outputs.changes == 'true' }}
    # The environment's protection rules name who approves; its secrets are those of the OAuth client that may write.
    environment: ${environmentName}
    runs-on: ubuntu-latest
    timeout-minutes: 75
    permissions:
${writingRights(options)}
      # The trail names who approved this run.
      actions: read
    steps:
${getReconcile({ isWhole: true })}
      - uses: ${actions.download}
        with:
          name: plan
          path: ${options.folder === "" ? "." : quote(options.folder)}
${run(options, { command: "apply", args: "plan.json", isApproved: true, signs: true, notifies: true })}
`;
}

function makeDriftWorkflow(options: WorkflowOptions): string {
  return `# Each morning: open one issue if Genesys Cloud differs from the manifests, and close it when they agree again.
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
${getReconcile({ isWhole: true })}
${run(options, { command: "plan", args: "--prune-removed", issue: true, notifies: true })}
`;
}

function makeRollbackWorkflow(options: WorkflowOptions): string {
  const what = { command: "rollback", run: "${{ inputs.run }}", signs: true } as const;
  return `# By hand: show what taking a run back would change, then take it back after approval. Revert the run's merge in Git as
# well, or the next merge applies it again.
name: reconcile rollback
on:
  workflow_dispatch:
    inputs:
      run:
        description: The beginning of the run's id; empty for the last run that changed something
        default: ""
      apply:
        description: Take it back; otherwise it is only shown. If a merge waits for approval, approve or reject it first
        type: boolean
        default: false
permissions:
  contents: read
# Only one run at a time for an owner, merges included. While this run waits for another one to end, the next merge takes its
# place, and GitHub cancels this run: start it again then. Once its first job runs, no merge cancels it any more.
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
${run(options, { ...what, args: "--dry-run" })}
  rollback:
    needs: show
    if: inputs.apply
    environment: ${environmentName}
    runs-on: ubuntu-latest
    timeout-minutes: 75
    permissions:
${writingRights(options)}
      # The trail names who approved this run.
      actions: read
    steps:
${getReconcile()}
${run(options, { ...what, isApproved: true, notifies: true })}
`;
}
