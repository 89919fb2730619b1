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

test("a client that starts far back does not have the whole trail read", async () => {
  const files = makeMemoryFiles();
  const { length: written } = await appendAll(
    files,
    Array.from({ length: 3_000 }, () => makeEntry()),
  );
  const readRange = files.readRange.bind(files);
  let bytes = 0;
  files.readRange = async (at, start, end) => {
    const range = await readRange(at, start, end);
    bytes += range.length;
    return range;
  };
  const size = files.text(path).length;
  for (const after of [0, 1, 777, 1_500, 2_000]) {
    bytes = 0;
    const found = await readRecent(files, path, { after, limit: 100 });
    expect(found.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 100 }, (_, index) => after + 1 + index),
    );
    expect(bytes, `after ${after} of ${written}`).toBeLessThan(size);
  }
});

test("a trail in disorder is read from its end, and a broken line where the search ends is passed over", async () => {
  const files = makeMemoryFiles();
  await appendAll(
    files,
    Array.from({ length: 900 }, () => makeEntry()),
  );
  const lines = files.text(path).split("\n");
  const seqs = async (after: number) =>
    (await readRecent(files, path, { after, limit: 3 })).map(({ seq }) => seq);
  files.set(path, lines.with(400, "no record").with(401, "{}").join("\n"));
  expect([await seqs(399), await seqs(400), await seqs(401)]).toEqual([
    [400, 403, 404],
    [403, 404, 405],
    [403, 404, 405],
  ]);
  // A record of the past in the middle, and all that follows once more.
  files.set(path, [...lines.slice(0, 500), lines[2], ...lines.slice(300)].join("\n"));
  expect(await seqs(898)).toEqual([899, 900]);
  expect(await seqs(450)).toEqual([451, 452, 453]);
});
