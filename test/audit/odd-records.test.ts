// Whatever stands in whichever field of a record, reading the trail ends in no bug, and the line is named.
import fc from "fast-check";
import { expect, test } from "vitest";
import { readEntries } from "../../src/audit/entries.ts";
import { findRunStart } from "../../src/audit/find-run.ts";
import { readLastRecord } from "../../src/audit/head.ts";
import { readHistory, readOpenIntents } from "../../src/audit/history.ts";
import { readMetrics } from "../../src/audit/kept.ts";
import { listRuns, readRun } from "../../src/audit/read-run.ts";
import { readRecent } from "../../src/audit/recent.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import type { AuditEntry, AuditRecord } from "../../src/model/audit-record.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { trigger as triggerKind } from "../../src/kinds/trigger/kind.ts";
import { diffDocuments } from "../../src/model/document-diff.ts";
import { liveFrom } from "../support/kinds.ts";
import { makeMemoryFiles, type MemoryFiles } from "../support/memory-files.ts";
import { oddities, spoil, type Oddity } from "../support/odd-json.ts";
import { reseal } from "../support/reseal.ts";
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
} from "./samples.ts";

const times = Number(process.env["TIMES"] ?? 1);
const trigger = {
  matchCriteria: [
    { jsonPath: "mediaType", operator: "Equal", value: "VOICE" },
    { jsonPath: "$.x", operator: "In", values: ["a", "b"] },
  ],
  eventTTLSeconds: null,
  delayBySeconds: 60,
};
const ofWorkflow = makeDocument({ endpoint: "workflow:w1", retryPolicy: null, trigger });
const ofSource = makeDocument({ endpoint: "eventbridge://123456789012/us-east-1/a", retryPolicy: null });
const nothing = {
  ...{
    operation: null,
    group: null,
    endpoint: null,
    webhookId: null,
    before: null,
    after: null,
    patch: null,
  },
  ...{ source: null },
} as const;

/** Every event, every kind of document, an intent that is open, and one whose outcome is not known. */
const entries: readonly AuditEntry[] = [
  makeEntry({ event: "validation.failed", ...nothing, success: false, error: "no" }),
  makeEntry({ event: "run.started", ...nothing }),
  makeEntry(),
  makeApplied("w1", { intent: 3, attempted: true }),
  makeEntry({
    operation: "update",
    webhookId: "w2",
    endpoint: "workflow:w1",
    before: ofWorkflow,
    after: ofWorkflow,
  }),
  makeApplied("w2", {
    ...{
      event: "change.recovered",
      operation: "update",
      endpoint: "workflow:w1",
      intent: 5,
      attempted: null,
    },
    ...{ before: ofWorkflow, after: ofWorkflow },
    patch: [{ op: "replace", path: "/trigger/delayBySeconds", value: 60 }],
  }),
  makeApplied("w3", { operation: "adopt", before: ofSource, after: ofSource }),
  makeEntry({ operation: "create", endpoint: "workflow:w2", after: ofWorkflow }),
  makeEntry({ event: "change.failed", success: false, error: "no", intent: 8, attempted: false }),
  makeEntry({ event: "change.failed", success: null, error: "gone", intent: 3, attempted: null }),
  makeEntry({ event: "run.finished", ...nothing, success: true }),
  makeEntry({ event: "run.started", ...nothing }),
  makeEntry({ operation: "delete", webhookId: "w1", before: makeDocument(), after: null }),
];
const sound = await makeTrail(entries);
const live = [makeDocument(), ofWorkflow, ofSource].map((document, index) =>
  liveFrom({ ...document, id: `w${index + 1}`, state: "disabled" }),
);
const place = placeOf(path);
const names = { kept: "/metrics.json", trail: path };

interface Edit {
  readonly index: number;
  readonly oddity: Oddity;
  /** Chained as if it had been written so; else only the one line is another one. */
  readonly isSealed: boolean;
}

const edits = fc.record({ index: fc.nat(entries.length - 1), oddity: oddities, isSealed: fc.boolean() });

function textAfter({ index, oddity, isSealed }: Edit): string {
  const lines = sound.split("\n").filter(Boolean);
  const record = spoil(JSON.parse(lines[index] ?? "") as AuditRecord, oddity);
  return isSealed
    ? reseal(sound, ({ seq }) => (seq === index + 1 ? changed(record) : {}))
    : `${lines.with(index, JSON.stringify(record)).join("\n")}\n`;
}

/** Keys that were taken away are to be missing after a spread, too. */
function changed(record: AuditRecord): object {
  const isContent = (key: string) => !["seq", "prevHash", "hash"].includes(key);
  const keys = Object.keys(JSON.parse(sound.split("\n")[0] ?? "") as object).filter(isContent);
  const content = Object.entries(record).filter(([key]) => isContent(key));
  return { ...Object.fromEntries(keys.map((key) => [key, undefined])), ...Object.fromEntries(content) };
}

async function outcomeOf(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
    return "";
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return error.message;
  }
}

async function drain(files: MemoryFiles): Promise<void> {
  for await (const { line } of readEntries(files, path, () => undefined)) expect(line).toBeGreaterThan(0);
}

async function readRuns(files: MemoryFiles): Promise<void> {
  for (const found of await listRuns(files, path, place))
    await readRun({ files, path, kinds: builtInKinds }, found);
}

