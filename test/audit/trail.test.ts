// The trail on disk: how it begins, goes on, heals after a crash, and refuses what would break its chain.
// More than 400 lines, because each way to end a file goes with what the next run makes of it.
import { expect, test } from "vitest";
import { genesis, genesisHash } from "../../src/audit/record.ts";
import { formatRecord } from "../support/format-record.ts";
import { identifyTrail } from "../../src/audit/trail-identity.ts";
import { openTrail, type Trail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { emptyMetrics } from "../../src/audit/metrics.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { makeMemoryFiles, type DiskOperation, type MemoryFiles } from "../support/memory-files.ts";
import { appendAll, makeApplied, makeEntry, makeTrail, path, run, startMs } from "./samples.ts";

function open(files: MemoryFiles, key?: string): Promise<Trail> {
  return openTrail({ files, clock: makeFakeClock(startMs), path, run, ...(key && { key }) });
}

async function failureOf(promise: Promise<unknown>): Promise<ReconcileError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ReconcileError) return error;
  throw new Error("no ReconcileError was thrown", { cause: error });
}

test("a first record starts the chain, in a file that only its owner may read", async () => {
  const files = makeMemoryFiles();
  const trail = await open(files);
  const entry = makeEntry();
  const record = await trail.append(entry);
  expect(record).toEqual({
    ...entry,
    ...run,
    seq: 1,
    timestamp: "2026-01-02T03:04:05.006Z",
    metrics: { ...emptyMetrics, totalAttempts: 1 },
    prevHash: genesisHash,
    hash: record.hash,
  });
  expect(files.text(path)).toBe(formatRecord(record));
  expect(files.mode(path)).toBe(0o600);
  expect(trail.head()).toEqual({ seq: 1, hash: record.hash });
  expect(trail.notices).toEqual([]);
});

test("a trail that nothing is appended to has the genesis as its head", async () => {
  const trail = await open(makeMemoryFiles());
  expect(trail.head()).toEqual(genesis);
});

test("a later run carries on the number, the chain and the metrics", async () => {
  const files = makeMemoryFiles();
  const [, first] = await appendAll(files, [makeEntry(), makeApplied("1")]);
  const [second] = await appendAll(files, [makeEntry()]);
  expect(second).toMatchObject({ seq: 3, prevHash: first?.hash });
  expect(second?.metrics).toEqual({
    ...emptyMetrics,
    totalAttempts: 2,
    successfulRegistrations: 1,
    averageLatency: 20,
  });
  expect(await verifyTrail(files, path)).toMatchObject({ ok: true, records: 3 });
});

test("groups that a pass split again are counted with its record", async () => {
  const trail = await open(makeMemoryFiles());
  const record = await trail.append(makeEntry({ event: "run.finished" }), { rebalancedGroups: 2 });
  expect(record.metrics.rebalanceTriggers).toBe(2);
});

test("only the end of a long trail is read", async () => {
  const files = makeMemoryFiles();
  await appendAll(
    files,
    Array.from({ length: 2_000 }, () => makeEntry()),
  );
  const sizeBytes = files.text(path).length;
  const openAppend = files.openAppend.bind(files);
  let readBytes = 0;
  files.openAppend = async (...given) => {
    const file = await openAppend(...given);
    return {
      ...file,
      readRange: (start, end) => {
        readBytes += end - start;
        return file.readRange(start, end);
      },
    };
  };
  expect((await open(files)).head().seq).toBe(2_000);
  expect(sizeBytes).toBeGreaterThan(1_000_000);
  expect(readBytes).toBe(64 * 1024);
});

test("a last line longer than the first look back is found", async () => {
  const files = makeMemoryFiles();
  const description = "é".repeat(300_000);
  const before = { ...makeEntry().after, description } as ReturnType<typeof makeEntry>["before"];
  await appendAll(files, [makeEntry(), makeEntry({ before })]);
  const trail = await open(files);
  expect(trail.head().seq).toBe(2);
  expect(trail.notices).toEqual([]);
});

test("an append returns only once its record would survive a power cut", async () => {
  const files = makeMemoryFiles();
  const trail = await open(files);
  const record = await trail.append(makeEntry());
  files.cutPower();
  expect(files.text(path)).toBe(formatRecord(record));
});

