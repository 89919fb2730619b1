// Commands whose state is in a shared store: several machines, each with a disk of its own, have one lease and one trail.
import { describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { away, makeMemoryStore, type MemoryStore } from "../state/shared/memory-store.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { seeWorld } from "../support/see.ts";
import {
  makeWorld,
  manifest,
  runWorld,
  writesOf,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";

const config =
  "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: team\nstate: { store: postgres }\n";
const files = { "reconcile.yaml": config, "subscriptions/a.yaml": manifest("alpha") };

/** The machine `pid`, on a disk of its own, with the platform, the time and the store of `beside`. */
function machine(pid: number, options: Partial<WorldOptions>, beside: TestWorld, store: MemoryStore) {
  const own = { ...beside, files: makeMemoryFiles(files) };
  return {
    argv: "",
    ...{ openStore: () => Promise.resolve(store), from: own },
    processes: { pid, host: `host-${pid}`, machine: `machine-${pid}` },
    ...options,
  } satisfies WorldOptions;
}

function begin() {
  const world = makeWorld({ argv: "", files });
  const store = makeMemoryStore(world.clock);
  const on = (pid: number, options: Partial<WorldOptions> = {}, at: TestWorld = world) =>
    machine(pid, options, at, store);
  return { world, store, on };
}

const split = (group: string, pool: readonly string[], eventTypes: number) =>
  [
    "apiVersion: reconcile.genesys/v1\nkind: WebhookSubscription",
    `metadata: { name: ${group} }`,
    `spec:\n  endpointUrl: ${pool[0] ?? ""}\n  endpointPool: [${pool.join(", ")}]`,
    `  eventTypes: [${Array.from({ length: eventTypes }, (_, index) => `topic.${index}`).join(", ")}]\n`,
  ].join("\n");

const recordsOf = (store: MemoryStore, organization = organizationOf(store)) =>
  store
    .of({ organization, owner: "team" })
    .records.map(({ line }) => JSON.parse(line) as { event: string });

const organizationOf = (store: MemoryStore): string => {
  const [first = ""] = store.keys();
  return first.split("/")[0] ?? "";
};

const eventsOf = (store: MemoryStore) => recordsOf(store).map(({ event }) => event);

describe("a sync", () => {
  test("writes its trail to the store, and another machine has nothing left to do and takes no lease", async () => {
    const { store, on } = begin();
    const first = await seeWorld(on(1));
    expect([first.status, first.result.summary.create]).toEqual([0, 1]);
    expect(eventsOf(store)).toEqual(["run.started", "change.intended", "change.applied", "run.finished"]);
    store.calls.length = 0;
    const second = await seeWorld(on(2));
    expect([second.status, second.result.summary]).toEqual([
      0,
      expect.objectContaining({ create: 0, unchanged: 1 }),
    ]);
    expect(store.calls).toEqual(["findOrganization", "look", "read"]);
    expect(eventsOf(store)).toHaveLength(4);
  });

  test("of two machines at once: one waits, then finds nothing left to do", async () => {
    const { world, store, on } = begin();
    const [one, other] = [makeWorld(on(1)), makeWorld({ ...on(2), argv: "--output json" })];
    expect(await Promise.all([run(one), run(other)])).toEqual([0, 0]);
    expect(world.state.webhooks.size).toBe(1);
    expect(eventsOf(store).filter((event) => event === "change.intended")).toHaveLength(1);
  });

  test("that cannot reach the store writes nothing, exits 1 and names it", async () => {
    const { store, on } = begin();
    store.before = away;
    const { status, codes, world } = await seeWorld(on(1));
    expect([status, codes, writesOf(world)]).toEqual([1, ["state/unreachable"], []]);
    expect(world.files.paths().filter((path) => path.startsWith("/.reconcile"))).toEqual([]);
  });

  test("of a dry run only reads: it takes no lease, and remembers nothing there", async () => {
    const { store, on } = begin();
    await seeWorld(on(1, { argv: "plan" }));
    expect(store.calls).toEqual(["findOrganization", "look"]);
  });
});

test("where an append is a push, the records of a phase wait for each other: two appends a phase, and two more", async () => {
  const { store, on } = begin();
  store.gathers = true;
  const pool = ["1", "2", "3"].map((name) => `https://events.example.com/${name}`);
  const machineFiles = (eventTypes: number) => {
    const groups = Array.from({ length: 40 }, (_, index) => `group-${index}`);
    return Object.fromEntries(
      groups.map((group) => [`subscriptions/${group}.yaml`, split(group, pool, eventTypes)]),
    );
  };
  const first = makeWorld(on(1, { argv: "--output json" }));
  for (const [path, text] of Object.entries(machineFiles(30))) first.files.set(path, text);
  expect(await run(first)).toBe(0);
  const appends = () => store.calls.filter((call) => call === "append").length;
  // One phase: the start with the intents, the outcomes, the end.
  expect([appends(), writesOf(first).length]).toEqual([3, 121]);
});

test("what the store warns of is in the result of each pass, also of one that fails", async () => {
  const { store, on } = begin();
  const warning = { code: "state/ownsTables", message: "the role owns the tables", hint: "use another" };
  store.warnings = () => [warning];
  const first = await seeWorld(on(1));
  const planned = await seeWorld(on(2, { argv: "plan" }));
  store.before = (call) => {
    if (call === "take") away();
  };
  const failed = await seeWorld({
    ...on(3),
    ...{
      from: {
        ...first.world,
        files: makeMemoryFiles({ ...files, "subscriptions/b.yaml": manifest("beta") }),
      },
    },
  });
  for (const { result } of [first, planned, failed])
    expect(result.diagnostics.filter(({ code }) => code === warning.code)).toMatchObject([
      { severity: "warning", ...warning },
    ]);
  expect([first.status, planned.status, failed.codes]).toEqual([0, 0, ["state/unreachable"]]);
  expect((await runWorld(on(4))).out).toContain("the role owns the tables");
});

test.each(["full", "none"])("with audit.actors: %s the lease names the machine or not", async (actors) => {
  const { world, store, on } = begin();
  world.files.set("reconcile.yaml", `${config}audit: { actors: ${actors} }\n`);
  const holders = new Set<string>();
  store.after = (call) => {
    const [key = ""] = store.keys();
    const [organization = "", owner = ""] = key.split("/");
    if (call === "take") holders.add(store.of({ organization, owner }).holder?.host ?? "");
  };
  const { status } = await seeWorld({ ...on(1), from: world });
  expect([status, [...holders]]).toEqual([0, [actors === "full" ? "host-1" : "not recorded"]]);
});

test("a trail that was moved refuses every sync, also one without changes; a plan warns", async () => {
  const { store, on } = begin();
  const first = await seeWorld(on(1));
  store.of({ organization: organizationOf(store), owner: "team" }).movedTo = "git";
  const next = await seeWorld({ ...on(1), from: first.world });
  expect([next.status, next.codes]).toEqual([1, ["state/moved"]]);
  const planned = await seeWorld({ ...on(1, { argv: "plan" }), from: first.world });
  const warned = planned.world.logged.filter((line) => line.startsWith("warn"));
  expect([planned.status, warned]).toEqual([
    0,
    [expect.stringContaining("was moved to git; this run reads what is left of it here") as unknown],
  ]);
});

test("status says of which machine the last run here is, and who ran the last one on record", async () => {
  const { on } = begin();
  const first = await seeWorld(on(1));
  const second = await seeWorld({
    ...on(2),
    from: { ...on(2).from, files: makeMemoryFiles({ ...files, "subscriptions/b.yaml": manifest("beta") }) },
  });
  const { out, err } = await runWorld({ ...on(1, { argv: "status --output json" }), from: first.world });
  expect(JSON.parse(out)).toMatchObject({
    lastRun: { runId: first.result.runId, host: "host-1" },
    recordedRun: { runId: second.result.runId },
  });
  expect(err).toContain(`is ${second.result.runId}, on record until`);
});

describe("commands about another owner's trail", () => {
  /** The trails of two owners in one store; the config of the machine names the first. */
  async function twoOwners() {
    const { store, on } = begin();
    await seeWorld(on(1));
    const theirs = { ...files, "reconcile.yaml": config.replace("team", "crew") };
    const organization = organizationOf(store);
    const other = { ...on(2), from: { ...on(2).from, files: makeMemoryFiles(theirs) } };
    other.from.files.set("subscriptions/a.yaml", manifest("beta"));
    await seeWorld(other);
    const headOf = (owner: string) => store.of({ organization, owner }).records.at(-1)?.hash;
    return { store, organization, headOf, see: (argv: string) => runWorld(on(3, { argv })) };
  }

  test("`audit head` and `audit verify` take --owner and --organization", async () => {
    const { organization, headOf, see } = await twoOwners();
    expect((await see("audit head")).out).toBe(`${headOf("team")}\n`);
    expect((await see("audit head --owner crew")).out).toBe(`${headOf("crew")}\n`);
    const whose = `--owner crew --organization ${organization}`;
    expect((await see(`audit head ${whose}`)).out).toBe(`${headOf("crew")}\n`);
    const verified = await see(`audit verify ${whose} --expect-head ${headOf("crew")}`);
    expect([verified.status, verified.out]).toEqual([0, expect.stringContaining("4 records, unbroken")]);
    const nobodys = await see("audit verify --organization another-one");
    expect([nobodys.status, nobodys.err]).toEqual([1, expect.stringContaining("audit/missing")]);
    const log = await see("audit log --owner crew --json");
    expect(log.out.split("\n").filter(Boolean)).toHaveLength(4);
  });

  test("the audit commands name the store, and not this machine's copy of its trail", async () => {
    const { store, organization, see } = await twoOwners();
    const verified = await see("audit verify");
    expect(verified.out.split("\n")[0]).toBe(`${store.name}: 4 records, unbroken, none signed`);
    expect(verified.out).toContain(`anyone who may change the records in ${store.name}`);
    for (const command of ["verify", "head", "export --file copy.jsonl"]) {
      const { err } = await see(`audit ${command} --owner nobody`);
      expect(err.split("\n")[0]).toBe(`error: there is no audit trail in ${store.name} [audit/missing]`);
    }
    expect((await see("audit log --owner nobody")).err).toContain(
      `There is no audit trail in ${store.name}: `,
    );
    const { records } = store.of({ organization, owner: "team" });
    records.splice(1, 1, { ...records[1], line: records[1]?.line.replace("alpha", "alphb") } as never);
    const broken = await see("audit verify");
    expect(broken.out).toContain(`error: line 2 of this machine's copy of ${store.name} breaks the chain`);
    expect(broken.out).toContain("keep the store as it is");
  });

  test("with --file they would mean nothing, so it is refused", async () => {
    const { see } = await twoOwners();
    const { status, err } = await see("audit head --file trail.log --owner crew");
    expect([status, err]).toEqual([1, expect.stringContaining("cannot be used with option '--owner")]);
  });

  test("`audit rotate` rotates that one's trail, and its records name them", async () => {
    const { store, organization, see } = await twoOwners();
    expect((await see("audit rotate --owner crew")).status).toBe(0);
    const records = store.of({ organization, owner: "crew" }).records.slice(-2);
    expect(records.map(({ line }) => JSON.parse(line) as object)).toMatchObject([
      { event: "trail.closed", owner: "crew", organization: { id: organization } },
      { event: "trail.continued", owner: "crew", organization: { id: organization } },
    ]);
    expect(store.of({ organization, owner: "team" }).records).toHaveLength(4);
  });
});

describe("a store that goes away in a pass", () => {
  test("ends it before the next write; what was done is kept, and recorded by this machine's next pass", async () => {
    const { world, store, on } = begin();
    const lost = await seeWorld(
      on(1, {
        intercept: (request, forward) => {
          const answer = forward();
          if (request.method === "POST" && request.url.endsWith("/webhooks")) store.before = away;
          return answer;
        },
      }),
    );
    expect([lost.status, lost.result.operations.map(({ status, error }) => [status, error])]).toEqual([
      1,
      [["unknown", expect.stringContaining("it is kept in .reconcile/pending/") as unknown]],
    ]);
    expect(world.state.webhooks.size).toBe(1);
    store.before = () => undefined;
    const next = await seeWorld({ ...on(1), from: lost.world });
    expect([next.status, next.result.summary]).toEqual([0, expect.objectContaining({ create: 0 })]);
    expect(eventsOf(store)).toEqual([
      ...["run.started", "change.intended"],
      ...["run.started", "change.applied", "run.finished"],
    ]);
    expect(next.about("run/cutShort")).toMatchObject([
      { hint: expect.stringContaining("on record now, as this machine had kept it") as unknown },
    ]);
    expect(next.world.files.paths().filter((path) => path.includes("pending"))).toEqual([]);
  });

  test("is not needed for what another machine has recorded meanwhile: the kept outcome is dropped, and said", async () => {
    const { store, on } = begin();
    const lost = await seeWorld(
      on(1, {
        intercept: (request, forward) => {
          const answer = forward();
          if (request.method === "POST" && request.url.endsWith("/webhooks")) store.before = away;
          return answer;
        },
      }),
    );
    store.before = () => undefined;
    await lost.world.clock.sleep(60_000);
    await seeWorld(on(2));
    const count = eventsOf(store).length;
    const next = await seeWorld({ ...on(1), from: lost.world });
    expect([next.status, next.about("state/pending").length, eventsOf(store).length]).toEqual([
      0,
      1,
      count,
    ]);
  });
});

describe("a store that does not hold the head that this machine last saw", () => {
  test.each([
    ["cut", "audit/cut", 1],
    ["emptied", "audit/gone", 0],
  ])(
    "because it was %s, stops the pass before it writes; --accept-head goes on, on record",
    async (_, code, left) => {
      const { store, on } = begin();
      const first = await seeWorld(on(1));
      const held = store.of({ organization: organizationOf(store), owner: "team" });
      const whole = held.records.map(({ line }) => `${line}\n`).join("");
      held.records = held.records.slice(0, left);
      first.world.files.set("subscriptions/b.yaml", manifest("beta"));
      const refused = await seeWorld({ ...on(1), from: first.world });
      expect([refused.status, refused.codes, writesOf(refused.world)]).toEqual([1, [code], []]);
      // The trail is said to be where it is, and this machine's copy of the missing records is not thrown away.
      const kept = first.world.files.paths().find((path) => path.includes(".log.until-4-")) ?? "";
      expect(first.world.files.text(kept)).toBe(whole);
      const named = kept.slice(1);
      const [fault] = refused.about(code);
      expect(fault?.message).toContain("the audit trail in the store in memory");
      expect([fault?.message, fault?.hint]).toEqual([
        expect.stringContaining(`${named} holds the record that this machine last saw`),
        expect.stringContaining(`put the missing records of ${named} back`),
      ]);
      const found = held.records.at(-1)?.hash ?? "0".repeat(64);
      const accepted = await seeWorld({ ...on(1, { argv: `--accept-head ${found}` }), from: first.world });
      expect([accepted.status, accepted.result.summary.create]).toEqual([0, 1]);
      expect(recordsOf(store)[left]).toMatchObject({ accepted: { found: { hash: found } } });
    },
  );

  test("a plan says nothing of a run of another machine, which is as usual", async () => {
    const { on } = begin();
    await seeWorld(on(1));
    const plan = await seeWorld(on(2, { argv: "plan" }));
    const logged = plan.world.logged.filter((line) => !line.startsWith("debug"));
    expect([plan.status, plan.world.err(), logged]).toEqual([0, "", []]);
  });

  test("another machine, which never saw that head, goes on", async () => {
    const { store, on } = begin();
    await seeWorld(on(1));
    const held = store.of({ organization: organizationOf(store), owner: "team" });
    held.records = held.records.slice(0, 2);
    expect((await seeWorld(on(2))).status).toBe(0);
  });

  test("a copy that somebody changed is read anew, and nothing is said", async () => {
    const { on } = begin();
    const first = await seeWorld(on(1));
    const path = first.world.files.paths().find((one) => one.endsWith(".log")) ?? "";
    first.world.files.set(path, first.world.files.text(path).replace("alpha", "alphA"));
    const next = await seeWorld({ ...on(1), from: first.world });
    expect([next.status, next.codes]).toEqual([0, []]);
  });
});
