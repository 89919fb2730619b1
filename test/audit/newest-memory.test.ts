// What a reading from a trail's end holds does not grow with the trail, whatever is asked for.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { readNewest } from "../../src/audit/newest.ts";
import type { TrailFiles } from "../../src/audit/trail-parts.ts";
import { makeApplied, makeEntry, makeTrail, path } from "./samples.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The number of the first record, so that all numbers have as many digits. */
const first = 1_000_001;

/**
 * A trail of intents and their outcomes, whose lines are made when they are read, all of one length. `onStart` is called
 * before its first bytes are read.
 */
async function makeLongTrail(records: number, onStart: () => void): Promise<TrailFiles> {
  const entries = [makeEntry({ group: "other" }), makeApplied("w", { group: "other", intent: 1 })];
  const [intent = "", outcome = ""] = (await makeTrail(entries)).split("\n");
  const lineAt = (index: number): string => {
    const seq = first + index;
    const text = index % 2 === 0 ? intent : outcome.replace('"intent":1,', `"intent":${seq - 1},`);
    return text.replace(/^\{"seq":\d+,/, `{"seq":${seq},`).padEnd(lineBytes - 1) + "\n";
  };
  const lineBytes = Math.max(intent.length, outcome.length) + 20;
  const sizeBytes = records * lineBytes;
  return {
    list: () => Promise.resolve([]),
    stat: () => Promise.resolve({ kind: "file", sizeBytes }),
    readRange: (_path, start, end) => {
      if (start === 0) onStart();
      const [from, to] = [Math.floor(start / lineBytes), Math.ceil(end / lineBytes)];
      const text = Array.from({ length: to - from }, (_, index) => lineAt(from + index)).join("");
      return Promise.resolve(Buffer.from(text).subarray(start - from * lineBytes, end - from * lineBytes));
    },
  };
}

/** The heap, after garbage collection, once all lines but the first window's are read. */
async function heldBytes(records: number, more: { readonly group?: string; readonly actor?: string }) {
  let bytes = 0;
  const files = await makeLongTrail(records, () => {
    collect();
    collect();
    bytes = process.memoryUsage().heapUsed;
  });
  const filter = {
    ...{ sinceMs: null, untilMs: null, run: null },
    ...{ groups: more.group === undefined ? null : [more.group], actor: more.actor ?? null },
  };
  const newest = await readNewest(files, path, {
    ...{ filter, limit: 20, withSettled: false },
    shape: ({ text }) => text,
  });
  expect(newest).toMatchObject({ isWhole: true, found: new Map() });
  return bytes;
}

test.each([{ group: "missing" }, { actor: "nobody" }])(
  "%o is looked for through the whole trail",
  async (asked) => {
    await heldBytes(2_000, asked);
    const short = await heldBytes(2_000, asked);
    const long = await heldBytes(120_000, asked);
    expect(long - short).toBeLessThan(512 * 1024);
  },
);
