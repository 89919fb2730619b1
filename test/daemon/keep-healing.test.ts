// `watch --keep-healing`: with an invalid manifest, drift of the groups that did not change is put back, and nothing else
// is written.
import { expect, test } from "vitest";
import { manifest, runWorld, trailOf, type Intercept, type TestWorld } from "../support/world.ts";
import type { DaemonView } from "../../src/daemon/view.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";

const files = {
  "subscriptions/alpha.yaml": manifest("alpha"),
  "subscriptions/beta.yaml": manifest("beta"),
  "subscriptions/gamma.yaml": manifest("gamma"),
};
const argv = "watch --keep-healing";
const longestBackoffMs = 300_000;

function webhookOf({ state }: TestWorld, group: string) {
  const found = [...state.webhooks.values()].find(({ name }) => name.startsWith(`${group}-`));
  if (!found) throw new Error(`no webhook of ${group}`);
  return found;
}

function switchOff({ state }: TestWorld, group: string): void {
  const found = webhookOf({ state } as TestWorld, group);
  state.webhooks.set(found.id, { ...found, state: "disabled" });
}

function remove({ state }: TestWorld, group: string): void {
  state.webhooks.delete(webhookOf({ state } as TestWorld, group).id);
}

function writesOf({ requests }: TestWorld): readonly string[] {
  return requests.filter((request) => !request.startsWith("GET") && !request.includes("/oauth/"));
}

function groupsOf({ state }: TestWorld): readonly string[] {
  return [...state.webhooks.values()].map(({ name }) => name.split("-")[0] ?? "").sort();
}

function convergedOf({ conditions }: DaemonView) {
  return conditions.find(({ type }) => type === "Converged");
}

async function save(daemon: TestDaemon, group: string, text: string): Promise<void> {
  await daemon.world.files.write(`subscriptions/${group}.yaml`, text);
}

async function startAndBreak(flags = "", more: Readonly<Record<string, string>> = {}): Promise<TestDaemon> {
  const daemon = await startDaemon({ argv: `${argv} ${flags}`, files: { ...files, ...more } });
  await daemon.pass(0);
  await save(daemon, "beta", "kind: Nonsense\n");
  daemon.world.requests.length = 0;
  return daemon;
}

test("what someone changed or deleted of an unchanged group is put back, and nothing of the invalid one", async () => {
  const daemon = await startAndBreak();
  switchOff(daemon.world, "alpha");
  remove(daemon.world, "gamma");
  remove(daemon.world, "beta");
  const before = trailOf(daemon.world.files).length;
  daemon.touch();
  const healed = await daemon.pass(300);
  expect(webhookOf(daemon.world, "alpha").state).toBe("enabled");
  expect(groupsOf(daemon.world)).toEqual(["alpha", "gamma"]);
  expect(writesOf(daemon.world)).toHaveLength(2);
  expect(healed).toMatchObject({ healed: 2, lastPass: { ok: false, healed: 2 } });
  expect(convergedOf(healed)).toMatchObject({
    status: "False",
    message: "someone else changed or deleted 1 resource, which stays so until every manifest is valid",
  });

  const records = trailOf(daemon.world.files).slice(before);
  const ofHealing = records.filter((record) => record.keptHealing === true);
  expect(ofHealing.map(({ event, operation, group }) => [event, operation, group])).toEqual([
    ["run.started", null, null],
    ...["alpha", "beta", "gamma"].map((group) => ["drift.found", null, group]),
    ...[
      ["change.intended", "update", "alpha"],
      ["change.intended", "create", "gamma"],
      ["change.applied", "update", "alpha"],
      ["change.applied", "create", "gamma"],
    ].map((line) => expect.arrayContaining(line) as unknown),
    ["run.finished", null, null],
  ]);
  expect(records.filter((record) => !ofHealing.includes(record)).map(({ event }) => event)).toEqual([
    "validation.failed",
  ]);
  expect(daemon.world.logged).toContain(
    "info: update: changed outside this repository; state disabled → enabled; --keep-healing puts it back although not every manifest is valid",
  );

  // Once everything is put back, a pass writes nothing, on record or on the platform.
  const recorded = trailOf(daemon.world.files).length;
  daemon.world.requests.length = 0;
  await daemon.pass(longestBackoffMs);
  expect(writesOf(daemon.world)).toEqual([]);
  expect(trailOf(daemon.world.files)).toHaveLength(recorded);

  await save(daemon, "beta", manifest("beta"));
  daemon.touch();
  expect(await daemon.pass(300)).toMatchObject({ healed: 3, lastPass: { ok: true } });
  await daemon.stop();
});

