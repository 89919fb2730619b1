// The steps that GitHub workflows are made of: this package got, its command run, the trail brought and kept.
import { posix } from "node:path";
import { commitPattern, sourceForms, tarballPattern } from "./package-source.ts";

export interface WorkflowOptions {
  readonly owner: string;
  /** Whose pushes are applied. */
  readonly branch: string;
  /** Of this installation in its repository; empty at the root. */
  readonly folder: string;
  /** Where the workflows get this package, as `--from` has it; empty where that is still to be filled in. */
  readonly from: string;
}

/** By commit: a tag can be moved. */
export const actions = {
  checkout: "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
  setupNode: "actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0",
  upload: "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2",
  download: "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0",
  restore: "actions/cache/restore@5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3",
  save: "actions/cache/save@5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3",
} as const;

/** At the top of each workflow: the one line that says where this package comes from. */
export function sourceLine({ from }: Pick<WorkflowOptions, "from">): string {
  return `RECONCILE_FROM: ${quote(from)}`;
}

/** What people fill in where `from` is empty. */
export const sourceLines = sourceForms.map((form) => sourceLine({ from: form }));

// Everything happens in the runner's temporary folder, with a npm configuration of its own: a `.npmrc` in the
// workspace, which a pull request may bring, has no say in it. The tarball holds all that it needs, so npm is kept
// offline: nothing is installed that the sum does not vouch for. No script of a dependency runs.
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
    echo "::error::RECONCILE_FROM wants $wanted, and the file at $url has $sum: it is not installed"
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

export function getReconcile({ depth = 1 }: { readonly depth?: number } = {}): string {
  // For --base the commit before a merge has to be there.
  const fetched = depth === 1 ? "" : `\n          fetch-depth: ${depth}`;
  return `      - uses: ${actions.checkout}
        with:
          persist-credentials: false${fetched}
      - uses: ${actions.setupNode}
        with:
          node-version: 20
      - name: Get reconcile
        run: |
${installScript.replaceAll(/^/gm, "          ")}`;
}

interface Run {
  readonly command: string;
  readonly args?: string;
  readonly id?: string;
  readonly comment?: true;
  readonly issue?: true;
  /** Whether it writes records or goes by them: they are signed, and checked, where the key is set. */
  readonly signs?: true;
}

/** The package's action, run from where the step before has put it: `uses` would look for it in the workspace. */
export function run(
  { folder }: WorkflowOptions,
  { command, args, id, comment, issue, signs }: Run,
): string {
  const inputs = [
    `COMMAND: ${command}`,
    ...(args === undefined ? [] : [`ARGS: ${args}`]),
    ...(folder === "" ? [] : [`FOLDER: ${quote(folder)}`]),
    ...(comment ? ["COMMENT: true"] : []),
    ...(issue ? ["ISSUE: true"] : []),
    ...(comment || issue ? ["TOKEN: ${{ github.token }}"] : []),
  ];
  const secrets = ["GENESYS_CLIENT_ID", "GENESYS_CLIENT_SECRET", ...(signs ? ["RECONCILE_AUDIT_KEY"] : [])];
  const environment = [
    ...inputs.map((input) => `RECONCILE_ACTION_${input}`),
    ...(command === "validate" ? [] : secrets.map((name) => `${name}: \${{ secrets.${name} }}`)),
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

/** A cache made on the branch is seen by pull requests, and one made by a pull request is not seen here. */
export function restoreTrail(options: WorkflowOptions): string {
  return `      - uses: ${actions.restore}
        with:
          path: |
${trailPaths(options)}
          key: ${cacheKey(options)}newest
          restore-keys: ${cacheKey(options)}`;
}

export function keepTrail(options: WorkflowOptions): string {
  return `      # What was done is kept twice: for people, and for the next run.
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
          key: ${cacheKey(options)}\${{ github.run_id }}-\${{ github.run_attempt }}`;
}

/** No owner has a slash in it: the keys of one do not begin with another's. */
function cacheKey({ owner }: WorkflowOptions): string {
  return `reconcile-trail/${owner}/`;
}

function trailPaths({ folder }: WorkflowOptions): string {
  return ["audit-logs", ".reconcile"].map((path) => `            ${posix.join(folder, path)}`).join("\n");
}

export function inFolder({ folder }: WorkflowOptions, path: string): string {
  return folder === "" ? path : quote(posix.join(folder, path));
}

export function quote(text: string): string {
  return JSON.stringify(text);
}
