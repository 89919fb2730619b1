// What an earlier run left open, closed by what is live.
import { describe, expect, test } from "vitest";
import { closeIntents, describeOpen } from "../../src/apply/close-intents.ts";
import type { AgedIntent } from "../../src/audit/open-intent.ts";
import type { AuditEntry } from "../../src/model/audit-record.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import { makeDocument } from "../audit/samples.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { kinds, liveFrom, type TestKind, webhooks } from "../support/kinds.ts";

const nowMs = Date.UTC(2026, 0, 2);

/** A document before and after an update of its kind, and one that is neither; and where none of them is. */
function documentsOf(
  kind: TestKind,
): Record<"few" | "many" | "others", ResourceDocument> & { elsewhere: string } {
  const { retryPolicy } = makeDocument();
  const make = (eventTypes: readonly string[], number = 0): ResourceDocument => ({
    ...makeDocument({ eventTypes, endpoint: kind.url(number) }),
    retryPolicy: kind.options?.key === "retryPolicy" ? retryPolicy : null,
  });
  const isOfMany = kind.granularity === "endpoint";
  return {
    few: make(["e.a"], isOfMany ? 0 : 1),
    many: make(isOfMany ? ["e.a", "e.b"] : ["e.a"]),
    others: make(["e.z"]),
    elsewhere: kind.url(9),
  };
}

function intentOf({ few, many }: ReturnType<typeof documentsOf>, more: Partial<AgedIntent>): AgedIntent {
  const timestamp = more.timestamp ?? new Date(nowMs - 60_000).toISOString();
  return {
    ...{ seq: 7, runId: "run-0", operation: "update", group: "g", endpoint: many.endpoint, webhookId: "w" },
    ...{ before: few, after: many, patch: [], timestamp, lastSeenAt: timestamp },
    platformTime: timestamp,
    ...more,
  };
}

const create: Partial<AgedIntent> = { operation: "create", webhookId: null, before: null };
const remove: Partial<AgedIntent> = { operation: "delete", after: null };
const live = (document: ResourceDocument, id = "w"): LiveResource => liveFrom({ ...document, id });

/** `listedMs`: how long ago they were listed. */
async function close(
  open: AgedIntent,
  webhooks: readonly LiveResource[],
  listedMs = 0,
): Promise<AuditEntry | undefined> {
  const records = await closeAll([open], webhooks, listedMs);
  expect(records.length).toBe(1);
  return records[0];
}

async function closeAll(
  open: readonly AgedIntent[],
  webhooks: readonly LiveResource[],
  listedMs = 0,
  onRecord: ReadonlySet<string> = new Set(),
): Promise<readonly AuditEntry[]> {
  const records: AuditEntry[] = [];
  const clock = makeFakeClock(nowMs);
  const seen = { live: webhooks, listedAtMs: clock.monotonic() - listedMs, onRecord };
  await closeIntents(open, seen, {
    record: (entry) => {
      records.push(entry);
      return Promise.resolve({ seq: records.length });
    },
    sourceOf: (group) => ({ file: `${group}.yaml`, line: 1, commit: null }),
    clock,
    platformNow: () => nowMs,
  });
  return records;
}

const unlike = (how: string): string =>
  `run run-0 ended before it knew; what came of it cannot be told: ${how}`;
const without = "run run-0 ended before it knew; it did not take effect";

type Row = readonly [string, Partial<AgedIntent>, readonly LiveResource[], boolean | null, string | null];
function rowsOf({ few, many, others, elsewhere }: ReturnType<typeof documentsOf>): readonly Row[] {
  const gone = { ...many, endpoint: elsewhere };
  return [
    ["a create that is there", create, [live(many, "new")], true, null],
    ["a create that is not", create, [], false, without],
    ["a create whose name alone is there", create, [live(gone)], null, unlike("someone else made it")],
    [
      "a create that is there with other event types",
      create,
      [live(others)],
      null,
      unlike("someone else made it"),
    ],
    [
      "a create that is there beside one of its name elsewhere",
      create,
      [live(gone, "x"), live(many, "new")],
      true,
      null,
    ],
    ["an update that is done", {}, [live(others, "x"), live(many)], true, null],
    ["an update that is not", {}, [live(few)], false, without],
    ["an update of what is changed", {}, [live(others)], null, unlike("someone else changed it")],
    ["an update of what is gone", {}, [live(many, "x")], null, unlike("someone deleted it")],
    ["a delete that is done", remove, [], true, null],
    ["a delete that is not", remove, [live(few)], false, without],
    ["a delete of what is changed", remove, [live(others)], null, unlike("someone else changed it")],
  ];
}

