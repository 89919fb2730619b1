// The end of a trail for whoever follows it: the last records, or those after one, never with a hole.
import { expect, test } from "vitest";
import { readRecent } from "../../src/audit/recent.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { appendAll, makeEntry, path } from "./samples.ts";

const length = 23;

async function trail() {
  const files = makeMemoryFiles();
  await appendAll(
    files,
    Array.from({ length }, () => makeEntry()),
  );
  return files;
}

test("whatever is asked for, no record is left out between, and there are never more than asked for", async () => {
  const files = await trail();
  for (let limit = 1; limit <= length + 2; limit += 1) {
    const seqs = async (after: number | null) =>
      (await readRecent(files, path, { after, limit })).map(({ seq }) => seq);
    const all = Array.from({ length }, (_, index) => index + 1);
    expect(await seqs(null)).toEqual(all.slice(-limit));
    for (let after = 0; after <= length + 1; after += 1)
      expect(await seqs(after), `after ${after}, limit ${limit}`).toEqual(all.slice(after, after + limit));
  }
});

test("what is no record is passed over, and without a trail there are none", async () => {
  const files = await trail();
  files.set(path, `${files.text(path)}no record\n{"seq":"x"}\n`);
  const last = await readRecent(files, path, { after: null, limit: 2 });
  expect(last.map(({ seq }) => seq)).toEqual([length - 1, length]);
  expect(await readRecent(makeMemoryFiles(), path, { after: null, limit: 2 })).toEqual([]);
});
