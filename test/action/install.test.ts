// How the workflows get the package: by the real npm and the real Git, from a server and a repository on this machine.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { manifest } from "../support/world.ts";
import { hostileFiles } from "./hostile-workspace.ts";
import { runWorkflow, type Ran } from "./run-workflow.ts";
import {
  copyPackage,
  fillIn,
  projectRoot,
  readWorkflow,
  runGit,
  serveFiles,
  startActionWorld,
  sumOf,
  type ActionWorld,
} from "./world.ts";

/** Nobody listens there. */
const noRegistry = "http://127.0.0.1:1/";
const slow = 120_000;
const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";
/** What a pull request may bring to mislead npm. */
const npmConfig =
  "ignore-scripts=false\nregistry=http://127.0.0.1:2/\noffline=false\nscript-shell=./none\n";

let world: ActionWorld;
let folder: string;
let tarball: Buffer;
let server: Awaited<ReturnType<typeof serveFiles>>;
let commit: string;
/** What a dependency's script, or the package's own one, leaves behind if it runs. */
let traces: string;

beforeAll(async () => {
  world = await startActionWorld();
  world.commit("main", {
    ...{ "reconcile.yaml": config, "subscriptions/a.yaml": manifest("alpha"), ".npmrc": npmConfig },
  });
  folder = mkdtempSync(join(tmpdir(), "reconcile-install-"));
  traces = join(folder, "traces");
  tarball = packTarball();
  server = await serveFiles({ "/files/reconcile.tgz": tarball });
  commit = makeRepository();
}, slow);
afterAll(() => {
  world.close();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const npmEnvironment = () => ({
  ...process.env,
  NPM_CONFIG_UPDATE_NOTIFIER: "false",
  NPM_CONFIG_USERCONFIG: join(folder, "none"),
});

/** Makes a package of scripts that npm must not run. */
function withScripts(home: string, scripts: object): void {
  const path = join(home, "package.json");
  const { files, ...rest } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly files: readonly string[];
  };
  writeFileSync(
    path,
    JSON.stringify({ ...rest, devDependencies: {}, files: [...files, "trace.mjs"], scripts }),
  );
  writeFileSync(
    join(home, "trace.mjs"),
    `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(traces)}, "a script ran");\n`,
  );
}

const traced = { preinstall: "node trace.mjs", postinstall: "node trace.mjs", prepare: "node trace.mjs" };
function packTarball(): Buffer {
  const home = copyPackage(join(folder, "packed"));
  withScripts(home, traced);
  const words = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const name = execFileSync("npm", words, { cwd: home, env: npmEnvironment(), encoding: "utf8" }).trim();
  return readFileSync(join(folder, name));
}

/** Without a dist, as the repository is, and with a build of its own; the branch has gone on since the commit. */
function makeRepository(): string {
  const work = join(folder, "work");
  const home = copyPackage(work);
  withScripts(home, { ...traced, build: "node build.mjs" });
  cpSync(join(home, "dist"), join(home, "built"), { recursive: true });
  rmSync(join(home, "dist"), { recursive: true });
  writeFileSync(
    join(home, "build.mjs"),
    `import { renameSync } from "node:fs";
if (Object.keys(process.env).some((name) => /^(GENESYS_CLIENT|RECONCILE_ACTION)/.test(name))) throw new Error("a secret");
renameSync("built", "dist");
`,
  );
  execFileSync("npm", ["install", "--package-lock-only", "--ignore-scripts", "--offline"], {
    ...{ cwd: home, env: npmEnvironment(), stdio: "ignore" },
  });
  runGit(home, ["init", "-q", "-b", "main"]);
  runGit(home, ["add", "-A", "-f"]);
  runGit(home, ["commit", "-q", "-m", "Release"]);
  const released = runGit(home, ["rev-parse", "HEAD"]);
  rmSync(join(home, "action"), { recursive: true });
  runGit(home, ["commit", "-q", "-a", "-m", "Go on"]);
  const bare = join(folder, "github/acme/reconcile.git");
  mkdirSync(dirname(bare), { recursive: true });
  runGit(home, ["clone", "-q", "--bare", ".", bare]);
  runGit(bare, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
  return released;
}

/** `npm` is the real one here, and github.com is a folder. */
async function runDrift(from: string, branch = "main"): Promise<Ran["jobs"][string]> {
  const { PATH = "" } = process.env;
  const machine = {
    ...world.machine,
    ...{ PATH: [dirname(process.execPath), PATH].join(":"), NPM_CONFIG_REGISTRY: noRegistry },
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `url.file://${folder}/github/.insteadOf`,
    GIT_CONFIG_VALUE_0: "https://github.com/",
  };
  const text = fillIn(readWorkflow("reconcile-drift.yml"), from);
  const event = { name: "schedule", ref: `refs/heads/${branch}`, secrets: world.secrets } as const;
  const { jobs } = await runWorkflow(text, event, { ...world, machine });
  const [job] = Object.values(jobs);
  if (!job) throw new Error("no job");
  return job;
}

/** One job that gets the action by the script, and uses it. */
async function runAction(
  get: string,
  { uses, ref }: { readonly uses: string; readonly ref: string },
): Promise<Ran["jobs"][string]> {
  const workflow = parse(readWorkflow("reconcile-drift.yml")) as {
    jobs: { drift: { steps: { env?: unknown }[] } };
  };
  const checkout = workflow.jobs.drift.steps[0];
  const env = {
    GENESYS_CLIENT_ID: "${{ secrets.GENESYS_CLIENT_ID }}",
    GENESYS_CLIENT_SECRET: "${{ secrets.GENESYS_CLIENT_SECRET }}",
  };
  const steps = [checkout, { run: get }, { uses, with: { command: "plan" }, env }];
  const text = JSON.stringify({ on: "push", permissions: {}, jobs: { job: { steps } } });
  const machine = {
    ...world.machine,
    PATH: process.env["PATH"] ?? "",
    NPM_CONFIG_REGISTRY: noRegistry,
    TESTED_REPOSITORY: join(folder, "github/acme/reconcile.git"),
  };
  const event = { name: "push", ref, secrets: world.secrets } as const;
  const { jobs } = await runWorkflow(text, event, { ...world, machine });
  if (!jobs["job"]) throw new Error("no job");
  return jobs["job"];
}

const planned = "Plan: 1 to create";

test(
  "a tarball whose sum is right is installed beside the workspace, and run",
  { timeout: slow },
  async () => {
    const { result, log } = await runDrift(`${server.url}/files/reconcile.tgz#${sumOf(tarball)}`);
    expect(log).toContain(planned);
    expect([result, existsSync(traces)]).toEqual(["success", false]);
  },
);

/** A branch whose workspace has a program, or a setting that names one, wherever anything might look for it. */
function commitHostile(): void {
  const files = hostileFiles(traces);
  world.commit("hostile", files);
  for (const path of Object.keys(files)) chmodSync(join(world.origin, path), 0o755);
  world.commit("hostile", {});
  // Whoever runs npm in such a workspace springs a trap.
  spawnSync("npm", ["run", "reconcile"], { cwd: world.origin, env: npmEnvironment() });
  expect(existsSync(traces)).toBe(true);
  rmSync(traces);
}

test(
  "nothing that a workspace brings decides what is installed, or what runs",
  { timeout: slow },
  async () => {
    commitHostile();
    for (const from of [
      `${server.url}/files/reconcile.tgz#${sumOf(tarball)}`,
      `github:acme/reconcile#${commit}`,
    ]) {
      const { result, log } = await runDrift(from, "hostile");
      expect(log).toContain(planned);
      expect([result, existsSync(traces)]).toEqual(["success", false]);
    }
  },
);

test("nor does it where the action is used from its own repository", { timeout: slow }, async () => {
  commitHostile();
  const get = 'ln -s "$TESTED_PACKAGE" linked-action';
  const { result, log } = await runAction(get, { uses: "./linked-action", ref: "refs/heads/hostile" });
  expect(log).toContain(planned);
  expect([result, existsSync(traces)]).toEqual(["success", false]);
});

test("an action that lies in the workspace refuses to run", { timeout: slow }, async () => {
  const get = 'cp -r "$TESTED_PACKAGE" copied-action';
  const { result, log } = await runAction(get, { uses: "./copied-action", ref: "refs/heads/main" });
  expect(log).toContain("::error::This action lies in the workspace, where a pull request could change it");
  expect([result, log.includes("Plan:")]).toEqual(["failure", false]);
});

test("a tarball whose sum is wrong is not installed", { timeout: slow }, async () => {
  const wanted = sumOf(Buffer.from("another file"));
  const { result, log } = await runDrift(`${server.url}/files/reconcile.tgz#${wanted}`);
  expect(log).toBe(
    `::error::RECONCILE_FROM wants ${wanted}, but the file at ${server.url}/files/reconcile.tgz has ${sumOf(tarball)}, so it was not installed\n`,
  );
  expect(result).toBe("failure");
});

test("a tarball that is not there ends the job", { timeout: slow }, async () => {
  const { result, log } = await runDrift(`${server.url}/files/absent.tgz#${sumOf(tarball)}`);
  expect(log).toContain("404");
  expect([result, log.includes("Plan:")]).toEqual(["failure", false]);
});

test("a commit is fetched, built and run, though its branch has gone on", { timeout: slow }, async () => {
  const { result, log } = await runDrift(`github:acme/reconcile#${commit}`);
  expect(log).toContain(planned);
  expect([result, existsSync(traces)]).toEqual(["success", false]);
});

test.each([
  [
    "a commit that is not there",
    (whole: string) => `acme/reconcile#${whole.replace(/^./g, (digit) => (digit === "0" ? "1" : "0"))}`,
  ],
  ["a repository that is not there", (whole: string) => `acme/other#${whole}`],
])("%s ends the job", { timeout: slow }, async (_, place) => {
  const { result, log } = await runDrift(`github:${place(commit)}`);
  expect([result, log.includes("Plan:")]).toEqual(["failure", false]);
});

test.each([
  "",
  "github:acme/reconcile#main",
  "https://localhost/reconcile.tgz",
  "$(touch hacked)",
  "'; touch hacked; '",
])(
  "filled in with %j, a job stops with the two lines, before it uses a secret",
  { timeout: slow },
  async (from) => {
    const { result, log } = await runDrift(from);
    expect(log).toBe(
      "::error::The top of this workflow does not say where reconcile comes from. Fill in one of these two lines:" +
        '%0A  RECONCILE_FROM: "https://HOST/FILE.tgz#sha512-SUM"%0A  RECONCILE_FROM: "github:OWNER/REPO#COMMIT"\n',
    );
    expect(result).toBe("failure");
  },
);

test(
  "`uses` with a commit of the repository builds it, and the build sees no secret",
  { timeout: slow },
  async () => {
    // As GitHub does, outside of the workspace.
    const clone = `git clone -q "$TESTED_REPOSITORY" "$RUNNER_TEMP/action" && git -C "$RUNNER_TEMP/action" checkout -q ${commit}`;
    const get = `${clone} && ln -s "$RUNNER_TEMP/action" .action`;
    const { result, log } = await runAction(get, { uses: "./.action", ref: "refs/heads/main" });
    expect(log).toContain(planned);
    expect([result, existsSync(traces)]).toEqual(["success", false]);
  },
);

test("the action runs no package that it would have to ask a registry for", () => {
  expect(readFileSync(join(projectRoot, "action/main.mjs"), "utf8")).not.toMatch(/\bnpx\b|--package/);
});
