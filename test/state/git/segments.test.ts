// How a trail is cut into segments.
import { expect, test } from "vitest";
import {
  extendSegments,
  linesFrom,
  parseSegmentName,
  segmentPath,
} from "../../../src/state/git/segments.ts";

const kib = 1024;
/** A record whose line takes so many bytes with its newline. */
const record = (seq: number, bytes: number) => ({
  seq,
  hash: "",
  line: "é".repeat((bytes - 1) / 2) + "x".repeat((bytes - 1) % 2),
});
const segment = (first: number, bytes: number) => ({ first, lines: Buffer.alloc(bytes, "x") });
const shapes = (segments: ReturnType<typeof extendSegments>) =>
  segments.map(({ first, lines }) => [first, lines.length]);

test.each([
  ["the first record begins one", null, [record(1, 100)], [[1, 100]]],
  ["a small one goes on", segment(1, 64 * kib - 1), [record(9, 100)], [[1, 64 * kib + 99]]],
  ["one of 64 KiB is closed", segment(1, 64 * kib), [record(9, 100)], [[9, 100]]],
  ["one takes up to 1 MiB", segment(1, kib), [record(9, 1023 * kib)], [[1, 1024 * kib]]],
  ["none takes more", segment(1, kib), [record(9, 1023 * kib + 1)], [[9, 1023 * kib + 1]]],
  [
    "a record that is larger has its own",
    segment(1, kib),
    [record(9, kib), record(10, 2000 * kib), record(11, kib), record(12, kib)],
    [
      [1, 2 * kib],
      [10, 2000 * kib],
      [11, 2 * kib],
    ],
  ],
])("%s", (_what, last, records, expected) => {
  expect(shapes(extendSegments(last, records))).toEqual(expected);
});

test("a segment's path sorts by its number, in a folder for each thousand", () => {
  expect([1, 999, 1000, 1_234_567].map(segmentPath)).toEqual([
    "trail/000000000/000000000001.jsonl",
    "trail/000000000/000000000999.jsonl",
    "trail/000000001/000000001000.jsonl",
    "trail/000001234/000001234567.jsonl",
  ]);
  expect(parseSegmentName("000001234567.jsonl")).toBe(1_234_567);
  for (const name of ["1.jsonl", "000001234567.json", "README.md"])
    expect(parseSegmentName(name)).toBeNull();
});

test.each([
  [7, "a\n\nc\n"],
  [8, "\nc\n"],
  [9, "c\n"],
  [10, ""],
  [99, ""],
])("from record %i on", (seq, text) => {
  expect(linesFrom({ first: 7, lines: Buffer.from("a\n\nc\n") }, seq).toString()).toBe(text);
});
