// Runs a workflow as GitHub would, as far as these need it: jobs in order, each on an empty machine; `run` steps in
// bash, the package's own action step by step, and GitHub's actions as what they do to files.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import type { FakeGitHub } from "./fake-github.ts";
import { holds, interpolate, type Scope } from "./expressions.ts";

export interface Workflow {
  readonly name: string;
  readonly on: unknown;
  readonly permissions: Permissions;
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

type Permissions = Readonly<Record<string, string>>;

interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly permissions?: Permissions;
  readonly environment?: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly "working-directory"?: string;
}

/** What GitHub keeps beside the runs. */
export interface Platform {
  readonly github: FakeGitHub;
  /** An empty folder of this test's own. */
  readonly root: string;
  /** The repository that is checked out, as a path. */
  readonly origin: string;
  /** The address at which it takes the tokens of jobs, as far as their permissions go. */
  readonly originUrl: string;
  /** What the machine itself has: `PATH`, and where Genesys Cloud is. */
  readonly machine: Readonly<Record<string, string>>;
  /** Folders, by run and name. */
  readonly artifacts: Map<string, string>;
  lastRun: number;
}

export interface Event {
  readonly name: "pull_request" | "merge_group" | "push" | "schedule" | "workflow_dispatch";
  /** What is checked out. */
  readonly ref: string;
  readonly payload?: unknown;
  /** Of a run by hand, as they were given. */
  readonly inputs?: Readonly<Record<string, string | boolean>>;
  readonly actor?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  /** By environment. */
  readonly environmentSecrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of a fork: the token may only read. */
  readonly readsOnly?: true;
  /** The rights that the token lacks although the job asks for them. */
  readonly withheld?: readonly string[];
}

export interface Ran {
  /** By job. */
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly result: "success" | "failure" | "skipped";
        readonly log: string;
        readonly summary: string;
        readonly outputs: Outputs;
      }
    >
  >;
  readonly run: number;
}

export async function runWorkflow(text: string, event: Event, platform: Platform): Promise<Ran> {
  const workflow = parse(text) as Workflow;
  const run = (platform.lastRun += 1);
  const jobs: Record<string, Ran["jobs"][string]> = {};
  const needs: Record<string, unknown> = {};
  for (const [name, job] of Object.entries(workflow.jobs)) {
    const before = job.needs === undefined ? [] : [jobs[job.needs]];
    const contexts = { ...contextsOf(event, { run, platform, token: "" }), needs };
    const hasFailed = before.some((other) => other?.result !== "success");
    const isRun = holds(job.if, { contexts, hasFailed });
    const ran = isRun ? await runJob({ name, job, workflow }, event, { run, platform, needs }) : skipped;
    jobs[name] = ran;
    needs[name] = ran;
  }
  return { jobs, run };
}

const skipped = { result: "skipped", log: "", summary: "", outputs: {} } as const;

function contextsOf(
  event: Event,
  { run, platform, token }: { readonly run: number; readonly platform: Platform; readonly token: string },
): Record<string, unknown> {
  const github = {
    event: event.payload ?? {},
    ...{
      event_name: event.name,
      repository: "acme/telephony",
      actor: event.actor ?? "ada",
      ref: event.ref,
    },
    ...{ token, run_id: String(run), run_attempt: "1", api_url: platform.github.url },
  };
  return { github, secrets: event.secrets ?? {}, inputs: event.inputs ?? {} };
}

/** One machine. */
interface Machine {
  readonly workspace: string;
  readonly temp: string;
  readonly environment: Record<string, string>;
  readonly event: Event;
  readonly platform: Platform;
  readonly run: number;
  log: string;
}

