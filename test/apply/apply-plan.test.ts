// Plan → writes, at its own seam: order, what a failure stops, how many at once, and what is recorded.
// More than 400 lines, because all of it is one table of what may come between an intent and its outcome.
import type { ResourceRef } from "../../src/genesys/driver.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { describe, expect, test } from "vitest";
import { applyPlan, type ApplyPorts } from "../../src/apply/apply-plan.ts";
import { makeBusy } from "../../src/apply/busy.ts";
import { wholeListing } from "../../src/model/listing.ts";
import type { AuditEntry } from "../../src/model/audit-record.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { GroupPlan, Operation, Plan } from "../../src/model/plan.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { kinds, liveFrom, webhooks, type TestKind } from "../support/kinds.ts";
import { emptyPlan } from "../support/results.ts";

const documentOf = (kind: TestKind, name: string, number = 0): ResourceDocument => ({
  name,
  endpoint: kind.url(number),
  eventTypes: ["e.a"],
  retryPolicy:
    kind.options?.key === "retryPolicy"
      ? { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true }
      : null,
  state: "enabled",
  description: `Consumer group: ${name}`,
});

const operationsOf =
  (kind: TestKind) =>
  (group: string, phase: number, more: Partial<Operation> = {}): Operation => {
    const name = `${group}-${phase}`;
    return {
      action: "update",
      group,
      endpoint: kind.url(0),
      webhookId: name,
      name,
      phase,
      patch: [],
      cause: { code: "changed", differences: [] },
      reason: "because",
      status: "planned",
      error: null,
      before: documentOf(kind, name),
      after: documentOf(kind, name),
      ...more,
    };
  };