test("an append whose sync is held back stays open, and the head stays behind", async () => {
  const files = makeMemoryFiles();
  const trail = await open(files);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const reached = new Promise<void>((resolve) => {
    files.before = (operation) => {
      if (operation !== "sync") return;
      resolve();
      return held;
    };
  });
  let isDone = false;
  const appended = trail.append(makeEntry()).then(() => (isDone = true));
  await reached;
  expect({ isDone, head: trail.head() }).toEqual({ isDone: false, head: genesis });
  release();
  await appended;
  expect(trail.head().seq).toBe(1);
});

test("a thousand appends at once are in the order of the calls, in two writes", async () => {
  const files = makeMemoryFiles();
  const trail = await open(files);
  const groups = Array.from({ length: 1_000 }, (_, index) => `g${index}`);
  const records = await Promise.all(groups.map((group) => trail.append(makeEntry({ group }))));
  expect(records.map(({ group }) => group)).toEqual(groups);
  expect(files.text(path)).toBe(records.map(formatRecord).join(""));
  expect(files.syncs()).toBe(2);
  expect(await verifyTrail(files, path)).toMatchObject({ ok: true, records: 1_000 });
});

test("close waits for the records under way, and nothing is appended after it", async () => {
  const files = makeMemoryFiles();
  const trail = await open(files);
  const appended = [trail.append(makeEntry()), trail.append(makeEntry())];
  await trail.close();
  expect((await verifyTrail(files, path)).records).toBe(2);
  await Promise.all(appended);
  await expect(trail.append(makeEntry())).rejects.toThrow("closed trail");
});

test("a close that fails does not hide what the run did", async () => {
  const files = makeMemoryFiles();
  const trail = await open(files);
  await trail.append(makeEntry());
  files.failNext("close", "EIO");
  await expect(trail.close()).resolves.toBeUndefined();
});

const refusals: readonly (readonly [string, string])[] = [
  ["EACCES", "give this user write permission on the file and its folder"],
  ["EPERM", "give this user write permission on the file and its folder"],
  ["EROFS", "its file system is read-only"],
  ["ENOSPC", "free some disk space"],
  ["EDQUOT", "free some of this user's disk quota"],
  ["EIO", "check the disk"],
];

test.each(refusals)("a trail that cannot be opened (%s) is refused with the way out", async (code, way) => {
  const files = makeMemoryFiles();
  files.failNext("openAppend", code);
  const error = await failureOf(open(files));
  expect(error.code).toBe("audit/unwritable");
  expect(error.message).toContain(path);
  expect(error.message).toContain(code);
  expect(error.hint).toContain(way);
  expect(error.hint).toContain("audit.file");
});

test("a trail whose end cannot be read is refused, and its file closed", async () => {
  const files = makeMemoryFiles();
  const operations: DiskOperation[] = [];
  files.before = (operation) => void operations.push(operation);
  files.failNext("sizeBytes", "EIO");
  expect(await failureOf(open(files))).toMatchObject({ code: "audit/unwritable" });
  expect(operations).toEqual(["openAppend", "sizeBytes", "close"]);
});

test.each(["append", "sync", "sizeBytes"] as const)(
  "after a failed %s the records under way and all later ones are refused",
  async (operation) => {
    const files = makeMemoryFiles();
    const trail = await open(files);
    const kept = await trail.append(makeEntry());
    files.failNext(operation, "ENOSPC", 10);
    const outcomes = await Promise.all([1, 2, 3].map(() => failureOf(trail.append(makeEntry()))));
    const later = await failureOf(trail.append(makeEntry()));
    expect([...outcomes, later].map(({ code }) => code)).toEqual(Array(4).fill("audit/unwritable"));
    expect(later.message).toContain(path);
    expect(trail.head()).toEqual({ seq: 1, hash: kept.hash });
    await trail.close();
  },
);

test("the next run heals what a full disk left half written", async () => {
  const files = makeMemoryFiles();
  const trail = await open(files);
  await trail.append(makeEntry());
  files.failNext("append", "ENOSPC", 10);
  await failureOf(trail.append(makeEntry()));
  await trail.close();
  await appendAll(files, [makeEntry()]);
  expect(await verifyTrail(files, path)).toMatchObject({ ok: true, records: 2, tornTail: false });
});

test("a second writer is noticed before the chain forks", async () => {
  const files = makeMemoryFiles();
  const [one, other] = [await open(files), await open(files)];
  await one.append(makeEntry());
  const error = await failureOf(other.append(makeEntry()));
  expect(error).toMatchObject({
    code: "audit/unwritable",
    message: `the audit trail ${path} grew or shrank while this run was writing it`,
    hint: "let one process at a time write it: give each state directory its own audit.file",
  });
  expect(await verifyTrail(files, path)).toMatchObject({ ok: true, records: 1 });
});

