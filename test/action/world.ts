// A repository with a history, the package as npm would install it, GitHub's API, and Genesys Cloud: all on this machine.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { certificatePath, startTlsPlatform } from "../support/proxy.ts";
import { basic, serveGit } from "../state/git/http-remote.ts";
import { startGitHub, type FakeGitHub } from "./fake-github.ts";
import { runWorkflow, type Event, type Platform, type Ran } from "./run-workflow.ts";

export const projectRoot = resolve(import.meta.dirname, "../..");
const packageJson = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
  readonly files: readonly string[];
};

/** Makes an action of the package that is tested, within the workspace, for `uses: ./.reconcile-action`. */
export const linkStep = 'ln -s "$TESTED_PACKAGE" .reconcile-action';

export type Secrets = Readonly<Record<string, string>>;

export interface ActionWorld extends Platform {
  /** Of the sandbox: `GENESYS_CLIENT_ID` and `GENESYS_CLIENT_SECRET`. */
  readonly secrets: Secrets;
  /** Of the package that is tested, as RECONCILE_FROM has it. */
  readonly from: string;
  /** Where the sandbox is. */
  readonly apiUrl: string;
  /** Writes files (null removes one), commits them on a branch, and gives the commit. */
  commit(branch: string, files: Readonly<Record<string, string | null>>): string;
  /** What a pull request of that branch into main is checked out as. */
  mergeRef(branch: string): string;
  run(name: "plan" | "apply" | "drift" | "rollback", event: Event): Promise<Ran>;
  /** The lines of the trail that the repository keeps for the owner; none if it keeps none. */
  trailOf(owner: string): readonly string[];
  close(): void;
}

export async function startActionWorld(): Promise<ActionWorld> {
  const root = mkdtempSync(join(tmpdir(), "reconcile-action-"));
  const [origin, github] = [join(root, "origin"), await startGitHub()];
  const remote = await serveGit({ root, instead: refusalOf(github) });
  const home = copyPackage(root);
  stubNpm(root, home);
  const tarballs = await serveFiles({ "/reconcile.tgz": tarball });
  const { variables, close } = await startSandbox(root);
  const { GENESYS_API_URL: apiUrl = "", GENESYS_TOKEN_URL: tokenUrl = "", ...secrets } = variables;
  mkdirSync(origin);
  const git = (...words: string[]): string => runGit(origin, words);
  git("init", "-q", "-b", "main");
  git("config", "uploadpack.allowAnySHA1InWant", "true");
  const platform: Platform = {
    ...{ root, github, origin, originUrl: `${remote.address}/origin`, artifacts: new Map(), lastRun: 0 },
    machine: {
      PATH: [join(root, "bin"), dirname(process.execPath), process.env["PATH"] ?? ""].join(":"),
      ...{ GENESYS_API_URL: apiUrl, GENESYS_TOKEN_URL: tokenUrl },
      ...{ TESTED_PACKAGE: home, CURL_CA_BUNDLE: certificatePath },
    },
  };
  const from = `${tarballs.url}/reconcile.tgz#${sumOf(tarball)}`;
  return Object.assign(platform, {
    secrets,
    apiUrl,
    from,
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
      runWorkflow(fillIn(readWorkflow(`reconcile-${name}.yml`), from), event, platform),
    trailOf: (owner: string) => readStoredTrail(origin, owner),
    close: () => {
      close();
      tarballs.close();
      github.close();
      void remote.close();
      rmSync(root, { recursive: true, force: true });
    },
  });
}

/** The repository is private: it is read and written with a token, as far as its permissions go. */
function refusalOf({ permissions }: FakeGitHub): NonNullable<Parameters<typeof serveGit>[0]["instead"]> {
  return (request, response) => {
    const { authorization } = request.headers;
    const token = [...permissions.keys()].find((one) => authorization === basic("x-access-token", one));
    const right = permissions.get(token ?? "")?.["contents"];
    if (right === "write" || (right === "read" && !request.url?.includes("git-receive-pack"))) return false;
    const challenge = { "www-authenticate": 'Basic realm="git"' };
    response.writeHead(token === undefined ? 401 : 403, token === undefined ? challenge : {}).end();
    return true;
  };
}

function readStoredTrail(origin: string, owner: string): readonly string[] {
  const [ref = ""] = runGit(origin, ["for-each-ref", "--format=%(refname)", "refs/heads/reconcile-state/"])
    .split("\n")
    .filter((name) => name.endsWith(`/${owner}`));
  if (ref === "") return [];
  const paths = runGit(origin, ["ls-tree", "-r", "--name-only", ref, "trail/"]).split("\n").filter(Boolean);
  return paths.flatMap((path) => runGit(origin, ["show", `${ref}:${path}`]).split("\n"));
}

export function readWorkflow(name: string): string {
  return readFileSync(join(projectRoot, ".github/workflows/ready-to-copy", name), "utf8");
}

/** As somebody does by hand who has copied the workflow. */
export function fillIn(workflow: string, from: string): string {
  return workflow.replace('RECONCILE_FROM: ""', () => `RECONCILE_FROM: ${JSON.stringify(from)}`);
}

/** As npm says it: `integrity`. */
export function sumOf(content: Buffer): string {
  return `sha512-${createHash("sha512").update(content).digest("base64")}`;
}

/** On loopback with TLS, by path; everything else is absent. */
export async function serveFiles(files: Readonly<Record<string, Buffer>>) {
  const { port, close } = await startTlsPlatform(({ url = "" }, response) => {
    const content = files[url];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  return { url: `https://localhost:${port}`, close };
}

/** The files that npm would publish. */
export function copyPackage(root: string): string {
  const home = join(root, "package");
  const names = packageJson.files.filter((name) => !name.startsWith("!"));
  for (const name of [...names, "package.json"])
    cpSync(join(projectRoot, name), join(home, name), { recursive: true });
  return home;
}

/** What is downloaded in these stories; install.test.ts has a real tarball, and the real npm. */
const tarball = Buffer.from("the package");

/** `npm` in the path puts the package where the real one would; it is asked for some fifty times. */
function stubNpm(root: string, home: string): void {
  mkdirSync(join(root, "bin"));
  const script = `#!/bin/bash
set -eu
[ "npm $*" = "npm install --offline --ignore-scripts --no-save --prefix $RUNNER_TEMP/reconcile reconcile@file:package.tgz" ]
[ "$PWD $(cat package.tgz)" = "$RUNNER_TEMP/reconcile ${tarball.toString()}" ]
mkdir node_modules
ln -s "${home}" node_modules/reconcile
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
    if (/^GENESYS_TOKEN_URL=.*\n/m.test(text)) break;
  }
  const pairs = text
    .trim()
    .split("\n")
    .filter((line) => line.startsWith("GENESYS_"))
    .map((line) => line.split("=") as [string, string]);
  return { variables: Object.fromEntries(pairs), close: () => child.kill() };
}

export function runGit(folder: string, words: readonly string[]): string {
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