const operation = operationsOf(webhooks);
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
  };
  const { plan: applied, stopped } = await applyPlan(
    { ...emptyPlan, ...plan },
    {
      kinds: builtInKinds,
      driver: {
        list: () => Promise.resolve(wholeListing([])),
        read: () => Promise.reject(new ReconcileError("network/reset", "and nobody to ask")),
        create: async (_, document) => {
          await call("create", document.name);
          return liveFrom({ id: document.name, ...document });
        },
        update: async ({ id }, document) => {
          await call("update", id);
          return liveFrom({ id, ...document });
        },
        delete: async ({ id }) => {
          await call("delete", id);
        },
      },
      lateCreates: new Map(),
      busy: { ...makeBusy(), gathers: false },
      record: (entry) => {
        events.push(`${entry.event} ${entry.webhookId ?? "new"}`);
        records.push(entry);
        return Promise.resolve({ seq: records.length });
      },
      clock,
      random: { next: () => 0.5, id: () => "id" },
      replan: () => Promise.resolve(emptyPlan),
      mayWrite: () => Promise.resolve(true),
      platformNow: () => null,
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

test.each(kinds)(
  "a write of $nouns is intent, request, outcome; phases follow; prunes last",
  async (kind) => {
    const operation = operationsOf(kind);
    const remove = (group: string) => operation(group, 9, { action: "delete", after: null });
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
  },
);

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
  const refused = operation("a", 1, { status: "skipped", error: "no owner" });
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

test("a write that the client held back for the lease is skipped, as all that follow are", async () => {
  const unsure = new ReconcileError(
    "lease/unsure",
    "not sent: the right to write was not confirmed lately",
  );
  const done = await apply(
    { operations: [operation("a", 1), operation("b", 1)], prunes: [remove("old")] },
    { concurrency: 1 },
    { "a-1": unsure },
  );
  expect(done.statuses).toEqual(["a-1 skipped", "b-1 skipped", "old-9 skipped"]);
  expect(done.events.filter((event) => /^(?:update|delete)/.test(event))).toEqual(["update a-1"]);
  expect(done.applied.operations[0]).toMatchObject({
    held: { by: "stop", why: "another process may have taken over" },
    error: "not started: another process may have taken over",
  });
  expect(done.records.find(({ event }) => event === "change.failed")).toMatchObject({
    ...{ webhookId: "a-1", success: false, attempted: false, latencyMs: null },
  });
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

/** Two endpoints: the first has `e.a` by now, and the second's resource is to lose it. */
const splitOf = (kind: TestKind): GroupPlan => ({
  group: "g",
  state: "enabled",
  endpoints: [
    { url: kind.url(1), webhookId: "one", eventTypes: ["e.a"], estimatedThroughput: 0 },
    { url: kind.url(2), webhookId: "two", eventTypes: ["e.b"], estimatedThroughput: 0 },
  ],
  moves: [],
  unchanged: 1,
  skipped: null,
  explanation: null,
  frozen: null,
  capacity: 30,
  place: { file: "g.yaml", line: 1, column: 1 },
});

const loserOf = (kind: TestKind): Operation =>
  operationsOf(kind)("g", 1, {
    ...{ webhookId: "two", endpoint: kind.url(2) },
    before: { ...documentOf(kind, "g", 2), eventTypes: ["e.a", "e.b"] },
    after: { ...documentOf(kind, "g", 2), eventTypes: ["e.b"] },
  });

const split = splitOf(webhooks);
const loser = loserOf(webhooks);

describe.each(kinds.filter(({ granularity }) => granularity === "endpoint"))("of $nouns", (kind) => {
  const operation = operationsOf(kind);
  const document = (name: string) => documentOf(kind, name);
  const split = splitOf(kind);
  const loser = loserOf(kind);
  const gainer = liveFrom({ ...documentOf(kind, "g", 1), id: "one" });

  async function lose(
    live: LiveResource | null,
    given: { readonly plan?: Partial<GroupPlan>; readonly step?: Partial<Operation> } = {},
  ) {
    const read: string[] = [];
    const driver = {
      list: () => Promise.resolve(wholeListing([])),
      read: ({ id }: ResourceRef) => {
        read.push(id);
        return Promise.resolve(live);
      },
      create: () => Promise.reject(new Error("nothing is to be made")),
      update: ({ id }: ResourceRef, after: ResourceDocument) => Promise.resolve(liveFrom({ id, ...after })),
      delete: () => Promise.resolve(),
    };
    const plan = { operations: [{ ...loser, ...given.step }], groups: [{ ...split, ...given.plan }] };
    const done = await apply(plan, { driver });
    return { ...done, read, said: done.applied.diagnostics.map(({ message }) => message) };
  }

  test.each<[string, LiveResource | null, string | null]>([
    ["as it should be", gainer, null],
    ["spelt otherwise", { ...gainer, endpoint: kind.otherSpelling(1) }, null],
    ["with more event types", { ...gainer, eventTypes: ["e.a", "e.z"] }, null],
    ["deleted", null, "was deleted by someone else"],
    ["disabled", liveFrom({ ...gainer, state: "disabled" }), "was disabled by someone else"],
    ["sent elsewhere", { ...gainer, endpoint: kind.url(9) }, "was sent elsewhere by someone else"],
    ["stripped", { ...gainer, eventTypes: [] }, "does not have e.a any more, which someone else took away"],
  ])("a gainer that is %s when it is read again", async (_, live, fault) => {
    const { read, said, statuses, records } = await lose(live);
    expect(read).toEqual(["one"]);
    if (fault === null) {
      expect([statuses, said]).toEqual([["g-1 applied"], []]);
      return;
    }
    const error = `not sent, because ${kind.noun} one ${fault}`;
    expect(said).toEqual([`group "g" was planned anew: update of g-1: ${error}`]);
    expect(records.at(-1)).toMatchObject({
      ...{ event: "change.failed", success: false, attempted: false, latencyMs: null },
      error,
    });
  });

  test.each<[string, Parameters<typeof lose>[1]]>([
    ["loses nothing", { step: { after: { ...document("g"), eventTypes: ["e.b", "e.a"] } } }],
    [
      "loses what nobody is to have",
      {
        plan: {
          endpoints: [
            {
              url: kind.url(2),
              webhookId: "two",
              eventTypes: ["e.b"],
              estimatedThroughput: 0,
            },
          ],
        },
      },
    ],
    [
      "delivered nothing",
      { step: { before: { ...document("g"), eventTypes: ["e.a"], state: "disabled" } } },
    ],
    ["is of a group that shall deliver nothing", { plan: { state: "disabled" } }],
  ])("a write that %s waits for nobody", async (_, given) => {
    const { read, statuses } = await lose(null, given);
    expect([read, statuses]).toEqual([[], ["g-1 applied"]]);
  });

  const one = { ...document("g"), endpoint: kind.url(1) };
  /** Takes e.a over, after the loser has lost it and before the leaver goes. */
  const taker = operation("g", 2, {
    ...{ webhookId: "one", name: "taker", endpoint: one.endpoint },
    ...{ before: { ...one, eventTypes: ["e.c"] }, after: { ...one, eventTypes: ["e.a", "e.c"] } },
  });
  const three = { ...document("g"), endpoint: kind.url(3) };
  const leaver = operation("g", 3, {
    ...{ action: "delete", webhookId: "three", name: "leaver", endpoint: three.endpoint },
    ...{ before: { ...three, eventTypes: ["e.a"] }, after: null },
  });

  async function loseTo(operations: readonly Operation[]) {
    const read: string[] = [];
    const found = new Map([
      ["one", liveFrom({ ...one, id: "one", eventTypes: ["e.a", "e.c"] })],
      ["three", liveFrom({ ...three, id: "three", eventTypes: ["e.a"] })],
    ]);
    const driver = {
      list: () => Promise.resolve(wholeListing([...found.values()])),
      read: ({ id }: ResourceRef) => {
        read.push(id);
        return Promise.resolve(found.get(id) ?? null);
      },
      create: () => Promise.reject(new Error("nothing is to be made")),
      update: ({ id }: ResourceRef, after: ResourceDocument) => Promise.resolve(liveFrom({ id, ...after })),
      delete: () => Promise.resolve(),
    };
    const done = await apply({ operations, groups: [split] }, { driver });
    return { read, became: done.statuses.map((status) => status.split(" ")[1]) };
  }

  test("until the webhook that takes over has an event type, one that leaves later is read for it", async () => {
    const applied = ["applied", "applied", "applied"];
    expect(await loseTo([loser, taker, leaver])).toEqual({ read: ["three", "one"], became: applied });
    // One that delivers nothing, or goes at the same time, holds nothing: then it is for the taker to have it.
    const disabled = { ...leaver, before: { ...three, eventTypes: ["e.a"], state: "disabled" as const } };
    expect(await loseTo([loser, taker, disabled])).toEqual({ read: ["one"], became: applied });
    const [, , ...nobody] = [loser, taker, { ...leaver, before: { ...three, eventTypes: ["e.x"] } }];
    expect(await loseTo([loser, taker, ...nobody])).toEqual({ read: ["one"], became: applied });
    const same = await loseTo([loser, { ...leaver, phase: 1 }, taker]);
    expect([same.read, same.became]).toEqual([["one", "one"], applied]);
    // Made by this pass already: it is the one that is read, and nobody else.
    const early = { ...taker, phase: 1 };
    const later = { ...loser, phase: 2 };
    expect(await loseTo([early, later, leaver])).toEqual({ read: ["one", "one"], became: applied });
  });
});

const outages = [
  "network/reset",
  "auth/unavailable",
  "api/unauthorized",
  "api/forbidden",
  "api/rateLimited",
];
const ownFaults = ["api/rejected", "api/storedOtherwise", "api/malformed"];

async function failing(codes: readonly (string | null)[], concurrency = 1) {
  const names = codes.map((_, index) => `g${index}`);
  const failures = codes.map(
    (code, index) => [`g${index}-1`, code && new ReconcileError(code, "no")] as const,
  );
  const fail = Object.fromEntries(failures.flatMap(([id, error]) => (error ? [[id, error]] : [])));
  const done = await apply({ operations: names.map((name) => operation(name, 1)) }, { concurrency }, fail);
  return { ...done, became: done.statuses.map((status) => status.split(" ")[1]) };
}

test.each(outages)("five writes in a row without the platform end a pass: %s", async (code) => {
  const { became, stopped, records } = await failing(Array.from({ length: 7 }, () => code));
  expect(became).toEqual([...Array<string>(5).fill("failed"), "skipped", "skipped"]);
  expect(stopped).toBe("5 writes in a row found no platform");
  // They were on record ahead.
  expect(records.filter(({ attempted }) => attempted === false).map(({ error }) => error)).toEqual(
    Array(2).fill("not started: 5 writes in a row found no platform"),
  );
});

test("a write that succeeds in between, or fails for reasons of its own, begins the count anew", async () => {
  const [down = ""] = outages;
  for (const other of [null, ...ownFaults]) {
    const { became, stopped } = await failing([down, down, down, down, other, down, down, down, down]);
    expect([became.includes("skipped"), stopped]).toEqual([false, null]);
  }
});

test("once the platform is gone, a write in flight that succeeds does not bring it back", async () => {
  const codes = Array.from({ length: 12 }, (_, index) => (index < 5 ? "network/reset" : null));
  const { became, stopped } = await failing(codes, 6);
  // Those that began before the fifth had failed are finished.
  expect(became).toEqual([
    ...Array<string>(5).fill("failed"),
    ...Array<string>(5).fill("applied"),
    ...["skipped", "skipped"],
  ]);
  expect(stopped).toBe("5 writes in a row found no platform");
});

test("the reason why a pass was interrupted is what is said, whatever else keeps writes back", async () => {
  const interrupt = new AbortController();
  const done = await apply(
    { operations: [operation("a", 1), operation("b", 1)] },
    {
      concurrency: 1,
      interrupted: interrupt.signal,
      mayWrite: () => {
        interrupt.abort(new ReconcileError("state/takenOver", "another process took it over"));
        return Promise.resolve(false);
      },
    },
  );
  expect(done.applied.operations.map(({ error }) => error)).toEqual(
    Array(2).fill("not started: another process took it over"),
  );
  expect(done.stopped).toBe("another process took it over");
});

test("a gainer that an interrupt keeps from being read skips the write; any other failure fails it", async () => {
  for (const [code, expected] of [
    ["api/interrupted", ["skipped", "not started: who knows"]],
    ["network/reset", ["failed", "who knows"]],
  ] as const) {
    const read = () => Promise.reject(new ReconcileError(code, "who knows"));
    const nothing = () => Promise.reject(new Error("nothing is to be sent"));
    const driver = { list: nothing, read, create: nothing, update: nothing, delete: nothing };
    const done = await apply({ operations: [loser], groups: [split] }, { driver });
    const [step] = done.applied.operations;
    expect([step?.status, step?.error]).toEqual(expected);
    expect(done.records.at(-1)).toMatchObject({ event: "change.failed", success: false, attempted: false });
  }
});

test("a group that cannot be planned anew says why, and stays as it is", async () => {
  const stale = new ReconcileError("api/notFound", "not found (404)");
  const replan = () => {
    throw new ReconcileError("api/unstableList", "the list never rests");
  };
  const read = () => Promise.resolve(null);
  const update = () => Promise.reject(stale);
  const nothing = () => Promise.reject(new Error("nothing else is to be sent"));
  const driver = {
    list: () => Promise.resolve(wholeListing([])),
    read,
    create: nothing,
    update,
    delete: nothing,
  };
  const done = await apply(
    { operations: [operation("g", 1), operation("g", 2)], groups: [split] },
    { driver, replan },
  );
  expect(done.applied.diagnostics).toEqual([
    {
      ...{ severity: "warning", code: "group/replanned", ...split.place },
      message: 'group "g" cannot be planned anew: the list never rests',
      hint: "someone else changed what is live of it: let one applier at a time manage an owner",
    },
  ]);
  expect(done.statuses).toEqual(["g-1 failed", "g-2 skipped"]);
});
