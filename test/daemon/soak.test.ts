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

test(
  "over 1,000 passes and 10,000 saves memory and handles stay as they are",
  { timeout: 120_000 },
  async () => {
    const names = Array.from({ length: 10 }, (_, index) => `group-${index}`);
    const files = Object.fromEntries(names.map((name) => [`subscriptions/${name}.yaml`, manifest(name)]));
    const daemon = await startDaemon({ argv: "watch --interval 60s --debounce 300ms", files });
    await daemon.pass(0);
    const passUntil = async (passes: number): Promise<void> => {
      for (
        let { passes: done } = await daemon.status();
        done < passes;
        { passes: done } = await daemon.status()
      ) {
        for (let save = 0; save < 10; save += 1) daemon.touch();
        await daemon.pass(300);
        daemon.world.requests.length = 0;
        daemon.world.logged.length = 0;
      }
    };
    await passUntil(200);
    const [heapBefore, handlesBefore] = [heapBytes(), handles()];
    await passUntil(1000);
    const grownBytes = heapBytes() - heapBefore;
    expect(handles()).toBe(handlesBefore);
    // What the test itself keeps of 800 passes, such as a log's fields, is counted in.
    expect(grownBytes / 800).toBeLessThan(4096);
    expect(await daemon.status()).toMatchObject({
      passes: 1000,
      failures: 0,
      lastPass: { triggers: ["files"] },
    });
    await daemon.stop();
  },
);