async function runJob(
  { name, job, workflow }: { readonly name: string; readonly job: Job; readonly workflow: Workflow },
  given: Event,
  { run, platform, needs }: { readonly run: number; readonly platform: Platform; readonly needs: object },
) {
  const home = mkdtempSync(join(platform.root, `${name}-`));
  const token = `token-of-${run}-${name}`;
  const asked = Object.entries(given.readsOnly ? {} : (job.permissions ?? workflow.permissions));
  const granted = asked.filter(([what]) => given.withheld?.includes(what) !== true);
  platform.github.permissions.set(token, Object.fromEntries(granted));
  const extra = given.environmentSecrets?.[job.environment ?? ""] ?? {};
  const event = { ...given, secrets: { ...given.secrets, ...extra } };
  const paths = { workspace: join(home, "work"), temp: join(home, "temp") };
  for (const path of Object.values(paths)) mkdirSync(path);
  writeFileSync(join(paths.temp, "event.json"), JSON.stringify(event.payload ?? {}));
  const summaryPath = join(paths.temp, "summary.md");
  const environment = {
    ...platform.machine,
    ...workflow.env,
    ...{ HOME: home, CI: "true", GITHUB_ACTIONS: "true", GITHUB_ACTOR: event.actor ?? "ada" },
    ...{ GITHUB_REPOSITORY: "acme/telephony", GITHUB_RUN_ID: String(run), GITHUB_EVENT_NAME: event.name },
    ...(event.name === "pull_request" ? { GITHUB_BASE_REF: "main" } : {}),
    ...{ GITHUB_API_URL: platform.github.url, GITHUB_SERVER_URL: "https://github.example" },
    ...{ GITHUB_EVENT_PATH: join(paths.temp, "event.json"), GITHUB_WORKSPACE: paths.workspace },
    ...{ RUNNER_TEMP: paths.temp, GITHUB_STEP_SUMMARY: summaryPath },
  };
  const machine: Machine = { ...paths, environment, event, platform, run, log: "" };
  const contexts = { ...contextsOf(event, { run, platform, token }), needs };
  const { steps, hasFailed } = await runSteps(job.steps, contexts, machine);
  const scope = { contexts: { ...contexts, steps }, hasFailed };
  const outputs = Object.entries(job.outputs ?? {}).map(([key, text]) => [key, interpolate(text, scope)]);
  return {
    result: hasFailed ? ("failure" as const) : ("success" as const),
    log: machine.log,
    summary: existsSync(summaryPath) ? readFileSync(summaryPath, "utf8") : "",
    outputs: Object.fromEntries(outputs) as Record<string, string>,
  };
}

type Outputs = Record<string, string>;

async function runSteps(steps: readonly Step[], contexts: Record<string, unknown>, machine: Machine) {
  const done: Record<string, { readonly outputs: Outputs }> = {};
  let hasFailed = false;
  for (const step of steps) {
    const scope = { contexts: { ...contexts, steps: done }, hasFailed };
    if (!holds(step.if, scope)) continue;
    const { outputs, isOk } = await runStep(step, scope, machine);
    if (step.id !== undefined) done[step.id] = { outputs };
    hasFailed ||= !isOk;
  }
  return { steps: done, hasFailed };
}

async function runStep(
  step: Step,
  scope: Scope,
  machine: Machine,
): Promise<{ readonly outputs: Outputs; readonly isOk: boolean }> {
  const fill = (texts: Readonly<Record<string, unknown>> = {}): Outputs =>
    Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, interpolate(String(text), scope)]));
  const environment = { ...machine.environment, ...fill(step.env) };
  const inside = { ...machine, environment };
  if (step.run !== undefined) {
    // Text from outside in a script would be a command: it comes by the environment.
    if (step.run.includes("${{")) throw new Error(`an expression in a script: ${step.run}`);
    const folder = join(machine.workspace, interpolate(step["working-directory"] ?? ".", scope));
    const ran = await runScript(step.run, folder, inside);
    machine.log += ran.log;
    return ran;
  }
  const uses = step.uses ?? "";
  if (uses.startsWith("./")) {
    const ran = await runComposite(join(machine.workspace, uses), fill(step.with), { ...inside, scope });
    machine.log += ran.log;
    return ran;
  }
  return { outputs: {}, isOk: await runKnownAction(uses.replace(/@.*/, ""), fill(step.with), machine) };
}