test("a group whose manifest changed or went, a new one and an orphan wait for valid manifests", async () => {
  const daemon = await startAndBreak("--prune --adopt");
  switchOff(daemon.world, "alpha");
  remove(daemon.world, "gamma");
  await save(daemon, "alpha", manifest("alpha", { eventTypes: ["a.created", "a.ended", "a.changed"] }));
  await daemon.world.files.remove("subscriptions/gamma.yaml");
  await save(daemon, "delta", manifest("delta"));
  daemon.touch();
  const view = await daemon.pass(300);
  expect(writesOf(daemon.world)).toEqual([]);
  expect(webhookOf(daemon.world, "alpha").state).toBe("disabled");
  expect(groupsOf(daemon.world)).toEqual(["alpha", "beta"]);
  expect(view).toMatchObject({ healed: 0, lastPass: { drift: 2 } });
  await daemon.stop();
});

test("a group that two manifests declare now is not unchanged", async () => {
  const daemon = await startAndBreak();
  switchOff(daemon.world, "alpha");
  await save(daemon, "second", manifest("alpha"));
  daemon.touch();
  await daemon.pass(300);
  expect(writesOf(daemon.world)).toEqual([]);
  await daemon.stop();
});

test("a frozen group stays as it is, and a dry run writes nothing", async () => {
  const frozen = manifest("alpha").replace(
    "  name: alpha\n",
    "  name: alpha\n  annotations: { reconcile.genesys/freeze: rebuild }\n",
  );
  for (const [flags, alpha] of [
    ["", frozen],
    ["--dry-run", manifest("alpha")],
  ] as const) {
    const daemon = await startDaemon({ argv: "watch", files });
    await daemon.pass(0);
    await daemon.stop();
    await daemon.world.files.write("subscriptions/alpha.yaml", alpha);
    const next = await startDaemon({ argv: `${argv} ${flags}`, from: daemon.world });
    await next.pass(0);
    await save(next, "beta", "kind: Nonsense\n");
    switchOff(next.world, "alpha");
    next.touch();
    expect((await next.pass(300)).lastPass?.drift).toBe(1);
    expect(writesOf(next.world)).toEqual([]);
    await next.stop();
  }
});

test("an event type that someone added goes again, and one that was moved by hand stays where it is", async () => {
  const pool = ["https://events.example.com/p1", "https://events.example.com/p2"];
  const pooled = manifest("pool", { pool, eventTypes: ["a.one", "a.two", "a.three", "a.four"] });
  const daemon = await startAndBreak("", { "subscriptions/pool.yaml": pooled });
  const { state } = daemon.world;
  const alpha = webhookOf(daemon.world, "alpha");
  state.webhooks.set(alpha.id, { ...alpha, eventTypes: [...alpha.eventTypes, "x.other"] });
  const [first, second] = [...state.webhooks.values()].filter(({ name }) => name.startsWith("pool-"));
  if (!first || !second) throw new Error("the pool has no two webhooks");
  const swapped = [
    { ...first, eventTypes: second.eventTypes },
    { ...second, eventTypes: first.eventTypes },
  ];
  for (const webhook of swapped) state.webhooks.set(webhook.id, webhook);
  daemon.touch();
  await daemon.pass(300);
  expect(writesOf(daemon.world)).toEqual([`PUT /api/v2/webhooks/${alpha.id}`]);
  expect(webhookOf(daemon.world, "alpha").eventTypes).toEqual(alpha.eventTypes);
  await daemon.stop();
});

