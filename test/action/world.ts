// A repository with a history, the package as npm would install it, GitHub's API, and Genesys Cloud: all on this machine.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { startGitHub } from "./fake-github.ts";
import { runWorkflow, type Event, type Platform, type Ran } from "./run-workflow.ts";

export const projectRoot = resolve(import.meta.dirname, "../..");
const packageJson = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
  readonly version: string;
  readonly files: readonly string[];
};

/** The one line of shell in all workflows. */
export const installStep = `npm install --no-save --ignore-scripts --prefix .reconcile-action genesys-webhook-reconciler@${packageJson.version}`;

export type Secrets = Readonly<Record<string, string>>;

export interface ActionWorld extends Platform {
  /** Of the sandbox: `GENESYS_CLIENT_ID` and `GENESYS_CLIENT_SECRET`. */
  readonly secrets: Secrets;
  /** Of the package. */
  readonly version: string;
  /** Where the sandbox is. */
  readonly apiUrl: string;
  /** Writes files (null removes one), commits them on a branch, and gives the commit. */
  commit(branch: string, files: Readonly<Record<string, string | null>>): string;
  /** What a pull request of that branch into main is checked out as. */
  mergeRef(branch: string): string;
  run(name: "plan" | "apply" | "drift" | "rollback", event: Event): Promise<Ran>;
  close(): void;
}

export async function startActionWorld(): Promise<ActionWorld> {
  const root = mkdtempSync(join(tmpdir(), "reconcile-action-"));
  const [origin, github] = [join(root, "origin"), await startGitHub()];
  installPackage(root);
  const { variables, close } = await startSandbox(root);
  const { GENESYS_API_URL: apiUrl = "", GENESYS_TOKEN_URL: tokenUrl = "", ...secrets } = variables;
  mkdirSync(origin);
  const git = (...words: string[]): string => runGit(origin, words);
  git("init", "-q", "-b", "main");
  git("config", "uploadpack.allowAnySHA1InWant", "true");
  const platform: Platform = {
    ...{ root, github, origin, caches: [], artifacts: new Map(), lastRun: 0 },
    machine: {
      PATH: [join(root, "bin"), dirname(process.execPath), process.env["PATH"] ?? ""].join(":"),
      ...{ GENESYS_API_URL: apiUrl, GENESYS_TOKEN_URL: tokenUrl },
    },
  };
  return Object.assign(platform, {
    secrets,
    apiUrl,
    version: packageJson.version,
    commit: (branch: string, files: Readonly<Record<string, string | null>>) => {
      const isNew = git("branch", "--list", branch) === "";
      if (isNew && branch !== "main") git("checkout", "-q", "-b", branch, "main");
      else if (!isNew) git("checkout", "-q", branch);
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(origin, path)), { recursive: true });
        if (text === null) rmSync(join(origin, path));
        else writeFileSync(join(origin, path), text);
      }
      git("add", "-A");
      git("commit", "-q", "--allow-empty", "-m", `Change ${branch}`);
      return git("rev-parse", "HEAD");
    },
    mergeRef: (branch: string) => {
      git("checkout", "-q", "--detach", "main");
      git("merge", "-q", "--no-ff", "-m", `Merge ${branch}`, branch);
      git("update-ref", `refs/pull/${branch}/merge`, "HEAD");
      return `refs/pull/${branch}/merge`;
    },
    run: (name: string, event: Event) =>
      runWorkflow(readWorkflow(`reconcile-${name}.yml`), event, platform),
    close: () => {
      close();
      github.close();
      rmSync(root, { recursive: true, force: true });
    },
  });
}

export function readWorkflow(name: string): string {
  return readFileSync(join(projectRoot, ".github/workflows/ready-to-copy", name), "utf8");
}

/** The files that npm would publish; `npm` in the path installs just them. */
function installPackage(root: string): void {
  const home = join(root, "package");
  for (const name of [...packageJson.files, "package.json"])
    cpSync(join(projectRoot, name), join(home, name), { recursive: true });
  mkdirSync(join(root, "bin"));
  const script = `#!/bin/bash
set -eu
[ "npm $*" = "${installStep}" ]
mkdir -p .reconcile-action/node_modules
ln -s "${home}" .reconcile-action/node_modules/genesys-webhook-reconciler
`;
  writeFileSync(join(root, "bin/npm"), script);
  chmodSync(join(root, "bin/npm"), 0o755);
}

async function startSandbox(root: string): Promise<{ readonly variables: Secrets; close: () => void }> {
  const folder = join(root, "genesys-cloud");
  mkdirSync(folder);
  const command = [join(root, "package/dist/reconcile.js"), "sandbox"];
  const child = spawn(process.execPath, command, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.includes("GENESYS_TOKEN_URL=")) break;
  }
  const pairs = text
    .trim()
    .split("\n")
    .map((line) => line.split("=") as [string, string]);
  return { variables: Object.fromEntries(pairs), close: () => child.kill() };
}

function runGit(folder: string, words: readonly string[]): string {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...words], { cwd: folder, encoding: "utf8" }).trim();
}

/** As somebody else would, by hand. */
export async function deleteWebhooks({ apiUrl, secrets }: ActionWorld): Promise<number> {
  const { GENESYS_CLIENT_ID: id = "", GENESYS_CLIENT_SECRET: secret = "" } = secrets;
  const login = await fetch(`${apiUrl}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  const list = await fetch(`${apiUrl}/api/v2/webhooks`, { headers });
  const { entities } = (await list.json()) as { entities: { id: string }[] };
  for (const { id: webhook } of entities)
    await fetch(`${apiUrl}/api/v2/webhooks/${webhook}`, { method: "DELETE", headers });
  return entities.length;
}
