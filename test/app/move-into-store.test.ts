// How many appends a move takes.
import { expect, test } from "vitest";
import { moveIntoStore } from "../../src/app/move-into-store.ts";
import { makeEntry, makeTrail, path } from "../audit/samples.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";

test.each([
  [false, [500, 100]],
  [true, [600]],
])("records that wait for each other (%s) are appended in batches of %j", async (gathers, batches) => {
  const text = await makeTrail(Array.from({ length: 600 }, () => makeEntry()));
  const appended: number[] = [];
  const lines: string[] = [];
  const shown: number[] = [];
  await moveIntoStore(
    (records) => {
      appended.push(records.length);
      lines.push(...records.map(({ line }) => `${line}\n`));
      return Promise.resolve();
    },
    {
      ...{ files: makeMemoryFiles({ [path]: text }), from: path, doneBytes: 0, gathers },
      mayGoOn: () => Promise.resolve(),
      onProgress: (seq) => shown.push(seq),
    },
  );
  expect([appended, lines.join(""), shown.at(-1)]).toEqual([batches, text, 600]);
});
