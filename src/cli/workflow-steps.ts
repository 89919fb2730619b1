// The steps that GitHub workflows are made of: this package got, its command run, the trail brought and kept.
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

/** By commit: a tag can be moved. */
export const actions = {
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

export function getReconcile(
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
  /** Whether it writes records or goes by them: they are signed, and checked, where the key is set. */
  readonly signs?: true;
}

export function run(
  { folder }: WorkflowOptions,
  { command, args, id, comment, issue, signs }: Run,
): string {
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
