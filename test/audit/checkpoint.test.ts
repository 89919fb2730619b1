// Tests that a checkpoint spares a reading of the trail while it fits, and that without it the same comes out.
import {
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
  appendFile,
  copyFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { readHistory } from "../../src/audit/history.ts";
import { proveBytes } from "../../src/audit/prove-bytes.ts";
import { keepCheckpointOf } from "../../src/audit/renew-checkpoint.ts";
import {
  requireTrail,
  tryToKeep,
  type CheckedTrail,
  type TrailWish,
} from "../../src/audit/require-trail.ts";
import { openTrail } from "../../src/audit/trail.ts";
import { diskFiles, type Files } from "../../src/lib/files.ts";
import { sha256Hex } from "../../src/lib/hash.ts";
import { once } from "../../src/lib/once.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { reseal } from "../support/reseal.ts";
import { makeApplied, makeDocument, makeTrail, placeOf, run, seen, startMs } from "./samples.ts";

let folder = "";
let trail = "";
let wish: TrailWish;
/** How many bytes of the trail were read. */
let readBytes = 0;
const folders: string[] = [];

const files: Files = {
  ...diskFiles,
  readRange: async (path, start, end) => {
    const bytes = await diskFiles.readRange(path, start, end);
    if (path === trail) readBytes += bytes.length;
    return bytes;
  },
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reconcile-checkpoint-"));
  folders.push(folder);
  trail = join(folder, "trail.log");
  wish = {
    ...{
      path: trail,
      headPath: join(folder, "head.json"),
      checkpointPath: join(folder, "checkpoint.json"),
    },
    ...{ leastTrailBytes: 0, key: undefined, environment: "sandbox", dryRun: false, acceptHead: null },
  };
  await writeFile(trail, await longTrail());
});

afterAll(() => Promise.all(folders.map((one) => rm(one, { recursive: true }))));

/** The last records of few resources, and before them many of one: it is longer than what is read at once. */
const longTrail = once(async (): Promise<string> => {
  const change = (at: number) =>
    makeApplied("1", { operation: "update", after: makeDocument({ name: `n${at}` }) });
  return makeTrail([
    makeApplied("2"),
    makeApplied("3"),
    ...Array.from({ length: 2_500 }, (_, at) => change(at)),
  ]);
});

/** What a run finds: the proof, and what the trail recorded last. */
async function look(more: Partial<TrailWish> = {}) {
  readBytes = 0;
  const checked = await requireTrail({ ...wish, ...more }, files);
  const { index } = checked;
  const history = await readHistory(files, { ...placeOf(trail), index }, seen([]));
  const { records, head, sizeBytes } = checked.mark?.proven ?? {};
  const codes = checked.diagnostics.map(({ code, message }) => `${code}: ${message}`);
  return {
    found: { records, head, sizeBytes, codes, recorded: [...history.recorded] },
    checked,
    readBytes,
  };
}

async function lookOrFail(more: Partial<TrailWish> = {}): Promise<unknown> {
  return look(more).then(
    ({ found }) => found,
    (error: unknown) => String(error),
  );
}

/** Expects the outcome of a run that has no checkpoint; returns it. */
async function expectAsWithout(more: Partial<TrailWish> = {}): Promise<unknown> {
  const kept = await readFile(wish.headPath);
  const found = await lookOrFail(more);
  await writeFile(wish.headPath, kept);
  expect(found).toEqual(await lookOrFail({ ...more, checkpointPath: undefined }));
  return found;
}

function sha256In(json: string): string {
  return (JSON.parse(json) as { readonly sha256: string }).sha256;
}

async function edit(change: (text: string) => string): Promise<void> {
  const file = await open(trail, "r+");
  const text = change(await readFile(trail, "utf8"));
  await file.truncate(Buffer.byteLength(text));
  await file.write(text, 0);
  await file.close();
}

const openAfter = (checked: CheckedTrail) =>
  openTrail({ files, clock: makeFakeClock(startMs + 1_000), path: trail, run, checked });

async function appendRecord(text = "n-last"): Promise<void> {
  const checked = await proveBytes((await look()).checked, wish, files);
  const opened = await openAfter(checked);
  await opened.append(makeApplied("1", { operation: "update", after: makeDocument({ name: text }) }));
  const mark = opened.mark();
  if (mark) await tryToKeep(mark, wish, files);
  await keepCheckpointOf({ mark, identity: opened.files() }, { ...wish, index: checked.index }, files);
  await opened.close();
}

test("a trail that nobody changed is read near its end alone, by a dry run and by a run that may write", async () => {
  const first = await look();
  expect(first.readBytes).toBeGreaterThan(first.found.sizeBytes ?? 0);
  for (const dryRun of [false, true]) {
    const next = await look({ dryRun });
    expect(next.found).toEqual(first.found);
    expect(next.readBytes).toBeLessThan(first.found.sizeBytes ?? 0);
    expect(next.checked.digest).toBe(first.checked.digest);
  }
});

test("a dry run makes the checkpoint, too, and the head is kept by runs alone", async () => {
  const first = await look({ dryRun: true });
  expect((await look({ dryRun: true })).readBytes).toBeLessThan(first.found.sizeBytes ?? 0);
  await expect(readFile(wish.headPath)).rejects.toMatchObject({ code: "ENOENT" });
  const run = await look();
  expect(run.found).toEqual(first.found);
  expect(run.checked.digest).toBe(sha256In(await readFile(wish.headPath, "utf8")));
});