async function restart(daemon: TestDaemon, flags: string): Promise<TestDaemon> {
  await daemon.stop();
  // A list may lag behind what was written in the last minute.
  await daemon.world.clock.advance(61_000);
  return startDaemon({ argv: flags, from: daemon.world });
}

test("after a restart a group is unchanged if it declares what the trail last recorded", async () => {
  const first = await startAndBreak();
  await save(first, "gamma", manifest("gamma", { eventTypes: ["a.created"] }));
  for (const group of ["alpha", "beta", "gamma"]) switchOff(first.world, group);
  const daemon = await restart(first, argv);
  const view = await daemon.pass(0);
  expect(writesOf(daemon.world)).toEqual([`PUT /api/v2/webhooks/${webhookOf(daemon.world, "alpha").id}`]);
  expect(view).toMatchObject({ healed: 1, lastPass: { drift: 3 } });
  await daemon.stop();
});

test("after a restart a webhook that someone deleted is put back, too", async () => {
  const first = await startAndBreak();
  remove(first.world, "alpha");
  const daemon = await restart(first, argv);
  await daemon.pass(0);
  expect(groupsOf(daemon.world)).toEqual(["alpha", "beta", "gamma"]);
  expect(writesOf(daemon.world)).toHaveLength(1);
  await daemon.stop();
});

test("after a restart drift is looked for by the trail, and without the flag only shown", async () => {
  const first = await startAndBreak();
  switchOff(first.world, "alpha");
  remove(first.world, "beta");
  const recorded = trailOf(first.world.files).length;
  const daemon = await restart(first, "watch");
  const view = await daemon.pass(0);
  expect(writesOf(daemon.world)).toEqual([]);
  expect(view).toMatchObject({ healed: 0, lastPass: { drift: 2 } });
  expect(convergedOf(view)).toMatchObject({ status: "False", reason: "DriftFound" });
  expect(
    trailOf(daemon.world.files)
      .slice(recorded)
      .map(({ event }) => event),
  ).toEqual(["validation.failed"]);
  await daemon.stop();
});

/** Runs a sync that dies with its first PUT, which the platform has or has not done by then. */
async function dieInPut(from: TestWorld, isDone: boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const intercept: Intercept = (request, forward) => {
      if (request.method !== "PUT") return forward();
      if (isDone) forward();
      resolve();
      return new Promise(() => undefined);
    };
    void runWorld({ argv: "sync", from, intercept, processes: { pid: 666 } });
  });
  await from.clock.advance(61_000);
}

const dead = { pid: 7, isAlive: () => false };

test("after a restart what a run that died wrote itself is no drift of the group that cannot be read", async () => {
  const first = await startDaemon({ argv, files });
  await first.pass(0);
  await first.stop();
  const from = first.world;
  from.files.set("subscriptions/beta.yaml", manifest("beta", { eventTypes: ["a.created"] }));
  await dieInPut(from, true);
  await from.files.write("subscriptions/beta.yaml", "kind: Nonsense\n");
  const daemon = await startDaemon({ argv: "watch", from, processes: dead });
  expect(await daemon.pass(0)).toMatchObject({ lastPass: { drift: 0 } });
  await daemon.stop();
});

test("after a restart drift that a run died of putting right is still put back, and shown of the group that cannot be read", async () => {
  for (const [group, after] of [
    ["alpha", { healed: 1, lastPass: { drift: 0 } }],
    ["beta", { healed: 0, lastPass: { drift: 1 } }],
  ] as const) {
    const first = await startDaemon({ argv, files });
    await first.pass(0);
    await first.stop();
    const from = first.world;
    switchOff(from, group);
    await dieInPut(from, false);
    await from.files.write("subscriptions/beta.yaml", "kind: Nonsense\n");
    const daemon = await startDaemon({ argv, from, processes: dead });
    expect(await daemon.pass(0)).toMatchObject(after);
    expect(webhookOf(from, group).state).toBe(group === "alpha" ? "enabled" : "disabled");
    await daemon.stop();
  }
});

