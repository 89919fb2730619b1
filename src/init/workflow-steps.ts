// The steps of the GitHub workflows: install this package, and run a command of it.
import { posix } from "node:path";
import type { StateConfig } from "../model/config.ts";
import { commitPattern, sourceForms, tarballPattern } from "./package-source.ts";

export interface WorkflowOptions {
  readonly owner: string;
  /** A push to this branch is applied. */
  readonly branch: string;
  /** The folder of this installation in its repository; empty at the root. */
  readonly folder: string;
  /** The source of this package for the workflows, in a form of `--from`; empty if the user still has to fill it in. */
  readonly from: string;
  /** The store of the state. A runner's disk does not last, so workflows log in to the Git store if the config names files. */
  readonly store: StateConfig["store"];
}

/** Each action is of a major that runs on Node 24, and is pinned to a commit, because a tag can be moved. */
export const actions = {
  checkout: "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
  setupNode: "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0",
  upload: "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
  download: "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
} as const;

/** The line at the top of each workflow that names the source of this package. */
export function sourceLine({ from }: Pick<WorkflowOptions, "from">): string {
  return `RECONCILE_FROM: ${quote(from)}`;
}

/** The lines of which people fill in one if `from` is empty. */
export const sourceLines = sourceForms.map((form) => sourceLine({ from: form }));

// The package is installed in the runner's temporary folder with an npm configuration of its own, so npm ignores a
// `.npmrc` that a pull request may add to the workspace. The tarball holds all its dependencies, so npm stays offline
// and installs only what the checksum covers. No script of a dependency runs.
const installScript = `mkdir "$RUNNER_TEMP/reconcile"
cd "$RUNNER_TEMP/reconcile"
printf '%s\\n' ignore-scripts=true audit=false fund=false update-notifier=false > npmrc
export NPM_CONFIG_USERCONFIG="$PWD/npmrc" NPM_CONFIG_GLOBALCONFIG="$PWD/no-npmrc" GIT_TERMINAL_PROMPT=0
tarball='${tarballPattern}'
commit='${commitPattern}'
if [[ $RECONCILE_FROM =~ $tarball ]]; then
  url="\${BASH_REMATCH[1]}" wanted="\${BASH_REMATCH[3]}"
  curl --fail --silent --show-error --location --proto =https --retry 2 --output package.tgz "$url"
  sum="sha512-$(openssl dgst -sha512 -binary package.tgz | openssl base64 -A)"
  if [[ $sum != "$wanted" ]]; then
    echo "::error::RECONCILE_FROM wants $wanted, but the file at $url has $sum, so it was not installed"
    exit 1
  fi
  npm install --offline --ignore-scripts --no-save --prefix "$PWD" reconcile@file:package.tgz
  mv node_modules/reconcile package
elif [[ $RECONCILE_FROM =~ $commit ]]; then
  git init --quiet package
  cd package
  git fetch --quiet --depth 1 "https://github.com/\${BASH_REMATCH[1]}.git" "\${BASH_REMATCH[2]}"
  git checkout --quiet FETCH_HEAD
  npm ci --ignore-scripts
  npm run build
else
  echo '::error::The top of this workflow does not say where reconcile comes from. Fill in one of these two lines:%0A  ${sourceLines.join("%0A  ")}'
  exit 1
fi`;

export function getReconcile({ isWhole = false }: { readonly isWhole?: boolean } = {}): string {
  // `--prune-removed` needs the whole history, and `plan --base HEAD^1` the commit before the merge.
  const fetched = isWhole ? "\n          fetch-depth: 0" : "";
  return `      - uses: ${actions.checkout}
        with:
          persist-credentials: false${fetched}
      - uses: ${actions.setupNode}
        with:
          node-version: 24
          package-manager-cache: false
      - name: Get reconcile
        run: |
${installScript.replaceAll(/^/gm, "          ")}`;
}

