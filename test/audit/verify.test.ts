import fc from "fast-check";
import { expect, test } from "vitest";
import { genesis, genesisHash } from "../../src/audit/record.ts";
import { openTrail } from "../../src/audit/trail.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { appendAll, makeApplied, makeEntry, makeTrail, path, run, startMs, verifyText } from "./samples.ts";

/** Control characters, U+FFFD and text beyond ASCII: where one byte can change without changing the meaning. */
const entries = [
  makeEntry(),
  makeEntry({
    event: "change.failed",
    success: false,
    error: "\u001f \ufffd é 😀 \\ \u007f",
    latencyMs: 7,
  }),
  makeApplied("1", { before: makeEntry().after }),
  makeEntry({ event: "run.finished", success: true }),
];
const plain = await makeTrail(entries);
const signed = await makeTrail(entries, "k");
const lineCount = entries.length;

function hashesOf(text: string): string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { hash: string }).hash);
}

const headOf = (text: string): string => hashesOf(text).at(-1) ?? "";

/** Nothing is broken, accepted or left unsigned. */
const quiet = { unsignedBefore: null, acceptance: null, firstBroken: null, tornTail: false };

test("a sound trail verifies, and its head is its last record", async () => {
  const head = { seq: lineCount, hash: headOf(plain) };
  const sound = { ok: true, records: lineCount, signed: 0, head, ...quiet };
  expect(await verifyText(plain)).toEqual(sound);
  expect(await verifyText(new TextEncoder().encode(plain), { key: "k" })).toEqual(sound);
  expect(await verifyText(signed, { key: "k" })).toEqual({
    ...sound,
    signed: lineCount,
    head: { seq: lineCount, hash: headOf(signed) },
  });
});

test("an empty trail verifies", async () => {
  expect(await verifyText("", { expectHead: genesisHash })).toEqual({
    ok: true,
    records: 0,
    signed: 0,
    head: genesis,
    ...quiet,
  });
});

test.each([
  ["plain", plain, undefined],
  ["signed", signed, "k"],
])("any single changed byte in any line of a %s trail is found", async (_, text, key) => {
  const bytes = new TextEncoder().encode(text);
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, difference) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ difference;
        const line = 1 + bytes.subarray(0, at).filter((byte) => byte === 0x0a).length;
        const found = await verifyText(changed, { key, expectHead: headOf(text) });
        expect(found.ok).toBe(false);
        expect(found.firstBroken?.line).toBe(line);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("a change that leaves the meaning is found all the same", async () => {
  const bytes = Buffer.from(plain);
  const upper = Buffer.from(plain.replace("\\u001f", "\\u001F"));
  const invalid = Buffer.from(bytes);
  invalid[bytes.indexOf("\ufffd")] = 0xf1; // now invalid UTF-8, which a lenient decoder reads as U+FFFD again
  expect((await verifyText(upper)).firstBroken).toEqual({
    line: 2,
    reason: "its spelling was changed, though the hash of what it means still matches",
    isMissing: false,
  });
  expect((await verifyText(invalid)).firstBroken).toEqual({
    line: 2,
    reason: "it is not UTF-8 text",
    isMissing: false,
  });
  expect((await verifyText(`\ufeff${plain}`)).firstBroken?.line).toBe(1);
  expect((await verifyText(plain.replaceAll("\n", "\r\n"))).firstBroken?.line).toBe(1);
});

test("any cut at a line boundary is found with the head, and only with it", async () => {
  for (let kept = 0; kept < lineCount; kept += 1) {
    const cut = plain
      .split("\n")
      .slice(0, kept)
      .map((line) => `${line}\n`)
      .join("");
    expect(await verifyText(cut)).toMatchObject({ ok: true, records: kept });
    expect(await verifyText(cut, { expectHead: headOf(plain) })).toMatchObject({
      ok: false,
      records: kept,
      firstBroken: {
        line: kept + 1,
        reason: "no record has the expected head's hash, so the tail was cut",
        isMissing: true,
      },
    });
  }
});

test("a trail that grew beyond the expected head still holds it", async () => {
  for (const expectHead of [genesisHash, ...hashesOf(plain)]) {
    expect(await verifyText(plain, { expectHead })).toMatchObject({ ok: true, records: lineCount });
  }
});

test("any line that is taken out, doubled or moved is found where it happened", async () => {
  const lines = plain.trimEnd().split("\n");
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: lineCount - 2 }),
      fc.constantFrom("out", "doubled", "moved"),
      async (at, change) => {
        const changed = [...lines];
        const [line = ""] = changed.splice(at, 1);
        if (change === "doubled") changed.splice(at, 0, line, line);
        if (change === "moved") changed.push(line);
        const found = await verifyText(changed.map((text) => `${text}\n`).join(""));
        expect(found.firstBroken?.line).toBe(change === "doubled" ? at + 2 : at + 1);
      },
    ),
  );
});

