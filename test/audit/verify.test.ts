import fc from "fast-check";
import { expect, test } from "vitest";
import { genesis, genesisHash } from "../../src/audit/record.ts";
import { openTrail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { appendAll, makeApplied, makeEntry, makeTrail, path, run, startMs } from "./samples.ts";

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

test("a sound trail verifies, and its head is its last record", () => {
  const head = { seq: lineCount, hash: headOf(plain) };
  const sound = { ok: true, records: lineCount, signed: 0, head, firstBroken: null, tornTail: false };
  expect(verifyTrail(plain)).toEqual(sound);
  expect(verifyTrail(new TextEncoder().encode(plain), { key: "k" })).toEqual(sound);
  expect(verifyTrail(signed, { key: "k" })).toEqual({
    ...sound,
    signed: lineCount,
    head: { seq: lineCount, hash: headOf(signed) },
  });
});

test("an empty trail verifies", () => {
  expect(verifyTrail("", { expectHead: genesisHash })).toEqual({
    ok: true,
    records: 0,
    signed: 0,
    head: genesis,
    firstBroken: null,
    tornTail: false,
  });
});

test.each([
  ["plain", plain, undefined],
  ["signed", signed, "k"],
])("any single changed byte in any line of a %s trail is found", (_, text, key) => {
  const bytes = new TextEncoder().encode(text);
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, difference) => {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ difference;
      const line = 1 + bytes.subarray(0, at).filter((byte) => byte === 0x0a).length;
      const found = verifyTrail(changed, { key, expectHead: headOf(text) });
      expect(found.ok).toBe(false);
      expect(found.firstBroken?.line).toBe(line);
    }),
    { numRuns: 1_000 },
  );
});

test("a change that leaves the meaning is found all the same", () => {
  const bytes = Buffer.from(plain);
  const upper = Buffer.from(plain.replace("\\u001f", "\\u001F"));
  const invalid = Buffer.from(bytes);
  invalid[bytes.indexOf("\ufffd")] = 0xf1; // now invalid UTF-8, which a lenient decoder reads as U+FFFD again
  expect(verifyTrail(upper).firstBroken).toEqual({
    line: 2,
    reason: "its spelling was changed, though the hash of what it means still matches",
  });
  expect(verifyTrail(invalid).firstBroken).toEqual({ line: 2, reason: "it is not UTF-8 text" });
  expect(verifyTrail(`\ufeff${plain}`).firstBroken?.line).toBe(1);
  expect(verifyTrail(plain.replaceAll("\n", "\r\n")).firstBroken?.line).toBe(1);
});

test("any cut at a line boundary is found with the head, and only with it", () => {
  for (let kept = 0; kept < lineCount; kept += 1) {
    const cut = plain
      .split("\n")
      .slice(0, kept)
      .map((line) => `${line}\n`)
      .join("");
    expect(verifyTrail(cut)).toMatchObject({ ok: true, records: kept });
    expect(verifyTrail(cut, { expectHead: headOf(plain) })).toMatchObject({
      ok: false,
      records: kept,
      firstBroken: {
        line: kept + 1,
        reason: "it is missing: no record has the expected head's hash, so the tail was cut",
      },
    });
  }
});

test("a trail that grew beyond the expected head still holds it", () => {
  for (const expectHead of [genesisHash, ...hashesOf(plain)]) {
    expect(verifyTrail(plain, { expectHead })).toMatchObject({ ok: true, records: lineCount });
  }
});

test("any line that is taken out, doubled or moved is found where it happened", () => {
  const lines = plain.trimEnd().split("\n");
  fc.assert(
    fc.property(
      fc.nat({ max: lineCount - 2 }),
      fc.constantFrom("out", "doubled", "moved"),
      (at, change) => {
        const changed = [...lines];
        const [line = ""] = changed.splice(at, 1);
        if (change === "doubled") changed.splice(at, 0, line, line);
        if (change === "moved") changed.push(line);
        const found = verifyTrail(changed.map((text) => `${text}\n`).join(""));
        expect(found.firstBroken?.line).toBe(change === "doubled" ? at + 2 : at + 1);
      },
    ),
  );
});

test("records may be unsigned before the first signed one, and not after", async () => {
  const files = makeMemoryFiles();
  await appendAll(files, [makeEntry(), makeEntry()]);
  await appendAll(files, [makeEntry()], "k");
  expect(verifyTrail(files.text(path), { key: "k" })).toMatchObject({ ok: true, records: 3, signed: 1 });
  await appendAll(files, [makeEntry()]);
  expect(verifyTrail(files.text(path), { key: "k" })).toMatchObject({
    ok: false,
    records: 3,
    firstBroken: { line: 4, reason: "it is not signed, but a record before it is" },
  });
});

test("a signed trail does not verify without its key", () => {
  expect(verifyTrail(signed)).toMatchObject({
    ok: false,
    records: 0,
    head: genesis,
    firstBroken: { line: 1 },
  });
});

test("a torn tail is told, and is no fault", () => {
  expect(verifyTrail(plain.slice(0, -1))).toMatchObject({
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
      expect(verifyTrail(await files.read(path), { key })).toMatchObject({
        ok: true,
        records: lineCount + 1,
        signed: lineCount + 1,
        tornTail: false,
      });
    }),
  );
});
