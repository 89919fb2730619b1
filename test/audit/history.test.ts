import { liveFrom } from "../support/kinds.ts";
import { expect, test } from "vitest";
import { findRunStart } from "../../src/audit/find-run.ts";
import { readHistory, readOpenIntents } from "../../src/audit/history.ts";
import { sealRecord } from "../../src/audit/record.ts";
import { emptyMetrics } from "../../src/audit/metrics.ts";
import { openTrail } from "../../src/audit/trail.ts";
import type { AuditEntry } from "../../src/model/audit-record.ts";
import type { LiveResource } from "../../src/model/resource.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { makeMemoryFiles, type MemoryFiles } from "../support/memory-files.ts";
import {
  appendAll,
  makeApplied,
  makeDocument,
  makeEntry,
  makeTrail,
  path,
  placeOf,
  run,
  seen,
  startMs,
} from "./samples.ts";

function documentFor(endpoint: string): ReturnType<typeof makeDocument> {
  return makeDocument({ endpoint });
}

const place = placeOf(path);

async function readRecorded(files: MemoryFiles, live: readonly LiveResource[] = []) {
  return (await readHistory(files, place, seen(live))).recorded;
}

async function recordedIn(text: string): Promise<unknown> {
  return Object.fromEntries(await readRecorded(makeMemoryFiles({ [path]: text }), []));
}

test("without a trail nothing is recorded", async () => {
  expect(await readRecorded(makeMemoryFiles(), [])).toEqual(new Map());
});

test("a trail that cannot be read is an error with the way out", async () => {
  const files = makeMemoryFiles({ [path]: "a trail\n" });
  files.failNext("readRange", "EACCES");
  await expect(readRecorded(files)).rejects.toMatchObject({
    code: "audit/unreadable",
    message: `the audit trail ${path} cannot be read: EACCES: '${path}'`,
  });
});

test("of each webhook the last document that was applied or recovered counts", async () => {
  const [a, b, c] = [documentFor("https://a/"), documentFor("https://b/"), documentFor("https://c/")];
  const text = await makeTrail([
    makeApplied("1", { after: a }),
    makeApplied("2", { after: a }),
    makeApplied("1", { operation: "update", after: b }),
    makeApplied("2", { event: "change.recovered", after: c }),
    makeEntry({ webhookId: "1", after: c }),
    makeEntry({ event: "change.failed", webhookId: "1", after: c, success: false }),
    makeEntry({ event: "run.finished" }),
  ]);
  expect(await recordedIn(text)).toEqual({ 1: b, 2: c });
});

test("a deleted webhook is forgotten, until one with its id is there again", async () => {
  const gone = makeApplied("1", { operation: "delete", after: null });
  const made = makeApplied("1", { event: "change.recovered" });
  expect(await recordedIn(await makeTrail([made, gone]))).toEqual({});
  expect(await recordedIn(await makeTrail([made, gone, made]))).toEqual({ 1: makeDocument() });
  expect(await recordedIn(await makeTrail([made, { ...gone, event: "change.failed" }]))).toEqual({
    1: makeDocument(),
  });
});

test("texts that look like keys do not mislead", async () => {
  const sly = '"webhookId":"2","event":"change.applied"';
  const text = await makeTrail([
    makeApplied("2", { after: documentFor("https://b/") }),
    makeApplied("1", { group: sly, endpoint: sly }),
    makeEntry({ webhookId: "2", group: sly }),
  ]);
  expect(await recordedIn(text)).toEqual({ 1: makeDocument(), 2: documentFor("https://b/") });
});

const odd = (record: object): string =>
  JSON.stringify({ seq: 1, hash: "", event: "change.applied", ...record });
const lines: readonly (readonly [string, string])[] = [
  ["is torn", '{"seq":1,"event":"change.applied","webhookId":"1","after":{"na'],
  ["is no record", '["event","change.applied"], "event":"change.applied"'],
  ["names no webhook", odd({ webhookId: null, after: makeDocument() })],
  ["has no document", odd({ webhookId: "1", after: "x" })],
  ["has half a document", odd({ webhookId: "1", after: { ...makeDocument(), retryPolicy: null } })],
  ["has odd event types", odd({ webhookId: "1", after: { ...makeDocument(), eventTypes: [1] } })],
];

