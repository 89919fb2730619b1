// Plays stories of two machines with one store, for `npm run simulate -- --stores files,git,postgres`. With `--behind` a
// machine is stopped behind the last check of a write, and what that costs is counted.
import { createJiti } from "jiti";

const storeNames = ["files", "git", "postgres"];

/** Returns whether a story broke a promise; with `behind` none is made. */
export async function simulateStores({ stores, seed, seeds, from, resources, behind }) {
  const names = stores === "all" ? storeNames : stores.split(",");
  const unknown = names.find((name) => !storeNames.includes(name));
  if (unknown !== undefined) throw new Error(`--stores names some of ${storeNames.join(",")}, or all`);
  const jiti = createJiti(import.meta.url);
  const { play } = await jiti.import("../test/simulation/shared/play.ts");
  const { describeStory } = await jiti.import("../test/simulation/shared/describe-story.ts");
  const [first, count] = seed === undefined ? [Number(from), Number(seeds)] : [Number(seed), 1];
  let isBroken = false;
  for (const store of names) {
    const { ground, close } = await openGround(store, jiti);
    const [sums, checks] = [{}, {}];
    const startedMs = performance.now();
    try {
      for (let at = first; at < first + count; at += 1) {
        const told = await play(at, ground, { resources, isBehind: behind });
        for (const [name, times] of Object.entries(told.totals)) sums[name] = (sums[name] ?? 0) + times;
        for (const check of new Set(told.faults.map(({ check }) => check)))
          checks[check] = (checks[check] ?? 0) + 1;
        if (seed !== undefined) console.log(told.story.join("\n"));
        if (told.faults.length > 0 && !behind) console.log(describeStory(told, store));
        isBroken ||= told.faults.length > 0 && !behind;
        const done = at - first + 1;
        if (done % 100 === 0) console.log(`${store}: ${done} of ${count} seeds, ${show(checks)}`);
      }
    } finally {
      await close();
    }
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`${store}: ${count} seeds in ${seconds} s: ${show(sums)}`);
    console.log(`${store}: seeds that violate a promise: ${show(checks)}`);
  }
  return isBroken;
}

function show(counts) {
  const each = Object.entries(counts).map(([name, times]) => `${times} ${name}`);
  return each.length === 0 ? "none" : each.join(", ");
}

async function openGround(store, jiti) {
  if (store === "files") {
    const { makeFilesGround } = await jiti.import("../test/simulation/shared/files-place.ts");
    const ground = makeFilesGround();
    return { ground, close: ground.close };
  }
  if (store === "git") {
    const { openGitGround } = await jiti.import("../test/simulation/shared/git-place.ts");
    const ground = openGitGround();
    return { ground, close: ground.close };
  }
  const { choosePlace, startServer } = await jiti.import("../test/support/postgres.ts");
  const { openPostgresGround } = await jiti.import("../test/simulation/shared/postgres-place.ts");
  const server = await startServer(await choosePlace());
  const ground = await openPostgresGround(server);
  const close = async () => {
    await ground.close();
    await server.remove();
  };
  return { ground, close };
}