test("what a run appends itself needs no second reading", async () => {
  await look();
  await appendRecord();
  const next = await look({ dryRun: true });
  expect(next.found.recorded).toContainEqual(["1", makeDocument({ name: "n-last" })]);
  expect(next.readBytes).toBeLessThan(next.found.sizeBytes ?? 0);
  await expectAsWithout();
});

test("what another process appends is proven, and found", async () => {
  const before = await look();
  const opened = await openAfter((await look({ checkpointPath: undefined })).checked);
  await opened.append(makeApplied("4", { after: makeDocument({ name: "other" }) }));
  await opened.close();
  const { found, checked } = await look();
  expect(found.recorded).toContainEqual(["4", makeDocument({ name: "other" })]);
  expect(found.records).toBe((before.found.records ?? 0) + 1);
  expect(checked.digest).toBe(sha256Hex(await readFile(trail, "utf8")));
  await expectAsWithout();
});

const damages: readonly (readonly [string, () => Promise<void>])[] = [
  ["edited in the middle, of the same size", () => edit((text) => text.replace("n77", "n78"))],
  [
    "edited and its time set back",
    async () => {
      await edit((text) => text.replace("n77", "n78"));
      await utimes(trail, 1_000, 1_000);
    },
  ],
  ["cut", () => edit((text) => `${text.split("\n").slice(0, -3).join("\n")}\n`)],
  ["emptied", () => edit(() => "")],
  ["removed", () => rm(trail)],
  ["torn at its end", () => appendFile(trail, '{"seq":')],
  [
    "replaced by a copy",
    async () => {
      await copyFile(trail, `${trail}.new`);
      await rename(`${trail}.new`, trail);
    },
  ],
  [
    "replaced by a shorter one with a sound chain",
    async () => {
      await writeFile(trail, await makeTrail([makeApplied("9")]));
    },
  ],
  ["forged as a whole", () => edit((text) => reseal(text.replaceAll('"n77"', '"n78"')))],
  ["edited at its end", () => edit((text) => text.replace("n2499", "n2498"))],
  ["only touched", () => utimes(trail, 1_000, 1_000)],
];

test.each(damages)("a trail that was %s comes out as without a checkpoint", async (_, damage) => {
  await look();
  await damage();
  await expectAsWithout({ dryRun: true });
  await expectAsWithout();
});

const damagedCheckpoints: readonly (readonly [string, (text: string) => string])[] = [
  ["is empty", () => ""],
  ["is cut", (text) => text.slice(0, -20)],
  ["was edited", (text) => text.replace('"seq":2502', '"seq":2501')],
  ["lost a line of its index", (text) => text.replace(/"lines":\[\[\d+,\d+\],/, '"lines":[')],
  ["is of another format", (text) => text.replace('"formatVersion":1', '"formatVersion":2')],
  ["is no JSON", () => "checkpoint\ncheckpoint"],
];

test.each(damagedCheckpoints)("a checkpoint that %s is made anew", async (_, damage) => {
  await look();
  await look();
  const path = wish.checkpointPath ?? "";
  const whole = await readFile(path, "utf8");
  expect(damage(whole)).not.toBe(whole);
  await writeFile(path, damage(whole));
  await look();
  expect(await readFile(path, "utf8")).toBe(whole);
  await expectAsWithout();
});

test("a checkpoint that was changed while the trail stands still leads no run to write", async () => {
  await look();
  const { checked } = await look();
  // The disk tells nothing of this edit: the identity is that of the edited file.
  await edit((text) => text.replace("n77", "n78"));
  await expect(proveBytes(checked, wish, files)).rejects.toMatchObject({ code: "audit/broken" });
  await expect(readFile(wish.checkpointPath ?? "")).rejects.toMatchObject({ code: "ENOENT" });
});

test("with a key only a checkpoint that is sealed under it counts, and one without a key leaves it", async () => {
  const key = "k".repeat(40);
  const signed = await makeTrail(
    Array.from({ length: 2_500 }, () => makeApplied("1")),
    key,
  );
  await writeFile(trail, signed);
  await look({ key });
  await look({ key });
  const sealed = await readFile(wish.checkpointPath ?? "", "utf8");
  expect((await look({ key, dryRun: true })).readBytes).toBeLessThan(signed.length);
  await look({ dryRun: true });
  expect(await readFile(wish.checkpointPath ?? "", "utf8")).toBe(sealed);
  await writeFile(wish.checkpointPath ?? "", sealed.replace(/"seal":"[0-9a-f]{8}/, '"seal":"00000000'));
  expect((await look({ key, dryRun: true })).readBytes).toBeGreaterThan(signed.length);
});

test("where nothing can be written there is no checkpoint, and no error", async () => {
  const first = await look({ dryRun: true, checkpointPath: join(folder, "absent", "checkpoint.json") });
  expect(first.found.codes).toEqual([]);
  await expect(readFile(join(folder, "absent", "checkpoint.json"))).rejects.toMatchObject({
    code: "ENOENT",
  });
  const failing: Files = {
    ...files,
    write: () => Promise.reject(Object.assign(new Error("no"), { code: "EROFS" })),
  };
  const { diagnostics } = await requireTrail({ ...wish, dryRun: true }, failing);
  expect(diagnostics).toEqual([]);
});

test("a short trail gets none", async () => {
  await writeFile(trail, await makeTrail([makeApplied("1")]));
  await look({ leastTrailBytes: undefined });
  await expect(readFile(wish.checkpointPath ?? "")).rejects.toMatchObject({ code: "ENOENT" });
});