test("a very long error text is cut, in whole characters", async () => {
  const trail = await open(makeMemoryFiles());
  const { error } = await trail.append(makeEntry({ error: "😀".repeat(10_000) + "end" }));
  expect(error).toBe(`${"😀".repeat(8_192)}… (3619 more characters)`);
});

test("a record that no reader would take is refused alone", async () => {
  const files = makeMemoryFiles();
  const trail = await open(files);
  const endpoint = "\u0001".repeat(3_000_000);
  expect(await failureOf(trail.append(makeEntry({ endpoint })))).toMatchObject({
    code: "audit/recordTooLong",
  });
  await trail.append(makeEntry());
  expect(await verifyTrail(files, path)).toMatchObject({ ok: true, records: 1 });
});

const torn = `the last line of ${path} was cut short, as by a crash while it was written; it was moved to ${path}.torn`;
test("a torn last line is set aside, reported, and the chain goes on", async () => {
  const text = await makeTrail([makeEntry(), makeEntry({ group: "h" })]);
  const [firstLine = "", secondLine = ""] = text.split("\n");
  const half = secondLine.slice(0, 100);
  const files = makeMemoryFiles({ [path]: `${firstLine}\n${half}` });
  const trail = await open(files);
  expect(trail.notices).toEqual([torn]);
  expect(files.text(path)).toBe(`${firstLine}\n`);
  expect(files.text(`${path}.torn`)).toBe(`${half}\n`);
  expect(files.mode(`${path}.torn`)).toBe(0o600);
  files.cutPower();
  expect([files.text(path), files.text(`${path}.torn`)]).toEqual([`${firstLine}\n`, `${half}\n`]);
  await trail.append(makeEntry());
  expect(await verifyTrail(files, path)).toMatchObject({ ok: true, records: 2 });
});

test("each torn line is set aside under a name of its own, and no file or link is in the way", async () => {
  const files = makeMemoryFiles({ [path]: '{"seq":1', precious: "mine", [`${path}.torn`]: "mine" });
  files.link(`${path}.torn.2`, "/precious");
  expect((await open(files)).notices).toEqual([torn.replace(/torn$/, "torn.3")]);
  files.set(path, "\0\0\0\n");
  await open(files);
  const texts = ["", ".torn", ".torn.3", ".torn.4"].map((end) => files.text(`${path}${end}`));
  expect(texts).toEqual(["", "mine", '{"seq":1\n', "\0\0\0\n"]);
  expect(files.text("precious")).toBe("mine");
});

test("a torn line stays where it is until it is safe elsewhere", async () => {
  const files = makeMemoryFiles({ [path]: '{"seq":1,"half' });
  files.failNext("sync", "ENOSPC");
  expect(await failureOf(open(files))).toMatchObject({ code: "audit/unwritable" });
  expect(files.text(path)).toBe('{"seq":1,"half');
});

test("the trail itself goes on behind an edited last line, which verify still names", async () => {
  const text = await makeTrail([makeEntry(), makeEntry()]);
  const files = makeMemoryFiles({ [path]: text.replace(/"group":"g"(?=[^\n]*\n$)/, '"group":"h"') });
  const [record] = await appendAll(files, [makeEntry()]);
  expect(record).toMatchObject({ seq: 3, metrics: { totalAttempts: 3 } });
  expect((await open(files)).notices).toEqual([]);
  expect(await verifyTrail(files, path)).toMatchObject({ ok: false, firstBroken: { line: 2 } });
});

test.each([
  ["no hash of the right form", '{"seq":7,"hash":"x"}'],
  ["no number", `{"seq":null,"hash":"${"a".repeat(64)}"}`],
  ["a number that no other can follow", `{"seq":9007199254740991,"hash":"${"a".repeat(64)}"}`],
])("no record can follow a last line with %s, so it is set aside", async (_, line) => {
  const sound = await makeTrail([makeEntry()]);
  const files = makeMemoryFiles({ [path]: `${sound}${line}\n` });
  const [record] = await appendAll(files, [makeEntry()]);
  expect([record?.seq, files.text(`${path}.torn`)]).toEqual([2, `${line}\n`]);
  expect(await verifyTrail(files, path)).toMatchObject({ ok: true, records: 2 });
});

