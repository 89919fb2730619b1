// `audit log --limit`: the newest rows of a long trail, read from its end, are those that a reading of all of it ends with.
import { describe, expect, test } from "vitest";
import { makeApplied, makeEntry } from "../audit/samples.ts";
import { makeMemoryFiles, type MemoryFiles } from "../support/memory-files.ts";
import { makeWorld, runWorld } from "../support/world.ts";
import { path, runEntry, started, trailOf, whats, withLine } from "./trails.ts";

const runs = 500;

/** Of each run the second intent of a rare group has no outcome, or one of a later run. */
function recordsOf(run: number, seq: number) {
  const runId = `run-${String(run).padStart(4, "0")}${run % 2 === 0 ? "aaaa" : "bbbb"}-${run}`;
  const group = run % 300 === 0 ? "rare" : `g${run % 7}`;
  return [
    started(runId),
    { ...makeEntry({ group }), runId },
    { ...makeApplied(`w${run}`, { group, intent: seq + 2 }), runId },
    { ...makeEntry({ operation: "update", group }), runId },
    ...(run % 3 === 0 ? [] : [{ ...failed(group, seq + 4), runId }]),
    // Another run tells what came of an intent of the run before.
    ...(run % 9 === 1 && run > 1 ? [{ ...failed("late", seq - 1), runId }] : []),
    { ...runEntry, runId, success: true, event: "run.finished" as const },
  ];
}

const failed = (group: string, intent: number) =>
  makeEntry({ operation: "update", event: "change.failed", group, success: false, intent });

function longTrail(): string {
  const records: object[] = [];
  for (let run = 1; run <= runs; run += 1) records.push(...recordsOf(run, records.length));
  return trailOf(records);
}

const text = longTrail();

/** Runs `audit log`, and counts the bytes that it reads of the trail. */
async function log(flags: string, trail = text) {
  const files: MemoryFiles = makeMemoryFiles({ [path]: trail });
  const readRange = files.readRange.bind(files);
  let bytes = 0;
  files.readRange = async (at, start, end) => {
    bytes += end - start;
    return readRange(at, start, end);
  };
  const from = { ...makeWorld({ argv: "" }), files };
  const { out, err, status } = await runWorld({ argv: `audit log ${flags}`, environment: {}, from });
  return { out, err, status, bytes };
}

describe.each([
  "",
  "--all",
  "--group g3",
  "--group g3 g5",
  "--group rare",
  "--group late",
  "--run run-0400",
  "--run run-0007bbbb-7",
  "--run run-0395 --group g3",
  "--since 2026-01-02T03:40:00Z",
  "--since 2026-01-02T03:40:00Z --group g2",
])("audit log %s", (flags) => {
  test.each([1, 300])("--limit %i has the last rows of all", async (limit) => {
    const [all, last] = [await log(`${flags} --json`), await log(`${flags} --json --limit ${limit}`)];
    expect(last.out).toBe(lastLines(all.out, limit));
    expect([last.status, last.err]).toEqual([all.status, all.err]);
    const rows = whats((await log(flags)).out).filter((what) => what !== "");
    const lastRows = whats((await log(`${flags} --limit ${limit}`)).out).filter((what) => what !== "");
    expect(lastRows).toEqual(rows.slice(-limit));
  });
});

function lastLines(out: string, limit: number): string {
  const lines = out.split("\n").slice(0, -1);
  return lines
    .slice(-limit)
    .map((line) => `${line}\n`)
    .join("");
}

test.each([
  "--limit 20",
  "--limit 20 --json",
  "--limit 20 --since 2026-01-02T03:45:00Z",
  "--limit 5 --group g3",
])("audit log %s reads the end alone", async (flags) => {
  const { bytes, out } = await log(flags, text);
  expect(out).not.toBe("");
  expect(bytes).toBeLessThan(text.length * 0.7);
});

test("a run's beginning that several share is refused, however few rows are asked for", async () => {
  const { err, status } = await log("--limit 1 --run run-000");
  expect([status, err]).toEqual([1, expect.stringContaining('9 runs begin with "run-000"')]);
});

test("a clock that was wrong for one run hides nothing from --since", async () => {
  const records = text.split("\n").slice(0, -1);
  const wrong = records.map((line, index) =>
    index >= 2_000 && index < 2_300 ? line.replace('"timestamp":"2026', '"timestamp":"1970') : line,
  );
  const trail = `${wrong.join("\n")}\n`;
  const flags = "--json --since 2026-01-02T03:30:00Z";
  const all = await log(flags, trail);
  expect((await log(`${flags} --limit 100000`, trail)).out).toBe(all.out);
});

test("damage in what was read is named by its lines, and a trail of older versions is read as a whole", async () => {
  const odd = withLine(text, 2_400, () => "no record");
  const [all, last] = [await log("", odd), await log("--limit 3", odd)];
  expect(last.err).toBe(all.err);
  expect(last.err).toMatch(/^warning: 1 line of [^ ]+ is not a record: line 2400\n/);
  const older = trailOf([makeEntry(), makeEntry(), makeApplied("1"), started("last")]);
  expect(whats((await log("--limit 3", older)).out)).toEqual([
    "create outcome open",
    "create applied",
    "run started",
  ]);
});

test("where a stretch of the trail stands twice, --limit still shows the last rows of all", async () => {
  const lines = text.split("\n").slice(0, -1);
  const twice = [...lines.slice(0, 1_200), ...lines.slice(1_000)].join("\n") + "\n";
  for (const flags of ["--group rare", "--group g3 --all", ""]) {
    const all = whats((await log(flags, twice)).out).filter((what) => what !== "");
    const last = whats((await log(`${flags} --limit 2000`, twice)).out).filter((what) => what !== "");
    expect(last, flags).toEqual(all.slice(-2000));
  }
});