interface CommandStep {
  readonly command: string;
  readonly args?: string;
  /** An expression for the beginning of a run's id; if its value is empty, the last run is meant. */
  readonly run?: string;
  readonly id?: string;
  readonly comment?: true;
  readonly issue?: true;
  /** True if the job waited for the approval of its environment, so that the trail names who gave it. */
  readonly isApproved?: true;
  /** True if the command writes or uses records: it signs or checks them if the key is set. */
  readonly signs?: true;
  /** True if messages are sent, if the config asks for them. */
  readonly notifies?: true;
}

/** The protection rules of this environment name who approves; its secrets are those of the OAuth client that may write. */
export const environmentName = "genesys-cloud";

/** What a job that writes may do with the repository: the Git store pushes the trail and the lease to it. */
export function writingRights({ store }: WorkflowOptions): string {
  return store === "postgres"
    ? "      contents: read"
    : "      # The trail is kept on branches of this repository.\n      contents: write";
}

/**
 * The checkout leaves no token behind, so only the command itself gets one. It may do with the repository what its job may. A
 * secret of the same name is for a state that is kept in another repository.
 */
const stateLogins = {
  files: "RECONCILE_GIT_TOKEN: ${{ secrets.RECONCILE_GIT_TOKEN || github.token }}",
  git: "RECONCILE_GIT_TOKEN: ${{ secrets.RECONCILE_GIT_TOKEN || github.token }}",
  postgres: "RECONCILE_DATABASE_URL: ${{ secrets.RECONCILE_DATABASE_URL }}",
} as const;

/** Runs the package's action from the folder that the install step made; `uses` would look for it in the workspace. */
export function run({ folder, store }: WorkflowOptions, step: CommandStep): string {
  const { command, id, signs, notifies } = step;
  const secrets = [
    ...["GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET"],
    ...(signs ? ["RECONCILE_AUDIT_KEY", "RECONCILE_AUDIT_KEY_PREVIOUS"] : []),
    ...(notifies ? ["RECONCILE_NOTIFY_SLACK_URL", "RECONCILE_NOTIFY_WEBHOOK_URL"] : []),
    ...(notifies ? ["RECONCILE_NOTIFY_SECRET"] : []),
  ];
  const environment = [
    ...inputsOf(folder, step).map((input) => `RECONCILE_ACTION_${input}`),
    ...(command === "validate"
      ? []
      : [...secrets.map((name) => `${name}: \${{ secrets.${name} }}`), stateLogins[store]]),
  ];
  return [
    `      - name: reconcile ${command}`,
    ...(id === undefined ? [] : [`        id: ${id}`]),
    ...(folder === "" ? [] : [`        working-directory: ${quote(folder)}`]),
    "        env:",
    ...environment.map((line) => `          ${line}`),
    '        run: exec node "$RUNNER_TEMP/reconcile/package/action/main.mjs"',
  ].join("\n");
}

function inputsOf(folder: string, step: CommandStep): readonly string[] {
  const { command, args, run: runId, comment, issue, isApproved } = step;
  return [
    `COMMAND: ${command}`,
    ...(args === undefined ? [] : [`ARGS: ${args}`]),
    ...(runId === undefined ? [] : [`RUN: ${runId}`]),
    ...(folder === "" ? [] : [`FOLDER: ${quote(folder)}`]),
    ...(comment ? ["COMMENT: true"] : []),
    ...(issue ? ["ISSUE: true"] : []),
    ...(isApproved ? [`ENVIRONMENT: ${environmentName}`] : []),
    ...(comment || issue || isApproved ? ["TOKEN: ${{ github.token }}"] : []),
  ];
}

export function inFolder({ folder }: WorkflowOptions, path: string): string {
  return folder === "" ? path : quote(posix.join(folder, path));
}

/** A folder's name is no expression of GitHub's, whatever it holds. */
export function quote(text: string): string {
  return JSON.stringify(text.replaceAll("${{", () => "${{ '${{' }}"));
}
