// Runs the real pass against the embedded platform under faults, edits and crashes. Each seed gives one story. `npm run
// simulate -- --seeds 5000 --from 1` runs many stories of each kind of resource. `npm run simulate -- --seed 4711` runs
// and prints one story of webhooks; `--resources` chooses webhooks, integrations, triggers or mixed (all at once).
// `--machines 2` plays rounds of two machines that apply the same manifests at once and share no store; `--stores all`, or
// some of files,git,postgres, plays stories of two machines that share one, and `--behind` those of its one window.
import { parseArgs } from "node:util";
import { createJiti } from "jiti";
import { simulateStores } from "./simulate-stores.mjs";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    resources: { type: "string" },
    machines: { type: "string", default: "1" },
    stores: { type: "string" },
    behind: { type: "boolean", default: false },
  },
});
const jiti = createJiti(import.meta.url);
const { simulate } = await jiti.import("../test/simulation/simulate.ts");
const { addTotals, makeTotals } = await jiti.import("../test/simulation/journal.ts");
const { describeReport, describeTotals } = await jiti.import("../test/simulation/describe.ts");

const { playTwoMachines } = await jiti.import("../test/simulation/two-machines.ts");
const { resourcesNames } = await jiti.import("../test/simulation/resources.ts");
const { seed, resources } = values;
if (resources !== undefined && !resourcesNames.includes(resources)) {
  console.error(`--resources is one of ${resourcesNames.join(", ")}`);
  process.exit(1);
}

if (values.stores !== undefined) {
  // A machine that died may have left something open.
  process.exit((await simulateStores(values)) ? 1 : 0);
}
if (values.machines === "2") await runTwoMachines();
else if (seed !== undefined)
  process.exitCode = (await tellOne(Number(seed), resources ?? "webhooks")) ? 1 : 0;
else {
  for (const name of resources === undefined ? resourcesNames : [resources]) {
    if (await runMany(name)) process.exitCode = 1;
  }
}

/** A round is named only if it breaks a promise: without a shared store duplicates are none. */
async function runTwoMachines() {
  const kinds = resourcesNames.filter((name) => name !== "mixed" && (resources ?? name) === name);
  for (const name of kinds) {
    const sums = { gaps: 0, duplicates: 0, claims: 0, unsettled: 0 };
    const [from, count] =
      seed === undefined ? [Number(values.from), Number(values.seeds)] : [Number(seed), 1];
    for (let at = from; at < from + count; at += 1) {
      const round = await playTwoMachines(at, name);
      for (const key of Object.keys(sums)) if (round[key].length > 0) sums[key] += 1;
      const broken = [...round.gaps, ...round.claims, ...round.unsettled];
      if (seed !== undefined) console.log(round.story.join("\n"));
      if (broken.length > 0) console.log(`${name}, seed ${at}: ${broken.join("; ")}`);
      if (broken.length > 0) process.exitCode = 1;
    }
    console.log(
      `${name}: of ${count} rounds ${sums.gaps} with a gap, ${sums.duplicates} with duplicates, ` +
        `${sums.claims} whose trail or result claims the other's write, ${sums.unsettled} unsettled after the next pass`,
    );
  }
}

async function tellOne(seed, resources) {
  const report = await simulate(seed, { resources, story: true });
  console.log(report.story.join("\n"));
  console.log(`\n${describeTotals(report.totals)}`);
  console.log(report.violations.length > 0 ? describeReport(report, resources) : `seed ${seed} holds`);
  return report.violations.length > 0;
}

async function runMany(resources) {
  const [from, count] = [Number(values.from), Number(values.seeds)];
  const totals = makeTotals();
  const startedMs = performance.now();
  const failing = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const report = await simulate(seed, { resources });
    addTotals(totals, report.totals);
    if (report.violations.length > 0) {
      failing.push(seed);
      console.log(describeReport(report, resources));
    }
    const done = seed - from + 1;
    if (done % 100 === 0) console.log(`${resources}: ${done} of ${count} seeds, ${failing.length} failed`);
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`\n${resources}: ${describeTotals(totals)}\n${seconds} s`);
  console.log(failing.length > 0 ? `failed: ${failing.join(", ")}` : "every seed holds");
  return failing.length > 0;
}
