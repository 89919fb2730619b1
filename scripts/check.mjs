// Runs every `check:…` of package.json side by side, one to a core. What a check prints is shown in one piece when it has
// ended, and the last line names those that failed. A script that is named, as in `node scripts/check.mjs test:unit`, starts
// as soon as a core has no check left to run, unless one has failed by then.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

const { scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const checks = Object.keys(scripts).filter((name) => name.startsWith("check:"));
const [last] = process.argv.slice(2);
const failed = [];

/** The commands are found, as in npm's own runs, in node_modules/.bin. */
function run(name, stdio) {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const child = spawn(scripts[name], { shell: true, stdio });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => printed.push(chunk));
    child.on("close", (status) => {
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      const isSound = status === 0;
      if (!isSound) failed.push(name);
      console.log(`${name} ${isSound ? "holds" : "FAILED"} (${seconds} s)`);
      if (!isSound && printed.length > 0) console.log(Buffer.concat(printed).toString());
      resolve();
    });
  });
}

async function runChecks() {
  for (let name = checks.shift(); name !== undefined; name = checks.shift())
    await run(name, ["ignore", "pipe", "pipe"]);
}

const cores = Array.from({ length: availableParallelism() }, runChecks);
await Promise.race(cores);
if (last !== undefined && failed.length === 0) cores.push(run(last, "inherit"));
await Promise.all(cores);
if (failed.length > 0) {
  console.log(`failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
