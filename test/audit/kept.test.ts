// `.reconcile/metrics.json`: what is kept of a run, and what is not believed.
import { expect, test } from "vitest";
import { checkTrail, keepHead } from "../../src/audit/check-trail.ts";
import { keepRun, readKept, readMetrics, type LastRun } from "../../src/audit/kept.ts";
import { emptyMetrics } from "../../src/audit/metrics.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { makeApplied, makeEntry, makeTrail, path as trail } from "./samples.ts";

const path = "/.reconcile/metrics.json";
const paths = { kept: path, trail, head: "/.reconcile/head.json" };
const counts = { create: 1, update: 2, delete: 3, adopt: 4, unchanged: 5 };
const lastRun: LastRun = {
  runId: "run-1",
  finishedAt: "2026-01-02T03:04:05.006Z",
  environment: "sandbox",
  ok: true,
  summary: { ...counts, movedEventTypes: 6, failed: 7, skipped: 8, orphans: 9 },
  errors: ["one"],
};
const metrics = { ...emptyMetrics, totalAttempts: 9 };
const kept = { formatVersion: 1, lastRun, metrics };

test("what is kept is read back, for its owner only", async () => {
  const files = makeMemoryFiles();
  expect(await keepRun(lastRun, files, paths)).toEqual({ notice: null });
  expect(await readKept(files, path)).toEqual({ kept: { ...kept, metrics: null }, notice: null });
  expect(files.mode(path)).toBe(0o600);
  files.set(path, JSON.stringify(kept));
  expect(await readKept(files, path)).toEqual({ kept, notice: null });
});

test("of many errors the first five are kept", async () => {
  const files = makeMemoryFiles();
  const errors = ["a", "b", "c", "d", "e", "f"];
  await keepRun({ ...lastRun, errors }, files, paths);
  expect((await readKept(files, path)).kept?.lastRun.errors).toEqual(["a", "b", "c", "d", "e"]);
});

const odd: readonly (readonly [string, unknown])[] = [
  ["no object", 5],
  ["null", null],
  ["another version", { ...kept, formatVersion: 2 }],
  ["no last run", { formatVersion: 1, metrics }],
  ["a last run that is null", { ...kept, lastRun: null }],
  ["a run id that is no text", { ...kept, lastRun: { ...lastRun, runId: 1 } }],
  ["a time that is no text", { ...kept, lastRun: { ...lastRun, finishedAt: 1 } }],
  ["an environment that is no text", { ...kept, lastRun: { ...lastRun, environment: null } }],
  ["an ok that is no boolean", { ...kept, lastRun: { ...lastRun, ok: "true" } }],
  ["no summary", { ...kept, lastRun: { ...lastRun, summary: null } }],
  ...Object.keys(lastRun.summary).map(
    (key) =>
      [
        `a summary whose ${key} is no count`,
        { ...kept, lastRun: { ...lastRun, summary: { ...lastRun.summary, [key]: 0.5 } } },
      ] as const,
  ),
  ["errors that are no list", { ...kept, lastRun: { ...lastRun, errors: "no" } }],
  ["an error that is no text", { ...kept, lastRun: { ...lastRun, errors: ["one", 2] } }],
  ["no metrics", { formatVersion: 1, lastRun }],
  ["half of the metrics", { ...kept, metrics: { totalAttempts: 1 } }],
];

test.each(odd)("a file with %s is set aside, and said", async (_what, content) => {
  const text = JSON.stringify(content);
  const files = makeMemoryFiles({ [path]: text });
  const notice = `${path} is corrupt, so it was moved to ${path}.corrupt`;
  expect(await readKept(files, path)).toEqual({ kept: null, notice });
  expect([files.paths(), files.text(`${path}.corrupt`)]).toEqual([[`${path}.corrupt`], text]);
  expect(files.mode(`${path}.corrupt`)).toBe(0o600);
});

test("a file that cannot be read is said, and left where it is", async () => {
  const files = makeMemoryFiles({ [path]: JSON.stringify(kept) });
  files.failNext("read", "EACCES");
  const notice = `${path} cannot be used: EACCES: '${path}'`;
  expect(await readKept(files, path)).toEqual({ kept: null, notice });
  expect(files.paths()).toEqual([path]);
});

test("the figures are those of the proven trail, and without a record those that were kept", async () => {
  const text = await makeTrail([makeEntry(), makeApplied("1")]);
  const ofTrail = { ...emptyMetrics, totalAttempts: 1, successfulRegistrations: 1, averageLatency: 20 };
  const files = makeMemoryFiles({ [trail]: `${text}no record\n`, [path]: JSON.stringify(kept) });
  expect(await readMetrics(files, paths)).toEqual({ metrics: ofTrail, notice: null });
  await keepRun(lastRun, files, paths);
  expect((await readKept(files, path)).kept?.metrics).toEqual(metrics); // its last record is not proven yet
  const place = { path: trail, headPath: paths.head, key: undefined };
  await keepHead(files, (await checkTrail(files, place)).mark, place);
  await keepRun(lastRun, files, paths);
  expect((await readKept(files, path)).kept?.metrics).toEqual(ofTrail);
  for (const without of [makeMemoryFiles(), makeMemoryFiles({ [trail]: "no record\n" })]) {
    without.set(path, JSON.stringify(kept));
    expect(await readMetrics(without, paths)).toEqual({ metrics, notice: null });
    await keepRun(lastRun, without, paths);
    expect((await readKept(without, path)).kept?.metrics).toEqual(metrics);
  }
  expect(await readMetrics(makeMemoryFiles(), paths)).toEqual({ metrics: null, notice: null });
});

test("what was wrong with the file that is replaced is said", async () => {
  const files = makeMemoryFiles({ [path]: "{", [trail]: await makeTrail([makeEntry()]) });
  const { notice } = await keepRun(lastRun, files, paths);
  expect(notice).toBe(`${path} is corrupt, so it was moved to ${path}.corrupt`);
  expect(await readKept(files, path)).toMatchObject({ kept: { lastRun }, notice: null });
});