test.each(lines)("a line that %s is passed over", async (_, line) => {
  const text = await makeTrail([makeApplied("1")]);
  expect(await recordedIn(`${text}${line}\n`)).toEqual({ 1: makeDocument() });
  expect(await recordedIn(`${text}${line}`)).toEqual({ 1: makeDocument() });
});

test("only full lines count", async () => {
  const text = await makeTrail([makeApplied("1")]);
  expect(await recordedIn(text.slice(0, -1))).toEqual({});
});

test("of 100,000 records only the last of each webhook is parsed", async () => {
  const entry = (webhookId: string): string =>
    sealRecord({
      ...makeApplied(webhookId),
      ...run,
      seq: 1,
      timestamp: "2026-01-02T03:04:05.006Z",
      metrics: emptyMetrics,
      prevHash: "0".repeat(64),
    }).line;
  const block = Array.from({ length: 100 }, (_, index) => entry(`w${index}`)).join("");
  const files = makeMemoryFiles({ [path]: block.repeat(1_000) });
  const parse = JSON.parse;
  let parsed = 0;
  JSON.parse = (...given) => {
    parsed += 1;
    return parse(...given) as unknown;
  };
  try {
    expect((await readRecorded(files, [])).size).toBe(100);
  } finally {
    JSON.parse = parse;
  }
  expect(parsed).toBe(100);
});

test("what is live as it was recorded is left out, whatever the order of its event types", async () => {
  const retryPolicy = { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true };
  const document = { ...makeDocument({ eventTypes: ["a.one", "b.two"] }), retryPolicy };
  const files = makeMemoryFiles({
    [path]: await makeTrail([makeApplied("1", { after: document }), makeApplied("2", { after: document })]),
  });
  const asRecorded = liveFrom({ ...document, id: "1", eventTypes: ["b.two", "a.one"] });
  expect(await readRecorded(files, [asRecorded])).toEqual(new Map([["2", document]]));
  const changes = [
    { name: "other" },
    { endpoint: "https://a.example.com/y" },
    { state: "disabled" },
    { description: "" },
    { eventTypes: ["a.one"] },
    { eventTypes: ["a.one", "c.three"] },
    { retryPolicy: null },
    { retryPolicy: { ...document.retryPolicy, retryCount: 4 } },
    { retryPolicy: { ...document.retryPolicy, retryInterval: "PT2M" } },
    { retryPolicy: { ...document.retryPolicy, retryOnTimeout: false } },
  ];
  for (const change of changes) {
    const recorded = await readRecorded(files, [liveFrom({ ...asRecorded, ...change })]);
    expect([...recorded.keys()].sort(), JSON.stringify(change)).toEqual(["1", "2"]);
  }
});

test("it reads what the trail writes", async () => {
  const files = makeMemoryFiles();
  await appendAll(files, [makeApplied("1")], "k");
  expect(await readRecorded(files, [])).toEqual(new Map([["1", makeDocument()]]));
});

test("what is open is found at the end of a long trail, without reading the rest", async () => {
  const ended = [
    makeEntry({ event: "run.started" }),
    ...Array.from({ length: 3_000 }, (_, index) => makeApplied(`w${index}`)),
    makeEntry({ event: "run.finished" }),
  ];
  const cutShort = [makeEntry({ event: "run.started" }), makeEntry(), makeEntry({ group: "h" })];
  const files = makeMemoryFiles({ [path]: await makeTrail([...ended, ...ended, ...cutShort]) });
  const readRange = files.readRange.bind(files);
  let readBytes = 0;
  files.readRange = async (...given) => {
    const bytes = await readRange(...given);
    readBytes += bytes.length;
    return bytes;
  };
  expect((await readOpenIntents(files, path)).map(({ group }) => group)).toEqual(["g", "h"]);
  const sizeBytes = files.text(path).length;
  expect(readBytes).toBeGreaterThan(sizeBytes / 2);
  expect(readBytes).toBeLessThan(sizeBytes * 0.7);
});