test.each([
  ["half of the metrics", { totalAttempts: 9 }],
  ["metrics that are none", null],
])("the figures begin anew behind a last line with %s", async (_, metrics) => {
  const line = JSON.stringify({ seq: 1, metrics, hash: "a".repeat(64) });
  const files = makeMemoryFiles({ [path]: `${line}\n` });
  const [record] = await appendAll(files, [makeEntry()]);
  expect(record).toMatchObject({ seq: 2, prevHash: "a".repeat(64), metrics: { totalAttempts: 1 } });
});

const begun = '{"seq":7,"timestamp":"';
const leftByCrashes: readonly (readonly [string, string])[] = [
  ["two lines, the second torn", `${begun}\n{"se`],
  ["two lines that end", `${begun}\n{"seq":8}\n`],
  ["empty lines", "\n\n"],
  ["a whole line, and an object that is cut short", `${begun}\n{"torn`],
  ["zeros, and a line without its beginning", `\0\0\0\n\0\0,"hash":""}\n`],
  ["more lines than one look back sees", `${begun}${"x".repeat(999)}\n`.repeat(100)],
  ["a line longer than one look back, and a short one", `${begun}${"y".repeat(200_000)}\n${begun}\n`],
  ["several megabytes", `${begun}${"w".repeat(99_999)}\n`.repeat(25)],
  ["lines across the edge of a look back", `${begun}${"v".repeat(64 * 1024 - 25)}\n${begun}\n`],
];

test.each(leftByCrashes)(
  "behind the last record, %s: set aside, and the chain goes on from it",
  async (_, end) => {
    const text = await makeTrail([makeEntry(), makeApplied("1")]);
    const files = makeMemoryFiles({ [path]: text + end });
    const trail = await open(files);
    const lines = end
      .split("\n")
      .filter((line, index, all) => line !== "" || index < all.length - 1).length;
    expect(trail.notices).toEqual([
      `the last ${lines} lines of ${path} were cut short, as by a crash while they were written; they were moved to ${path}.torn`,
    ]);
    expect(files.text(path) === text).toBe(true);
    expect(files.text(`${path}.torn`) === (end.endsWith("\n") ? end : `${end}\n`)).toBe(true);
    files.cutPower();
    expect([files.text(path) === text, files.text(`${path}.torn`).length]).toEqual([
      true,
      end.endsWith("\n") ? end.length : end.length + 1,
    ]);
    const metrics = { totalAttempts: 2, successfulRegistrations: 1, averageLatency: 20 };
    expect(await trail.append(makeEntry())).toMatchObject({ seq: 3, metrics });
    expect(await verifyTrail(files, path)).toMatchObject({ ok: true, records: 3 });
  },
);

test("what is set aside is kept byte for byte", async () => {
  const odd = Buffer.concat([Buffer.from('{"seq":'), new Uint8Array([0xc3, 0xff, 0x00, 0xe2, 0x82])]);
  const files = makeMemoryFiles();
  files.set(path, odd);
  await open(files);
  expect(await files.read(`${path}.torn`, 1024)).toEqual(new Uint8Array([...odd, 0x0a]));
});

const others: readonly (readonly [string, string])[] = [
  ["a README", "# Title\n\nText\n"],
  ["one line", "SECRET=1"],
  ["JSON of another kind", '{"name":"x"}\n'],
  ["a pretty-printed record", '{\n  "seq": 1\n}\n'],
  ["zeros and a text", "\0\0text\n"],
  ["an object of another kind that is cut short", '{"torn'],
  ["a text whose last line is the beginning of a record", 'text\n{"seq":1'],
];

test.each(others)("%s is no trail, alone or behind a record, and is left as it is", async (_, text) => {
  const trail = await makeTrail([makeEntry()]);
  const cases = /^\0|torn$/.test(text) ? [text] : [text, trail + text];
  for (const content of cases) {
    const files = makeMemoryFiles();
    files.set(path, content, 0o644);
    const error = await failureOf(open(files));
    expect(error.code).toBe("audit/notATrail");
    expect(error.message.startsWith(`${path} is not an audit trail: `)).toBe(true);
    expect([files.text(path), files.mode(path), files.paths()]).toEqual([content, 0o644, [path]]);
  }
});

test("of a long file that is no trail only the end is read", async () => {
  const files = makeMemoryFiles({ [path]: "text\n".repeat(1_000_000) });
  let reads = 0;
  files.before = (operation) => void (reads += operation === "readRange" ? 1 : 0);
  expect(await failureOf(open(files))).toMatchObject({ code: "audit/notATrail" });
  expect(reads).toBe(1);
});