test("after a restart without a trail nothing is known to be unchanged", async () => {
  const first = await startAndBreak();
  switchOff(first.world, "alpha");
  remove(first.world, "gamma");
  await first.stop();
  for (const path of first.world.files.paths())
    if (!path.includes("subscriptions/")) await first.world.files.remove(path.slice(1));
  const daemon = await startDaemon({ argv, from: first.world });
  expect(convergedOf(await daemon.pass(0))).toMatchObject({ status: "Unknown" });
  expect(writesOf(daemon.world)).toEqual([]);
  await daemon.stop();
});

test("a sync with invalid manifests asks the platform nothing, whatever the trail holds", async () => {
  const daemon = await startAndBreak();
  switchOff(daemon.world, "alpha");
  await daemon.stop();
  const { status, world } = await runWorld({ argv: "sync", from: daemon.world });
  expect([status, world.requests]).toEqual([1, []]);
});

const pool = [
  "https://events.example.com/p1",
  "https://events.example.com/p2",
  "https://events.example.com/p3",
];
const inOrder = ["a.one", "a.two", "a.three", "a.four", "a.five", "a.six"];
const reordered = ["a.one", "a.four", "a.two", "a.five", "a.three", "a.six"];

/** By endpoint, the event types that the pool's webhooks deliver. */
function deliveriesOf({ state }: TestWorld): Readonly<Record<string, readonly string[]>> {
  const webhooks = [...state.webhooks.values()].filter(({ name }) => name.startsWith("pool-"));
  return Object.fromEntries(webhooks.map(({ endpoint, eventTypes }) => [endpoint, [...eventTypes].sort()]));
}

function webhookAt({ state }: TestWorld, url: string) {
  const found = [...state.webhooks.values()].find(({ endpoint }) => endpoint === url);
  if (!found) throw new Error(`no webhook at ${url}`);
  return found;
}

/** A pool whose manifest lists its event types in another order than that in which they were dealt out. */
async function startPool(): Promise<TestDaemon> {
  const daemon = await startAndBreak("", {
    "subscriptions/pool.yaml": manifest("pool", { pool, eventTypes: inOrder }),
  });
  await save(daemon, "beta", manifest("beta"));
  await save(daemon, "pool", manifest("pool", { pool, eventTypes: reordered }));
  daemon.touch();
  expect((await daemon.pass(300)).lastPass?.ok).toBe(true);
  await save(daemon, "beta", "kind: Nonsense\n");
  daemon.world.requests.length = 0;
  return daemon;
}

test("several deleted webhooks of a pool are put back as they were on record, also where the manifest alone would divide otherwise", async () => {
  for (const isRestarted of [false, true]) {
    const first = await startPool();
    const before = deliveriesOf(first.world);
    for (const url of pool.slice(1)) first.world.state.webhooks.delete(webhookAt(first.world, url).id);
    const daemon = isRestarted ? await restart(first, argv) : first;
    if (!isRestarted) daemon.touch();
    const healed = await daemon.pass(isRestarted ? 0 : 300);
    expect(deliveriesOf(daemon.world)).toEqual(before);
    expect(writesOf(daemon.world)).toEqual(["POST /api/v2/webhooks", "POST /api/v2/webhooks"]);
    expect(healed).toMatchObject({ healed: 2, lastPass: { healed: 2 } });
    daemon.world.requests.length = 0;
    await daemon.pass(longestBackoffMs);
    expect(writesOf(daemon.world)).toEqual([]);
    await save(daemon, "beta", manifest("beta"));
    daemon.touch();
    await daemon.pass(300);
    expect(writesOf(daemon.world)).toEqual([]);
    await daemon.stop();
  }
});