test.each([
  ["is answered", { event: "change.failed", success: false, intent: 2 }, []],
  ["has an unknown outcome", { event: "change.failed", success: null, intent: 2 }, [2]],
  ["has another one's outcome", { event: "change.applied", success: true, intent: 1 }, [2]],
] as const)("an intent that %s", async (_, outcome, open) => {
  const text = await makeTrail([makeEntry({ event: "run.started" }), makeEntry(), makeEntry(outcome)]);
  const files = makeMemoryFiles({ [path]: text });
  expect((await readOpenIntents(files, path)).map(({ seq }) => seq)).toEqual(open);
  expect((await readHistory(files, place, seen([]))).open.map(({ seq }) => seq)).toEqual(open);
  expect((await readHistory(files, { ...place, environment: "elsewhere" }, seen([]))).open).toEqual([]);
});

test("beside an open intent it is known which live resources are on record", async () => {
  const live = ["there", "other"].map((id) => liveFrom({ ...makeDocument(), id }));
  const readWith = async (...rest: Parameters<typeof makeTrail>[0]) => {
    const text = await makeTrail([makeEntry({ event: "run.started" }), makeEntry(), ...rest]);
    const files = makeMemoryFiles({ [path]: text });
    return [...(await readHistory(files, place, seen(live))).onRecord];
  };
  const applied = makeApplied("there", { intent: 9 });
  expect(await readWith(applied, makeApplied("gone", { intent: 8 }))).toEqual(["there"]);
  expect(await readWith(applied, makeEntry({ event: "change.failed", success: false, intent: 2 }))).toEqual(
    [],
  );
});

test("nothing is open that is older than the last run with an end, but of that run what it could not find out", async () => {
  const started = makeEntry({ event: "run.started" });
  const finished = makeEntry({ event: "run.finished" });
  const unknown = (intent: number) => makeEntry({ event: "change.failed", success: null, intent });
  const opens = async (entries: Parameters<typeof makeTrail>[0]) => {
    const files = makeMemoryFiles({ [path]: await makeTrail(entries) });
    const open = await readOpenIntents(files, path);
    expect((await readHistory(files, place, seen([]))).open).toMatchObject(open);
    return open.map(({ seq }) => seq);
  };
  const old = [started, makeEntry(), finished];
  expect(await opens(old)).toEqual([2]);
  expect(await opens([...old, started, makeEntry(), unknown(5), finished])).toEqual([5]);
  expect(await opens([...old, started, makeEntry()])).toEqual([2, 5]);
  expect(await opens([...old, started, makeEntry(), finished, started, makeEntry(), makeEntry()])).toEqual([
    5, 8, 9,
  ]);
  // A later run answers what an earlier one left open.
  const answered = makeEntry({ event: "change.recovered", success: true, intent: 2 });
  expect(await opens([started, makeEntry(), started, answered, finished])).toEqual([]);
});

test.each<[how: string, more: Parameters<typeof makeEntry>[0]]>([
  ["by its key, whatever its words are", { carried: true, error: "nobody could look" }],
  ["by the words of a version that had no such key", { error: "out of sight: nobody could look" }],
])("an older intent stays open where a run carries it on: told %s", async (_, more) => {
  const [started, finished] = [makeEntry({ event: "run.started" }), makeEntry({ event: "run.finished" })];
  const carried = makeEntry({ event: "change.failed", success: null, intent: 2, ...more });
  const entries = [started, makeEntry(), finished, started, carried, finished];
  const files = makeMemoryFiles({ [path]: await makeTrail([...entries, started]) });
  expect((await readOpenIntents(files, path)).map(({ seq }) => seq)).toEqual([2]);
});

test.each<[keys: string, condition: object]>([
  ["an outcome", { success: true, latencyMs: 1, intent: 2 }],
  ["an end of a run", { event: "run.finished" }],
  ["a record carried on", { carried: true, prevHash: "0" }],
])("a trigger's condition with the keys of %s leaves an intent open", async (_, condition) => {
  const trigger = {
    matchCriteria: [{ jsonPath: "a", operator: "Equal", value: condition }],
    eventTTLSeconds: null,
    delayBySeconds: null,
  };
  const after = makeDocument({ trigger: trigger, retryPolicy: null, endpoint: "workflow:1" });
  const [started, finished] = [makeEntry({ event: "run.started" }), makeEntry({ event: "run.finished" })];
  const unknown = makeEntry({ event: "change.failed", success: null, intent: 2, after });
  const entries = [started, makeEntry({ after }), unknown];
  for (const [rest, open] of [
    [[], [2]],
    [[finished], [2]],
    [[started], [2]],
    [[finished, started], [2]],
    [[finished, started, finished], []],
  ] as const) {
    const files = makeMemoryFiles({ [path]: await makeTrail([...entries, ...rest]) });
    expect((await readOpenIntents(files, path)).map(({ seq }) => seq)).toEqual(open);
    expect((await readHistory(files, place, seen([]))).late.map(({ seq }) => seq)).toEqual([2]);
  }
});