async function compareAll(files: MemoryFiles): Promise<void> {
  const { recorded } = await readHistory(files, place, seen(live));
  for (const one of live) diffDocuments(recorded.get(one.id) ?? null, one, one.kind);
}

test("whatever stands in a field, no reader of the trail ends in a bug", async () => {
  const property = fc.asyncProperty(edits, async (edit) => {
    const files = makeMemoryFiles({ [path]: textAfter(edit) });
    await compareAll(files);
    await readOpenIntents(files, path);
    await readRecent(files, path, { after: 1, limit: 5 });
    await readMetrics(files, names);
    await readLastRecord(files, path);
    await findRunStart(files, path, run.runId);
    await drain(files);
    await verifyTrail(files, path);
    await outcomeOf(readRuns(files));
    await appendAll(files, [makeEntry()]);
  });
  await fc.assert(property, { numRuns: 300 * times });
});

test("a record that makes no sense is named by its line, by each that needs it, and by no other", async () => {
  let unsound = 0;
  const property = fc.asyncProperty(edits, async (edit) => {
    const files = makeMemoryFiles({ [path]: textAfter(edit) });
    const line = edit.index + 1;
    const { firstBroken, fault } = await verifyTrail(files, path);
    if (edit.isSealed && firstBroken) {
      unsound += 1;
      expect([firstBroken.line, fault]).toEqual([line, "content"]);
      expect(await outcomeOf(readRuns(files))).toMatch(new RegExp(`^line ${line} of `));
    }
    const history = await readHistory(files, place, seen(live));
    const named = [...history.unsound];
    await readOpenIntents(files, path, { onUnsound: (found) => void named.push(found) });
    expect(named.filter((found) => found.line !== line || found.fault === "")).toEqual([]);
  });
  await fc.assert(property, { numRuns: 300 * times });
  expect(unsound).toBeGreaterThan(60);
});

test.each<[string, object, string]>([
  [
    "a trigger without its fields",
    { after: { ...ofWorkflow, trigger: {} } },
    "after.trigger.matchCriteria is not a list",
  ],
  [
    "a criterion that is none",
    { after: { ...ofWorkflow, trigger: { ...trigger, matchCriteria: [null] } } },
    "after.trigger.matchCriteria[0] is not an object",
  ],
  ["a trigger that is text", { after: { ...ofWorkflow, trigger: "x" } }, "after.trigger is not an object"],
  [
    "a state of its own",
    { after: { ...makeDocument(), state: "paused" } },
    "after.state is none of enabled, disabled",
  ],
])(
  "the last record of a webhook with %s: what is live there counts as unknown",
  async (_, change, fault) => {
    const text = await makeTrail([makeApplied("w1"), makeApplied("w1"), makeApplied("w2")]);
    const files = makeMemoryFiles({ [path]: reseal(text, ({ seq }) => (seq === 2 ? change : {})) });
    const { recorded, unsound } = await readHistory(files, place, seen([]));
    expect([...recorded.keys()]).toEqual(["w2"]);
    expect(unsound).toEqual([{ line: 2, fault }]);
    expect((await verifyTrail(files, path)).firstBroken).toMatchObject({ line: 2, reason: `its ${fault}` });
  },
);

test("half of a surrogate pair in a criterion is compared, and ends nothing", async () => {
  const odd = { ...trigger, matchCriteria: [{ jsonPath: "a", operator: "Equal", value: "\ud800" }] };
  const text = await makeTrail([makeApplied("w2", { after: ofWorkflow })]);
  const files = makeMemoryFiles({
    [path]: text.replace(
      /"trigger":\{.*?\]\},/,
      '"trigger":{"matchCriteria":[{"jsonPath":"a","operator":"Equal","value":"\\ud800"}],',
    ),
  });
  await compareAll(files);
  expect(diffDocuments(ofWorkflow, { ...ofWorkflow, trigger: odd }, triggerKind)).not.toEqual([]);
});

test("an intent that cannot be believed is closed by nobody, and named", async () => {
  const text = await makeTrail([makeEntry({ event: "run.started", ...nothing }), makeEntry(), makeEntry()]);
  const files = makeMemoryFiles({ [path]: reseal(text, ({ seq }) => (seq === 2 ? { after: {} } : {})) });
  const { open, late, unsound } = await readHistory(files, place, seen([]));
  expect([open, late].map((intents) => intents.map(({ seq }) => seq))).toEqual([[3], [3]]);
  expect(unsound).toEqual([{ line: 2, fault: "after.name is not text" }]);
});

test("an outcome that says neither yes nor no closes no intent", async () => {
  const text = await makeTrail([makeEntry(), makeApplied("w1", { intent: 1 })]);
  const files = makeMemoryFiles({
    [path]: reseal(text, ({ seq }) => (seq === 2 ? { success: "yes" } : {})),
  });
  expect((await readOpenIntents(files, path)).map(({ seq }) => seq)).toEqual([1]);
});

test("values that are nested without end are no record", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const line = (field: string) => `{"seq":1,"hash":"x","event":"change.applied","${field}":${deep}}\n`;
  for (const field of ["seq", "group", "after", "error"]) {
    const files = makeMemoryFiles({ [path]: line(field) });
    expect((await verifyTrail(files, path)).firstBroken).toMatchObject({
      reason: "it is not an audit record in JSON",
    });
    await compareAll(files);
  }
});
