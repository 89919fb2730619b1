// Plan → writes, at its own seam: order, what a failure stops, how many at once, and what is recorded.
import { expect, test } from "vitest";
import { applyPlan, type ApplyPorts } from "../../src/apply/apply-plan.ts";
import type { AuditEntry } from "../../src/model/audit-record.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { Operation, Plan } from "../../src/model/plan.ts";
import { emptyPlan } from "../../src/model/result.ts";
import type { WebhookDocument } from "../../src/model/webhook.ts";
import { makeFakeClock } from "../support/fake-clock.ts";

const document = (name: string): WebhookDocument => ({
  name,
  endpoint: "https://e.example.com/",
  eventTypes: ["e.a"],
  retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
  state: "enabled",
  description: `Consumer group: ${name}`,
});

function operation(group: string, phase: number, more: Partial<Operation> = {}): Operation {
  const name = `${group}-${phase}`;
  return {
    action: "update",
    group,
    endpoint: "https://e.example.com/",
    webhookId: name,
    name,
    phase,
    patch: [],
    reason: "because",
    status: "planned",
    error: null,
    before: document(name),
    after: document(name),
    ...more,
  };
}

const remove = (group: string) => operation(group, 9, { action: "delete", after: null });

async function apply(
  plan: Partial<Plan>,
  ports: Partial<ApplyPorts> = {},
  fail: Record<string, Error> = {},
) {
  const events: string[] = [];
  const records: AuditEntry[] = [];
  const progress: string[] = [];
  const clock = makeFakeClock();
  clock.autoAdvance();
  let underWay = 0;
  let most = 0;
  const call = async (what: string, id: string) => {
    most = Math.max(most, (underWay += 1));
    events.push(`${what} ${id}`);
    await clock.sleep(10);
    underWay -= 1;
    const failure = fail[id];
    if (failure) throw failure;
    return { id, ...document(id) };
  };
  const { plan: applied, stopped } = await applyPlan(
    { ...emptyPlan, ...plan },
    {
      driver: {
        list: () => Promise.resolve([]),
        read: () => Promise.reject(new ReconcileError("network/reset", "and nobody to ask")),
        create: ({ name }) => call("create", name),
        update: (id) => call("update", id),
        delete: async (id) => {
          await call("delete", id);
        },
      },
      record: (entry) => {
        events.push(`${entry.event} ${entry.webhookId ?? "new"}`);
        records.push(entry);
        return Promise.resolve({ seq: records.length });
      },
      clock,
      random: { next: () => 0.5, id: () => "id" },
      replan: () => emptyPlan,
      mayWrite: () => Promise.resolve(true),
      concurrency: 4,
      interrupted: new AbortController().signal,
      sourceOf: (group) => ({ file: `${group}.yaml`, line: 1, commit: null }),
      onProgress: (done, total) => void progress.push(`${done}/${total}`),
      ...ports,
    },
  );
  const statuses = [...applied.operations, ...applied.prunes].map(
    ({ name, status }) => `${name} ${status}`,
  );
  return { applied, stopped, statuses, events, records, progress, most };
}

test("a write is intent, request, outcome; phases follow each other; prunes come last", async () => {
  const create = operation("a", 1, { action: "create", webhookId: null, before: null });
  const done = await apply({ operations: [create, operation("a", 2)], prunes: [remove("old")] });
  expect(done.events).toEqual([
    "change.intended new",
    "create a-1",
    "change.applied a-1",
    "change.intended a-2",
    "update a-2",
    "change.applied a-2",
    "change.intended old-9",
    "delete old-9",
    "change.applied old-9",
  ]);
  expect(done.statuses).toEqual(["a-1 applied", "a-2 applied", "old-9 applied"]);
  expect(done.applied.operations[0]?.webhookId).toBe("a-1");
  expect(done.progress).toEqual(["1/3", "2/3", "3/3"]);
  expect(
    done.records.slice(0, 2).map(({ success, latencyMs, source }) => [success, latencyMs, source?.file]),
  ).toEqual([
    [null, null, "a.yaml"],
    [true, 10, "a.yaml"],
  ]);
});

