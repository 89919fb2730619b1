// Measures speed and memory as ratios in one run: each figure is compared with the least that the same job can cost. It prints
// a table for docs/benchmarks.md, and fails if a figure is beyond its limit. `npm run bench -- start passes:creates` runs these
// parts only; PAIRS is the number of pairs of runs.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { measureClients } from "./clients.mjs";
import { makeMeasure } from "./measure.mjs";
import { measurePlanner, measureTrail } from "./parts.mjs";
import { measurePasses } from "./passes.mjs";
import { measureStart } from "./start.mjs";

const root = resolve(import.meta.dirname, "../..");
const command = join(root, "dist/reconcile.js");
const folder = mkdtempSync(join(tmpdir(), "reconcile-bench-"));
const measure = makeMeasure({ folder, pairs: Number(process.env.PAIRS ?? 11) });
const context = { command, root, folder, measure };
const asked = process.argv.slice(2);

const parts = {
  start: () => measureStart(context),
  passes: (only) => measurePasses({ ...context, only }),
  clients: () => measureClients(context),
  planner: () => measurePlanner(context),
  trail: () => measureTrail(context),
};

const rows = [];
console.log("| figure | measured | at most |\n| --- | --- | --- |");
try {
  for (const [name, part] of Object.entries(parts)) {
    const words = asked.filter((word) => word.split(":")[0] === name);
    if (asked.length > 0 && words.length === 0) continue;
    const only = words.flatMap((word) => word.split(":")[1] ?? []);
    const found = await part(only.length > 0 ? only : undefined);
    for (const [figure, measured, limit] of found)
      console.log(`| ${figure} | ${shown(measured)} | ${limit} |`);
    rows.push(...found);
  }
} finally {
  rmSync(folder, { recursive: true });
}
const beyond = rows.filter(([, measured, limit]) => measured > limit);
for (const [figure] of beyond) console.error(`beyond its limit: ${figure}`);
if (beyond.length > 0) process.exitCode = 1;

function shown(measured) {
  return Number.isInteger(measured) || measured >= 100 ? measured.toFixed(0) : measured.toFixed(2);
}
