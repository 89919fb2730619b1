// Two real processes, each with its own commit of the manifests, sync one organisation at once: `npm run compete` plays 100
// rounds with each store and each kind of resource. `apart` gives each machine a state of its own, as if nothing were
// shared. `--store git`, `--kind triggers` and `--rounds 10` play less; `--kills 60` kills one of the two processes in
// each round with SIGKILL, until so many were killed; `--arenas 4` plays in so many places at once.
import { parseArgs } from "node:util";
import { createJiti } from "jiti";

const { values } = parseArgs({
  options: {
    store: { type: "string" },
    kind: { type: "string" },
    rounds: { type: "string", default: "100" },
    kills: { type: "string", default: "0" },
    arenas: { type: "string", default: "2" },
  },
});
const jiti = createJiti(import.meta.url);
const { openArena } = await jiti.import("../test/compete/arena.ts");
const { openStore, storeNames } = await jiti.import("../test/compete/stores.ts");
const { kinds } = await jiti.import("../test/support/kinds.ts");

const [rounds, kills, arenas] = [values.rounds, values.kills, values.arenas].map(Number);
const table = {};
for (const storeName of storeNames.filter((name) => name === (values.store ?? name))) {
  const store = await openStore(storeName);
  for (const kind of kinds.filter(({ nouns }) => nouns.includes(values.kind ?? ""))) {
    const outcomes = await Promise.all(
      Array.from({ length: arenas }, (_, at) => playArena(store, kind, at)),
    );
    const sum = addUp(outcomes);
    table[`${storeName}, ${kind.nouns}`] = sum;
    console.log(`${storeName}, ${kind.nouns}: ${JSON.stringify(sum)}`);
    const faults = outcomes.flatMap((outcome) => outcome.faults);
    for (const fault of faults.slice(0, storeName === "apart" ? 0 : 10)) console.log(`  ${fault}`);
    if (storeName !== "apart" && faults.length > 0) process.exitCode = 1;
  }
  await store.close();
}
console.table(table);

async function playArena(store, kind, at) {
  const arena = await openArena(`${kind.nouns.toLowerCase().replace(/\W/g, "_")}_${at}`, kind, store);
  const share = (all) => Math.floor((all + at) / arenas);
  const isOver = ({ rounds: played, kills: killed }) =>
    kills > 0 ? killed >= share(kills) : played >= share(rounds);
  while (!isOver(arena.outcome)) await arena.playRound(kills > 0 && arena.outcome.rounds > 0);
  await arena.verify();
  await arena.close();
  return arena.outcome;
}

function addUp(outcomes) {
  const sum = {};
  for (const outcome of outcomes)
    for (const [key, value] of Object.entries(outcome))
      if (typeof value === "number") sum[key] = (sum[key] ?? 0) + value;
  return sum;
}
