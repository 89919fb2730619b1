// All that a pull request may put into a workspace so that it runs, or decides what runs. Each program leaves a trace.

/** The files by path; every one of them is executable. */
export function hostileFiles(traces: string): Readonly<Record<string, string>> {
  const shell = `#!/bin/sh\ntouch '${traces}'\nexit 1\n`;
  const script = `require("node:fs").writeFileSync(${JSON.stringify(traces)}, __filename);\n`;
  const module = `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(traces)}, import.meta.url);\n`;
  const names = ["node", "npm", "npx", "git", "bash", "sh", "curl", "openssl", "mkdir", "printf"];
  const lifecycle = ["preinstall", "install", "postinstall", "prepare", "build", "reconcile", "start"];
  const pack = JSON.stringify({
    ...{ name: "reconcile", version: "9.9.9", type: "commonjs", main: "evil.cjs", bin: "evil.cjs" },
    ...{ scripts: Object.fromEntries(lifecycle.map((name) => [name, `touch '${traces}'`])) },
    ...{ workspaces: ["*"], overrides: { "*": "file:./evil" }, packageManager: "yarn@1.0.0" },
  });
  const lock = JSON.stringify({
    ...{ name: "reconcile", lockfileVersion: 3, requires: true },
    packages: { "": {}, "node_modules/reconcile": { resolved: "file:evil", link: true } },
  });
  const npmrc = [
    ...["ignore-scripts=false", "script-shell=./evil", "node-options=--require ./evil.cjs", "git=./evil"],
    ...["registry=http://127.0.0.1:2/", "offline=false", "prefix=./evil-prefix", "userconfig=./.npmrc", ""],
  ].join("\n");
  const variables = [
    ...[`NODE_OPTIONS="--require ./evil.cjs"`, "npm_config_script_shell=./evil", "NPM_CONFIG_GIT=./evil"],
    ...["BASH_ENV=./evil", "ENV=./evil", "PATH=.", "LD_PRELOAD=./evil.so", "GIT_SSH_COMMAND=./evil"],
    ...["GIT_EXTERNAL_DIFF=./evil", "GIT_DIR=.", "RUNNER_TEMP=.", "RECONCILE_FROM=evil", ""],
  ].join("\n");
  const action =
    "runs: { using: composite, steps: [{ run: 'node action/main.mjs', shell: bash }] }\ninputs: {}\noutputs: {}\n";
  /** A package that lies in the folder, with its command in every place where one could be looked for. */
  const packageIn = (folder: string): Readonly<Record<string, string>> => ({
    ...{ [`${folder}package.json`]: pack, [`${folder}evil.cjs`]: script, [`${folder}index.js`]: script },
    ...{ [`${folder}action/main.mjs`]: module, [`${folder}dist/reconcile.js`]: module },
    ...{ [`${folder}action.yml`]: action, [`${folder}.npmrc`]: npmrc },
    ...{ [`${folder}package-lock.json`]: lock, [`${folder}npm-shrinkwrap.json`]: lock },
  });
  return {
    ...packageIn(""),
    ...packageIn(".reconcile-action/"),
    ...packageIn("reconcile/"),
    ...packageIn("node_modules/reconcile/"),
    ...packageIn("node_modules/genesys-webhook-reconciler/"),
    "node_modules/.package-lock.json": lock,
    "node_modules/.bin/reconcile": shell,
    "subscriptions/.npmrc": npmrc,
    ...Object.fromEntries(
      names.flatMap((name) => [name, `node_modules/.bin/${name}`]).map((at) => [at, shell]),
    ),
    ...Object.fromEntries(
      [".bashrc", ".bash_profile", ".profile", ".bash_env", "evil"].map((at) => [at, shell]),
    ),
    ".env": variables,
    ".nvmrc": "0.10\n",
    ".node-version": "0.10\n",
    npmrc: npmrc,
    "tsconfig.json": "{}",
    ".gitattributes": "*.yaml filter=evil diff=evil\n",
    ".gitconfig": "[core]\nfsmonitor = ./evil\n",
    ".gitmodules": '[submodule "evil"]\npath = evil-module\nurl = ./evil\nupdate = !./evil\n',
    ".lfsconfig": "[lfs]\nurl = http://127.0.0.1:2/\n",
    HEAD: "ref: refs/heads/main\n",
    config: `[core]\nrepositoryformatversion = 0\nbare = false\nworktree = .\nfsmonitor = ${JSON.stringify(`touch '${traces}'`)}\n`,
    "objects/info/keep": "",
    "refs/heads/keep": "",
    ".reconcile/git/commondir": "../..\n",
    ".github/actions/reconcile/action.yml": action,
  };
}