describe.each(kinds)("of $nouns", (kind) => {
  const documents = documentsOf(kind);
  const { few, many } = documents;

  test.each(rowsOf(documents))("%s", async (_, given, webhooks, success, error) => {
    const open = intentOf(documents, given);
    const isCreated = success === true && open.operation === "create";
    expect(await close(open, webhooks)).toEqual({
      event: success === true ? "change.recovered" : "change.failed",
      operation: open.operation,
      ...{ group: "g", endpoint: many.endpoint, webhookId: isCreated ? "new" : open.webhookId },
      ...{ before: open.before, after: open.after, patch: [], success, latencyMs: null, error },
      ...{ source: { file: "g.yaml", line: 1, commit: null }, intent: 7, attempted: null },
    });
  });

  test("what was sent less than a minute ago may yet take effect", async () => {
    const fresh = intentOf(documents, { timestamp: new Date(nowMs - 59_999).toISOString() });
    expect(await close(fresh, [live(few)])).toMatchObject({
      ...{ event: "change.failed", success: null },
      error: "run run-0 ended before it knew; it had not taken effect when looked for",
    });
    expect(await close(fresh, [live(many)])).toMatchObject({ event: "change.recovered", success: true });
  });

  test("what was recorded long before it was sent may yet take effect", async () => {
    const timestamp = new Date(nowMs - 150_000).toISOString();
    const ahead = intentOf(documents, { timestamp, lastSeenAt: new Date(nowMs - 59_999).toISOString() });
    expect(await close(ahead, [live(few)])).toMatchObject({ event: "change.failed", success: null });
    expect(await close(intentOf(documents, { timestamp }), [live(few)])).toMatchObject({ success: false });
  });

  test("what was sent less than a minute before the list may have taken effect since", async () => {
    const intent = intentOf(documents, {});
    expect(await close(intent, [live(few)], 1)).toMatchObject({ event: "change.failed", success: null });
    expect(await close(intent, [live(few)])).toMatchObject({ success: false });
  });

  test("what one create made is no other create's of its name", async () => {
    const elsewhere = { ...many, endpoint: documents.elsewhere };
    const [earlier, later] = [elsewhere, many].map((after, index) =>
      intentOf(documents, { ...create, after, endpoint: after.endpoint, seq: index + 1 }),
    );
    if (!earlier || !later) throw new Error("there are two intents");
    const records = await closeAll([earlier, later], [live(elsewhere, "new")]);
    expect(records.map(({ intent, success, webhookId }) => ({ intent, success, webhookId }))).toEqual([
      { intent: 1, success: true, webhookId: "new" },
      { intent: 2, success: false, webhookId: null },
    ]);
  });

  test("what a record says that a run made is no create's whose outcome is open", async () => {
    const intent = intentOf(documents, create);
    const closed = await closeAll([intent], [live(many, "theirs")], 0, new Set(["theirs"]));
    expect(closed).toMatchObject([{ success: false, error: without }]);
    const both = await closeAll(
      [intent],
      [live(many, "theirs"), live(many, "new")],
      0,
      new Set(["theirs"]),
    );
    expect(both).toMatchObject([{ event: "change.recovered", success: true, webhookId: "new" }]);
  });

  test("what is only to be switched on, and is off, did not take effect", async () => {
    const switched = { ...many, state: "disabled" } as const;
    const closed = await close(intentOf(documents, { before: switched }), [live(switched)]);
    expect(closed).toMatchObject({ success: false, error: without });
  });
});

test.each(kinds.filter(({ isMadeInSteps }) => isMadeInSteps))(
  "of $nouns, what is being switched on was said, and is done",
  async (kind) => {
    const documents = documentsOf(kind);
    const before = { ...documents.many, state: "disabled" } as const;
    const isSaid = liveFrom({ ...live(documents.many), state: "activating" });
    expect(await close(intentOf(documents, { before }), [isSaid])).toMatchObject({ success: true });
  },
);

const webhook = documentsOf(webhooks);

test("what was open is said, with the runs that left it", () => {
  expect(describeOpen([], { kept: 0 })).toEqual([]);
  const open = [
    intentOf(webhook, {}),
    intentOf(webhook, { runId: "run-1" }),
    intentOf(webhook, { runId: "run-1" }),
  ];
  const warning = { severity: "warning", code: "run/cutShort", file: null, line: null, column: null };
  expect(describeOpen(open, { kept: 0 })).toEqual([
    {
      ...warning,
      message: "run run-0, run-1 left the outcome of 3 writes open",
      hint: "it is on record now, by what is live: `reconcile audit log` shows it; what was left is done by this run",
    },
  ]);
  expect(describeOpen(open.slice(0, 1), null)).toEqual([
    {
      ...warning,
      message: "run run-0 left the outcome of 1 write open",
      hint: "the next sync records it, and does what is left",
    },
  ]);
});