test("an intent that was recorded ahead is as old as the last record of its run", async () => {
  const files = makeMemoryFiles({});
  const append = async (runId: string, afterMs: number, entries: readonly AuditEntry[]): Promise<void> => {
    const clock = makeFakeClock(startMs + afterMs);
    const trail = await openTrail({ files, clock, path, run: { ...run, runId } });
    for (const entry of entries) await trail.append(entry);
    await trail.close();
  };
  const [started, finished] = [makeEntry({ event: "run.started" }), makeEntry({ event: "run.finished" })];
  const lastSeenAt = new Date(startMs + 150_000).toISOString();
  await append("run-1", 0, [started, makeEntry(), makeEntry()]);
  await append("run-1", 150_000, [makeEntry({ event: "change.failed", success: false, intent: 2 })]);
  const { open } = await readHistory(files, place, seen([]));
  expect(open.map(({ seq, ...rest }) => ({ seq, lastSeenAt: rest.lastSeenAt }))).toEqual([
    { seq: 3, lastSeenAt },
  ]);
  const looked = makeEntry({ event: "change.failed", success: null, intent: 3 });
  await append("run-2", 151_000, [started, looked, finished, started, finished]);
  const { open: none, late } = await readHistory(files, place, seen([]));
  expect([none, late.map(({ seq, ...rest }) => ({ seq, lastSeenAt: rest.lastSeenAt }))]).toEqual([
    [],
    [{ seq: 3, lastSeenAt }],
  ]);
});

test("a trigger's condition with the keys of an applied change records no failed one", async () => {
  const trigger = {
    matchCriteria: [{ jsonPath: "a", operator: "Equal", value: { event: "change.applied" } }],
    eventTTLSeconds: null,
    delayBySeconds: null,
  };
  const after = makeDocument({ trigger: trigger, retryPolicy: null, endpoint: "workflow:1" });
  const failed = makeEntry({ event: "change.failed", success: false, webhookId: "1", after });
  expect(await recordedIn(await makeTrail([makeApplied("1"), failed]))).toEqual({ 1: makeDocument() });
});

test("a trigger's condition with the keys of a run's start is not one", async () => {
  const value = { event: "run.started" };
  const trigger = { matchCriteria: [{ jsonPath: "a", operator: "Equal", value }] } as never;
  const files = makeMemoryFiles({
    [path]: await makeTrail([makeEntry({ after: makeDocument({ trigger }) })]),
  });
  expect(await findRunStart(files, path, run.runId)).toBeNull();
});

test("a trigger's condition that has such a key carries nothing on", async () => {
  const [started, finished] = [makeEntry({ event: "run.started" }), makeEntry({ event: "run.finished" })];
  const trigger = { matchCriteria: [{ carried: true }], eventTTLSeconds: null, delayBySeconds: null };
  const after = makeDocument({ trigger: trigger as never });
  const failed = makeEntry({ event: "change.failed", success: null, intent: 2, after });
  const entries = [started, makeEntry(), finished, started, failed, finished, started];
  const files = makeMemoryFiles({ [path]: await makeTrail(entries) });
  expect(await readOpenIntents(files, path)).toEqual([]);
});

test.each([
  ["operation", null],
  ["group", 5],
  ["endpoint", null],
  ["after", "x"],
  ["after", { ...makeDocument(), name: 1 }],
  ["before", { ...makeDocument(), eventTypes: "e.a" }],
  ["before", { ...makeDocument(), retryPolicy: "none" }],
])("an intent whose %s is %j is none", async (field, value) => {
  const [text] = (await makeTrail([makeEntry()])).split("\n");
  const intent = JSON.parse(text ?? "") as object;
  const files = makeMemoryFiles({ [path]: `${JSON.stringify({ ...intent, [field]: value })}\n` });
  expect(await readOpenIntents(files, path)).toEqual([]);
  files.set(path, `${JSON.stringify({ ...intent, [field]: makeEntry()[field as "group"] })}\n`);
  expect(await readOpenIntents(files, path)).toHaveLength(1);
});
