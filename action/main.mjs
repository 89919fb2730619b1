// The GitHub Action: runs the command, passes on its outputs and summary, and updates the pull request's comment or
// the issue.
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { findApprover } from "./approver.mjs";
import { readHead, tellHead } from "./tell-head.mjs";
import { tellIssue, tellPullRequest } from "./tell.mjs";

const root = join(import.meta.dirname, "..");
/** The variables that a build gets. */
const harmless = /^(?:PATH|HOME|TMPDIR|NODE_EXTRA_CA_CERTS|(?:HTTPS?|ALL|NO)_PROXY)$/i;
/** The messages about the issue. */
const summaries = {
  drift: "Genesys Cloud is not as the manifests say; an issue says what differs",
  recovery: "Genesys Cloud agrees with the manifests again; the issue is closed",
};
const scratch = mkdtempSync(join(process.env.RUNNER_TEMP ?? tmpdir(), "reconcile-"));
try {
  process.exitCode = await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function main() {
  if (isInWorkspace(process.env.GITHUB_WORKSPACE)) {
    const why =
      "This action lies in the workspace, where a pull request could change it and so get the secret.";
    console.log(`::error::${why} Name it by its repository and a commit: uses: OWNER/REPO@COMMIT`);
    return 1;
  }
  const { inputs, environment } = readInputs(process.env);
  const files = {
    GITHUB_OUTPUT: join(scratch, "output"),
    GITHUB_STEP_SUMMARY: join(scratch, "summary.md"),
  };
  const RECONCILE_APPROVED_BY = await findApprover(inputs);
  const headBefore = readHead();
  const words = [inputs.command, ...inputs.args];
  const status = await run(words, { ...environment, ...files, RECONCILE_APPROVED_BY });
  const outputs = readIfThere(files.GITHUB_OUTPUT);
  const markdown = readIfThere(files.GITHUB_STEP_SUMMARY);
  // The command wrote its outputs and summary to separate files, so that they can be read here, too.
  if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, outputs);
  const summary = markdown + tellHead(headBefore, readHead(), inputs);
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, summary);
  const news = {
    markdown,
    owner: readOutput(outputs, "owner"),
    hasChanges: readOutput(outputs, "changes") === "true",
    hasOrphans: Number(readOutput(outputs, "orphans") ?? 0) > 0,
    hasNewOrphans: Number(readOutput(outputs, "newOrphans") ?? 0) > 0,
    isOk: status === 0 || status === 2,
  };
  const about = { token: inputs.token, folder: inputs.folder, config: findConfig(inputs.args) };
  await attempt("the pull request", inputs.comment, () => tellPullRequest(news, about));
  const changes = [];
  const onChange = (topic, link) => changes.push({ topic, link });
  await attempt("the issue", inputs.issue, () => tellIssue(news, { ...about, onChange }));
  for (const change of changes) await notify(change, { inputs, environment });
  return status;
}

/** Tells those whom the config's `notify` names. A message that does not arrive only warns, because the issue says the same. */
async function notify({ topic, link }, { inputs, environment }) {
  // The sandbox stands for everything outside, messages too.
  if (inputs.args.includes("--sandbox")) return;
  const config = findConfig(inputs.args);
  const words = ["notify", topic, "--summary", summaries[topic], "--link", link];
  const status = await run([...words, ...(config === undefined ? [] : ["--config", config])], environment);
  if (status !== 0)
    console.log("::warning::The message about the issue did not go out: see the lines above");
}

/** A link from the workspace to a folder elsewhere is fine, because what runs lies there. */
function isInWorkspace(workspace) {
  if (!workspace || !existsSync(workspace)) return false;
  return `${realpathSync(root)}${sep}`.startsWith(`${realpathSync(workspace)}${sep}`);
}

function readInputs(variables) {
  const prefix = "RECONCILE_ACTION_";
  const take = (name) => (variables[`${prefix}${name}`] ?? "").trim();
  const args = take("ARGS");
  const words = args.split(args.includes("\n") ? "\n" : /\s+/);
  const inputs = {
    command: take("COMMAND"),
    args: [...words.map((word) => word.trim()).filter(Boolean), ...runOf(variables[`${prefix}RUN`])],
    folder: take("FOLDER"),
    comment: take("COMMENT") === "true",
    issue: take("ISSUE") === "true",
    token: take("TOKEN"),
    environment: take("ENVIRONMENT"),
  };
  // The command needs none of the action's inputs, and must not get the token.
  const others = Object.entries(variables).filter(([name]) => !name.startsWith(prefix));
  return { inputs, environment: Object.fromEntries(others) };
}

/** The value of --config, which the command takes in both forms; undefined without it. */
function findConfig(args) {
  const at = args.findLastIndex((word) => word === "--config" || word.startsWith("--config="));
  if (at < 0) return undefined;
  return args[at] === "--config" ? args[at + 1] : args[at].slice("--config=".length);
}

/** Somebody typed the run into a field of a form: whatever it holds, it is one argument, and adds no flag. */
function runOf(field) {
  if (field === undefined) return [];
  const run = field.trim();
  return [run === "" ? "--last" : `--run=${run}`];
}

/** Runs the command without a shell, so that a flag's value is never taken for a command. */
async function run(words, environment) {
  const program = join(root, "dist/reconcile.js");
  // A commit of the repository holds no dist folder, so it is built first.
  if (!existsSync(program)) build();
  const child = spawn(process.execPath, [program, ...words], { stdio: "inherit", env: environment });
  // A cancelled run finishes its present write and records it.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => resolve(status ?? 1));
  });
}

/** Builds by the lock file of this commit, without secrets and without the workspace's npm configuration. */
function build() {
  const configuration = join(scratch, "npmrc");
  writeFileSync(configuration, "ignore-scripts=true\naudit=false\nfund=false\nupdate-notifier=false\n");
  const kept = Object.entries(process.env).filter(([name]) => harmless.test(name));
  const env = {
    ...Object.fromEntries(kept),
    NPM_CONFIG_USERCONFIG: configuration,
    NPM_CONFIG_GLOBALCONFIG: join(scratch, "no-npmrc"),
  };
  for (const words of [["ci"], ["run", "build"]])
    execFileSync("npm", words, { cwd: root, env, stdio: "inherit" });
}

/** Only warns if GitHub cannot be reached, because the command itself has already run. */
async function attempt(whom, isWanted, action) {
  if (!isWanted) return;
  try {
    console.log(await action());
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error).replace(/[\r\n%]+/g, " ");
    console.log(`::warning::${whom} could not be updated: ${reason}`);
  }
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** Reads an output that is written as `name<<delimiter`, the value, the delimiter, one a line. */
function readOutput(text, name) {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`${name}<<`));
  return at < 0 ? undefined : lines[at + 1];
}