test("beside deleted webhooks of a pool, one that was switched off and has lost an event type becomes what it was", async () => {
  const daemon = await startPool();
  const before = deliveriesOf(daemon.world);
  const { state } = daemon.world;
  const one = webhookAt(daemon.world, pool[0] ?? "");
  state.webhooks.set(one.id, { ...one, state: "disabled", eventTypes: ["a.one"] });
  for (const url of pool.slice(1)) state.webhooks.delete(webhookAt(daemon.world, url).id);
  daemon.touch();
  expect(await daemon.pass(300)).toMatchObject({ healed: 3 });
  expect(deliveriesOf(daemon.world)).toEqual(before);
  expect(webhookAt(daemon.world, pool[0] ?? "").state).toBe("enabled");
  await daemon.stop();
});

test("an event type that somebody gave another webhook of the pool goes back where it was, once that one delivers it", async () => {
  const daemon = await startPool();
  const before = deliveriesOf(daemon.world);
  const { state } = daemon.world;
  const [one, two] = pool.slice(0, 2).map((url) => webhookAt(daemon.world, url));
  if (!one || !two) throw new Error("the pool has no two webhooks");
  for (const url of pool.slice(1)) state.webhooks.delete(webhookAt(daemon.world, url).id);
  state.webhooks.set(one.id, { ...one, eventTypes: [...one.eventTypes, "a.two"] });
  daemon.touch();
  expect(await daemon.pass(300)).toMatchObject({ healed: 3 });
  expect(deliveriesOf(daemon.world)).toEqual(before);
  expect(writesOf(daemon.world)).toEqual([
    "POST /api/v2/webhooks",
    "POST /api/v2/webhooks",
    `PUT /api/v2/webhooks/${one.id}`,
  ]);
  await daemon.stop();
});

test("a deleted webhook is not put back where another one of the pool delivers one of its event types for one of its own", async () => {
  const daemon = await startPool();
  const { state } = daemon.world;
  const [one, two, three] = pool.map((url) => webhookAt(daemon.world, url));
  if (!one || !two || !three) throw new Error("the pool has no three webhooks");
  // Somebody lets the first webhook deliver a.two instead of a.one, and deletes the other two.
  state.webhooks.set(one.id, { ...one, eventTypes: ["a.two", "a.four"] });
  state.webhooks.delete(two.id);
  state.webhooks.delete(three.id);
  daemon.touch();
  await daemon.pass(300);
  const delivered = Object.values(deliveriesOf(daemon.world)).flat();
  expect(delivered.sort()).toEqual(["a.four", "a.six", "a.three", "a.two"]);
  await daemon.stop();
});

test.each([false, true])(
  "a webhook that somebody deleted long ago stays gone once another one of the pool has its event types (restarted: %s)",
  async (isRestarted) => {
    const two = pool.slice(0, 2);
    const pooled = (...eventTypes: string[]) => ({
      "subscriptions/pool.yaml": manifest("pool", { pool: two, eventTypes }),
    });
    const { world: from } = await runWorld({ argv: "", files: { ...files, ...pooled("a.one", "a.two") } });
    from.state.webhooks.delete(webhookAt(from, two[0] ?? "").id);
    for (const eventType of ["a.two", "a.one"]) {
      await from.clock.advance(61_000);
      for (const [path, text] of Object.entries(pooled(eventType))) from.files.set(path, text);
      await runWorld({ argv: "", from });
    }
    const left = webhookAt(from, two[1] ?? "");
    expect(deliveriesOf(from)).toEqual({ [left.endpoint]: ["a.one"] });
    await from.clock.advance(61_000);
    const first = await startDaemon({ argv, from });
    await first.pass(0);
    if (isRestarted) await first.stop();
    from.state.webhooks.set(left.id, { ...left, eventTypes: ["x.other"] });
    await save(first, "beta", "kind: Nonsense\n");
    const daemon = isRestarted ? await startDaemon({ argv, from }) : first;
    if (!isRestarted) daemon.touch();
    expect(await daemon.pass(isRestarted ? 0 : 300)).toMatchObject({ healed: 1 });
    expect(deliveriesOf(from)).toEqual({ [left.endpoint]: ["a.one"] });
    await daemon.stop();
  },
);
