// Months in a minute: nothing grows with the number of passes.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { manifest } from "../support/world.ts";
import { startDaemon } from "./daemon.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** After garbage collection, bytes. */
function heapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => name !== "Immediate" && name !== "Timeout")
    .length;
}

/** Enough that what the engine compiles meanwhile, up to 800 kB, is little beside what each pass may keep. 1,000 in `npm run test:long`. */
const passes = Number(process.env["PASSES"] ?? 400);
const warm = 100;

test("over many passes, with ten saves before each, memory and handles stay as they are", async () => {
  const names = Array.from({ length: 10 }, (_, index) => `group-${index}`);
  const files = Object.fromEntries(names.map((name) => [`subscriptions/${name}.yaml`, manifest(name)]));
  const daemon = await startDaemon({ argv: "watch --interval 60s --debounce 300ms", files });
  await daemon.pass(0);
  const passUntil = async (wanted: number): Promise<void> => {
    while ((await daemon.status()).passes < wanted) {
      for (let save = 0; save < 10; save += 1) daemon.touch();
      await daemon.pass(300);
      daemon.world.requests.length = 0;
      daemon.world.logged.length = 0;
      daemon.world.logFields.length = 0;
    }
  };
  await passUntil(warm);
  const [heapBefore, handlesBefore] = [heapBytes(), handles()];
  await passUntil(passes);
  const grownBytes = (heapBytes() - heapBefore) / (passes - warm);
  expect(handles()).toBe(handlesBefore);
  // What the test itself keeps of a pass is counted in.
  expect(grownBytes).toBeLessThan(8192);
  expect(await daemon.status()).toMatchObject({ passes, failures: 0, lastPass: { triggers: ["files"] } });
  await daemon.stop();
}, 600_000);