test("groups run side by side, up to the concurrency", async () => {
  const operations = ["a", "b", "c", "d", "e", "f"].map((group) => operation(group, 1));
  expect((await apply({ operations }, { concurrency: 3 })).most).toBe(3);
  expect((await apply({ operations }, { concurrency: 1 })).most).toBe(1);
});

test.each([
  ["failed", new Error("no"), "no"],
  [
    "unknown",
    new ReconcileError("api/outcomeUnknown", "who knows", { correlationId: "c1" }),
    "who knows (correlation id c1); looking for it failed, too: and nobody to ask",
  ],
])(
  "a %s write stops its group's later phases and the prunes, not the other groups",
  async (status, failure, error) => {
    const operations = [
      operation("a", 1),
      operation("a", 2),
      operation("a", 3),
      operation("b", 1),
      operation("b", 2),
    ];
    const done = await apply({ operations, prunes: [remove("old")] }, {}, { "a-1": failure });
    expect(done.statuses).toEqual([
      `a-1 ${status}`,
      "a-2 skipped",
      "a-3 skipped",
      "b-1 applied",
      "b-2 applied",
      "old-9 skipped",
    ]);
    expect(done.applied.operations[0]?.error).toBe(error);
    expect(done.records.find(({ event }) => event === "change.failed")).toMatchObject({
      webhookId: "a-1",
      error,
    });
  },
);

test("what a guard skipped stays as it was", async () => {
  const refused = operation("a", 1, { status: "skipped", error: "managed by nobody" });
  const done = await apply({
    operations: [refused, operation("b", 1)],
    prunes: [{ ...remove("old"), status: "skipped", error: "too many" }],
  });
  expect(done.applied.operations[0]).toBe(refused);
  expect(done.applied.prunes[0]?.error).toBe("too many");
  expect(done.progress).toEqual(["1/1"]);
});

test("without its intent on record, a write is not sent", async () => {
  const record = () => Promise.reject(new Error("disk full"));
  const done = await apply({ operations: [operation("a", 1)] }, { record });
  expect(done.events).toEqual([]);
  expect(done.applied.operations[0]).toMatchObject({ status: "failed", error: "disk full" });
});

test("a write whose outcome cannot be recorded is unknown", async () => {
  let records = 0;
  const record = () =>
    (records += 1) === 1 ? Promise.resolve({ seq: 1 }) : Promise.reject(new Error("disk full"));
  const done = await apply({ operations: [operation("a", 1)] }, { record });
  expect(done.events).toEqual(["update a-1"]);
  expect(done.applied.operations[0]).toMatchObject({
    status: "unknown",
    error: "sent, but its outcome is not on record: disk full",
  });
});

test("once another process may have taken over, nothing is sent", async () => {
  const done = await apply(
    { operations: [operation("a", 1), operation("b", 1)] },
    { mayWrite: () => Promise.resolve(false) },
  );
  expect(done.statuses).toEqual(["a-1 skipped", "b-1 skipped"]);
  expect(done.events.filter((event) => event.startsWith("update"))).toEqual([]);
  expect(done.stopped).toBe("another process may have taken over");
});

test("once the trail takes no more records, nothing more is sent", async () => {
  let records = 0;
  const record = () =>
    (records += 1) <= 2 ? Promise.resolve({ seq: records }) : Promise.reject(new Error("disk full"));
  const operations = Array.from({ length: 40 }, (_, index) => operation(`g${index}`, 1));
  const done = await apply({ operations }, { record, concurrency: 1 });
  expect(done.events.length).toBeLessThanOrEqual(2);
  expect(done.statuses.filter((status) => status.endsWith("skipped")).length).toBeGreaterThanOrEqual(30);
  expect(done.stopped).toBe("the audit trail takes no more records");
});

test("after an interrupt nothing is started", async () => {
  const done = await apply({ operations: [operation("a", 1)] }, { interrupted: AbortSignal.abort() });
  expect([done.statuses, done.events]).toEqual([["a-1 skipped"], []]);
  expect(done.applied.operations[0]?.error).toBe("not started: interrupted");
});