interface Composite {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

async function runComposite(folder: string, given: Outputs, machine: Machine & { readonly scope: Scope }) {
  const action = parse(readFileSync(join(folder, "action.yml"), "utf8")) as Composite;
  const unknown = Object.keys(given).filter((name) => !(name in action.inputs));
  if (unknown.length > 0) throw new Error(`unknown inputs: ${unknown.join(", ")}`);
  const defaults = Object.entries(action.inputs).map(([name, input]) => [
    name,
    interpolate(input.default ?? "", machine.scope),
  ]);
  const { github } = machine.scope.contexts;
  const contexts = { github, inputs: { ...(Object.fromEntries(defaults) as Outputs), ...given } };
  const inside = {
    ...machine,
    environment: { ...machine.environment, GITHUB_ACTION_PATH: folder },
    log: "",
  };
  const { steps, hasFailed } = await runSteps(action.runs.steps, contexts, inside);
  const scope = { contexts: { ...contexts, steps }, hasFailed };
  const outputs = Object.entries(action.outputs).map(([key, { value }]) => [
    key,
    interpolate(value, scope),
  ]);
  return { outputs: Object.fromEntries(outputs) as Outputs, isOk: !hasFailed, log: inside.log };
}

async function runScript(script: string, folder: string, machine: Machine) {
  const outputPath = join(mkdtempSync(join(machine.temp, "step-")), "output");
  const scriptPath = `${outputPath}.sh`;
  writeFileSync(outputPath, "");
  writeFileSync(scriptPath, script);
  const child = spawn("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", scriptPath], {
    cwd: folder,
    env: { ...machine.environment, GITHUB_OUTPUT: outputPath },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
  const status = await new Promise<number>((resolve) =>
    child.once("close", (code) => {
      resolve(code ?? 1);
    }),
  );
  return { outputs: parseOutputs(readFileSync(outputPath, "utf8")), isOk: status === 0, log };
}

function parseOutputs(text: string): Outputs {
  const found = [...text.matchAll(/^([\w-]+)(?:=(.*)|<<(.+)\n([^]*?)\n\3)$/gm)];
  return Object.fromEntries(found.map(([, name = "", value, , long]) => [name, value ?? long ?? ""]));
}

/** What GitHub's own actions do; true where it went well. */
async function runKnownAction(name: string, given: Outputs, machine: Machine): Promise<boolean> {
  const { workspace, platform, event, run } = machine;
  const { path = "." } = given;
  switch (name) {
    case "actions/checkout": {
      const depth = given["fetch-depth"] ?? "1";
      const cut = depth === "0" ? "" : `--depth=${depth} `;
      const all = depth === "0" ? " '+refs/heads/*:refs/remotes/origin/*'" : "";
      const begin = `git init -q . && git remote add origin "${platform.originUrl}"`;
      const fetch = `git fetch -q ${cut}"file://${platform.origin}" "+${event.ref}:refs/checked-out"${all}`;
      const script = `${begin} && ${fetch} && git checkout -q refs/checked-out`;
      const { isOk, log } = await runScript(script, workspace, machine);
      machine.log += log;
      return isOk;
    }
    case "actions/setup-node":
      return true;
    case "actions/upload-artifact": {
      const from = join(workspace, path);
      if (!existsSync(from)) return given["if-no-files-found"] === "ignore";
      const to = mkdtempSync(join(platform.root, "artifact-"));
      cpSync(from, path.endsWith("/") ? to : join(to, basename(from)), { recursive: true });
      platform.artifacts.set(`${run}/${given["name"] ?? ""}`, to);
      return true;
    }
    case "actions/download-artifact": {
      const from = platform.artifacts.get(`${run}/${given["name"] ?? ""}`);
      if (from !== undefined) cpSync(from, join(workspace, path), { recursive: true });
      return from !== undefined;
    }
    default:
      throw new Error(`unknown action ${name}`);
  }
}
