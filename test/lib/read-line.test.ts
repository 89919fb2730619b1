// Reading an answer from standard input.
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { readLineOf } from "../../src/lib/read-line.ts";

const never = new AbortController().signal;

test("returns the next line, without its end", async () => {
  const stream = new PassThrough();
  const first = readLineOf(stream, never);
  stream.write("ye");
  stream.write("s\r\n");
  expect(await first).toBe("yes");
  const second = readLineOf(stream, never);
  stream.write("no\n");
  expect(await second).toBe("no");
});

test("returns null at the end of the stream, at once if it has ended before, and after an error", async () => {
  const stream = new PassThrough();
  const read = readLineOf(stream, never);
  stream.end();
  expect(await read).toBeNull();
  expect(await readLineOf(stream, never)).toBeNull();
  const broken = new PassThrough();
  const failed = readLineOf(broken, never);
  broken.destroy(new Error("EIO"));
  expect(await failed).toBeNull();
});

test("returns null once it is stopped", async () => {
  const stop = new AbortController();
  const read = readLineOf(new PassThrough(), stop.signal);
  stop.abort();
  expect(await read).toBeNull();
  expect(await readLineOf(new PassThrough(), stop.signal)).toBeNull();
});
