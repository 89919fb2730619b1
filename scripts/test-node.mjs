// `npm run test:node`: on each version of Node that the package supports, the README's first command on a clean copy of the
// last commit, then the fast part of the tests. Each version comes from the npm package `node`, into a temporary folder.
// `npm run test:node -- 22 24` takes these versions only.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { performance } from "node:perf_hooks";

const supported = ["20", "22", "24", "26"];
const words = process.argv.slice(2);
const unknown = words.find((word) => !supported.includes(word));
if (unknown !== undefined) {
  console.error(`${unknown} is none of the versions ${supported.join(", ")}`);
  process.exit(1);
}

/** Everything but what plays long histories, and what starts browsers, servers or many processes. */
const fast = ["apply", "audit", "genesys", "git", "init", "kinds", "lib", "manifest", "model", "sandbox"];
const first = [
  ["npm", ["ci", "--no-audit", "--no-fund"]],
  ["npx", ["reconcile", "--sandbox"]],
  ["npx", ["reconcile", "--sandbox", "--detailed-exitcode"]],
];
const tests = ["npx", ["vitest", "run", "--reporter=dot", ...fast.map((name) => `test/${name}/`)]];
const root = join(import.meta.dirname, "..");
const rows = (words.length === 0 ? supported : words).map(tryVersion);
console.log(
  "\n| Node | `npm ci && npx reconcile --sandbox` | fast part of the tests |\n| --- | --- | --- |",
);
for (const row of rows) console.log(`| ${row.join(" | ")} |`);
if (rows.flat().some((cell) => cell.startsWith("fails"))) process.exitCode = 1;

/** Returns a row of the table. */
function tryVersion(major) {
  const folder = mkdtempSync(join(tmpdir(), `reconcile-node-${major}-`));
  try {
    const node = join(folder, "node");
    execFileSync("npm", ["install", "--prefix", node, "--no-audit", "--no-fund", `node@${major}`], {
      stdio: "inherit",
    });
    const path = `${join(node, "node_modules/.bin")}${delimiter}${process.env.PATH}`;
    const version = execFileSync("node", ["--version"], { env: { PATH: path }, encoding: "utf8" }).trim();
    if (!version.startsWith(`v${major}.`)) return [major, "fails: the package brought no node", "not run"];
    const copy = join(folder, "copy");
    execFileSync("git", ["clone", "--quiet", "--depth", "1", `file://${root}`, copy]);
    const options = { cwd: copy, env: { ...process.env, PATH: path }, stdio: "inherit" };
    console.log(`\nNode ${version}`);
    return [version.slice(1), run(first, options), run([tests], options)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The second run of the sandbox exits with 2 if it had anything to do. */
function run(commands, options) {
  const start = performance.now();
  for (const [program, args] of commands) {
    const { status } = spawnSync(program, args, options);
    if (status !== 0) return `fails: ${program} ${args[0]} ends with ${status}`;
  }
  return `passes, ${Math.round((performance.now() - start) / 1000)} s`;
}