test("more than a crash can leave is left where it is", async () => {
  const line = `${begun}${"x".repeat(15 * 1024 * 1024)}\n`;
  const text = (await makeTrail([makeEntry()])) + line.repeat(5);
  const files = makeMemoryFiles({ [path]: text });
  expect(await failureOf(open(files))).toMatchObject({
    code: "audit/notATrail",
    message: `${path} is not an audit trail: the last 64 MiB hold no record`,
  });
  expect(files.text(path).length).toBe(text.length);
});

test("without any record the chain starts anew, and the figures go on from those that were kept", async () => {
  const files = makeMemoryFiles({ [path]: '{"seq":1,"timestamp":"2026' });
  const metrics = { ...emptyMetrics, totalAttempts: 7 };
  const trail = await openTrail({ files, clock: makeFakeClock(startMs), path, run, metrics });
  expect([files.text(path), trail.head()]).toEqual(["", genesis]);
  expect(await trail.append(makeEntry())).toMatchObject({ seq: 1, metrics: { totalAttempts: 8 } });
});

test("a run that may have been followed records nothing more, and heals nothing", async () => {
  const files = makeMemoryFiles();
  let isSure = true;
  const options = { files, clock: makeFakeClock(startMs), path, run };
  const mayAppend = () => Promise.resolve(isSure);
  const trail = await openTrail({ ...options, mayAppend });
  const kept = await trail.append(makeEntry());
  isSure = false;
  const takenOver = {
    code: "audit/takenOver",
    message: `another run may have taken over, so this run records nothing more in ${path}`,
    hint: "the next run finds out what became of the writes without an outcome, and records it",
  };
  expect(await failureOf(trail.append(makeApplied("1")))).toMatchObject(takenOver);
  isSure = true;
  expect(await failureOf(trail.append(makeApplied("1")))).toMatchObject(takenOver);
  expect(trail.head()).toEqual({ seq: 1, hash: kept.hash });
  expect(files.text(path)).toBe(formatRecord(kept));
  files.set(path, "half a rec");
  isSure = false;
  expect(await failureOf(openTrail({ ...options, mayAppend }))).toMatchObject(takenOver);
  expect(files.paths()).toEqual([path]);
});

test("a run that was followed while it looked at the file appends nothing, and cuts nothing off", async () => {
  const files = makeMemoryFiles();
  await appendAll(files, [makeEntry()]);
  const openAppend = files.openAppend.bind(files);
  let isSure = true;
  let fails = false;
  const follow = (): void => {
    isSure = false;
    files.set(path, `${files.text(path)}what another run wrote\n`);
  };
  const held: MemoryFiles = {
    ...files,
    openAppend: async (...given) => {
      const file = await openAppend(...given);
      return {
        ...file,
        identify: async () => {
          const found = await file.identify();
          if (looks === 0) follow();
          looks -= 1;
          return found;
        },
        append: async (data) => {
          if (!fails) return file.append(data);
          follow();
          throw Object.assign(new Error("full"), { code: "ENOSPC" });
        },
      };
    },
  };
  const trail = async (): Promise<Trail> => {
    isSure = true;
    const identity = await identifyTrail(files, path);
    return openTrail({
      ...{ files: held, clock: makeFakeClock(startMs), path, run },
      checked: { mark: null, accepted: null, files: identity?.files ?? null },
      mayAppend: () => Promise.resolve(isSure),
    });
  };
  let looks = 2;
  expect(await failureOf((await trail()).append(makeEntry()))).toMatchObject({ code: "audit/takenOver" });
  expect(files.text(path)).toMatch(/^.*\nwhat another run wrote\n$/);
  files.set(path, await makeTrail([makeEntry()]));
  [looks, fails] = [-1, true];
  expect(await failureOf((await trail()).append(makeEntry()))).toMatchObject({ code: "audit/unwritable" });
  expect(files.text(path)).toMatch(/^.*\nwhat another run wrote\n$/);
});

test("a file that is no trail at all is left alone", async () => {
  const text = "x".repeat(16 * 1024 * 1024 + 1);
  const files = makeMemoryFiles({ [path]: text });
  expect(await failureOf(open(files))).toMatchObject({
    code: "audit/notATrail",
    message: `${path} is not an audit trail: no line ends within its last 16 MiB`,
  });
  expect(files.text(path) === text).toBe(true);
});