test("records may be unsigned before the first signed one, and not after", async () => {
  const files = makeMemoryFiles();
  await appendAll(files, [makeEntry(), makeEntry()]);
  await appendAll(files, [makeEntry()], "k");
  expect(await verifyText(files.text(path), { key: "k" })).toMatchObject({
    ok: true,
    records: 3,
    signed: 1,
  });
  await appendAll(files, [makeEntry()]);
  expect(await verifyText(files.text(path), { key: "k" })).toMatchObject({
    ok: false,
    records: 3,
    firstBroken: { line: 4, reason: "it is not signed, but a record before it is" },
  });
});

test("a signed trail does not verify without its key", async () => {
  expect(await verifyText(signed)).toMatchObject({
    ok: false,
    records: 0,
    head: genesis,
    firstBroken: { line: 1 },
  });
});

test("a torn tail is told, and is no fault", async () => {
  expect(await verifyText(plain.slice(0, -1))).toMatchObject({
    ok: true,
    records: lineCount - 1,
    tornTail: true,
  });
});

test("any torn cut of the last line never blocks a run, and the chain verifies after more records", async () => {
  const [text, key] = [Buffer.from(signed), "k"];
  const lastLineStart = text.subarray(0, -1).lastIndexOf("\n") + 1;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: lastLineStart + 1, max: text.length - 1 }), async (sizeBytes) => {
      const files = makeMemoryFiles();
      files.set(path, text.subarray(0, sizeBytes));
      const trail = await openTrail({ files, clock: makeFakeClock(startMs), path, run, key });
      expect(trail.notices).toHaveLength(1);
      await Promise.all([trail.append(makeEntry()), trail.append(makeEntry())]);
      await trail.close();
      expect(await verifyText(await files.read(path, Infinity), { key })).toMatchObject({
        ok: true,
        records: lineCount + 1,
        signed: lineCount + 1,
        tornTail: false,
      });
    }),
  );
});

/** One window of reading holds 512 KiB. */
const windowBytes = 512 * 1024;

test("a line may lie across windows, and fill several", async () => {
  const [emptyLine = ""] = (await makeTrail([makeEntry({ group: "" })])).split("\n");
  // Ends that fall just before, on and just after a window's end.
  for (const surplus of [-2, -1, 0, 1, 2]) {
    const first = "g".repeat(windowBytes + surplus - emptyLine.length - 1);
    const text = await makeTrail([
      makeEntry({ group: first }),
      makeEntry(),
      makeEntry({ group: "h".repeat(3 * windowBytes) }),
      makeEntry(),
    ]);
    expect(text.indexOf("\n") + 1).toBe(windowBytes + surplus);
    expect(await verifyText(text)).toMatchObject({ ok: true, records: 4 });
    expect(await verifyText(text.replace("hhh", "hhi"))).toMatchObject({
      records: 2,
      firstBroken: { line: 3 },
    });
    expect(await verifyText(text.slice(0, -1))).toMatchObject({ ok: true, records: 3, tornTail: true });
  }
});

test("a long trail is read a window at a time", async () => {
  const files = makeMemoryFiles();
  await appendAll(
    files,
    Array.from({ length: 600 }, () => makeEntry({ error: "e".repeat(4_000) })),
  );
  const readRange = files.readRange.bind(files);
  const reads: number[] = [];
  files.readRange = (from, start, end) => {
    reads.push(end - start);
    return readRange(from, start, end);
  };
  expect(await verifyTrail(files, path)).toMatchObject({ ok: true, records: 600 });
  expect(Math.max(...reads)).toBe(windowBytes);
  expect(reads.length).toBeGreaterThan(3);
});

test("a line beyond the longest that is written is broken, and is not held", async () => {
  const mebibyte = 1024 * 1024;
  const text = `${plain}{"seq":5,"hash":"${"x".repeat(17 * mebibyte)}"}\n${plain}`;
  expect(await verifyText(text)).toMatchObject({
    records: lineCount,
    firstBroken: { line: lineCount + 1, reason: "it is longer than 16 MiB" },
  });
});

test("a trail that is cut while it is read ends there", async () => {
  const files = makeMemoryFiles({ [path]: plain });
  files.stat = () => Promise.resolve({ kind: "file", sizeBytes: plain.length + windowBytes });
  expect(await verifyTrail(files, path)).toMatchObject({ ok: true, records: lineCount });
});

test("what cannot be read as a trail is an error that says why", async () => {
  const files = makeMemoryFiles({ "/logs/a.log": "" });
  await expect(verifyTrail(files, "/logs")).rejects.toMatchObject({
    code: "audit/unreadable",
    message: "the audit trail /logs cannot be read: it is a folder",
  });
});
