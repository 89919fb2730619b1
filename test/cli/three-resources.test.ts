// Whole commands over webhooks, EventBridge integrations and triggers: each alone, beside each other, and a group that
// goes over from one to another.
import { readFileSync } from "node:fs";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { compareText } from "../../src/lib/compare.ts";
import { genesysTopics } from "../../src/model/genesys-topics.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { Result } from "../../src/model/result.ts";
import { settlingMs } from "../../src/sandbox/integrations.ts";
import { kinds, type Stored, type TestKind } from "../support/kinds.ts";
import {
  answer,
  makeWorld,
  manifest,
  runWorld,
  trailOf,
  type Intercept,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";

const [webhooks, integrations, triggers] = kinds as [TestKind, TestKind, TestKind];
/** What every kind can deliver: published topics. */
const eventTypes = ["v2.users.{id}.presence", "v2.users.{id}.routingStatus"];
const about = 'mypurecloud.com as owner "default"\n';
const trailPath = "audit-logs/subscription_audit.log";
const login = "POST /oauth/token";
const listOf = ({ path }: TestKind) => `GET ${path}`;
const pairs = kinds.flatMap((from) => kinds.filter((to) => to !== from).map((to) => ({ from, to })));

type More = Omit<NonNullable<Parameters<typeof manifest>[1]>, "kind">;

/** Manifests of these groups, each in a file of its name. */
function filesOf(kind: TestKind, groups: readonly string[], more: More = {}): Record<string, string> {
  const texts = groups.map((group) => manifest(group, { kind, eventTypes, ...more }));
  return Object.fromEntries(groups.map((group, at) => [fileOf(group), texts[at] ?? ""]));
}

const fileOf = (group: string): string => `subscriptions/${group}.yaml`;

function set({ files }: TestWorld, texts: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(texts)) files.set(path, text);
}

function start(files: Readonly<Record<string, string>>): TestWorld {
  return makeWorld({ argv: "", files });
}

async function go(from: TestWorld, argv: string, more: Partial<WorldOptions> = {}) {
  const { status, out, err, world } = await runWorld({ argv, from, ...more });
  return { status, out, err, world, last: out.trimEnd().split("\n").at(-1) ?? "" };
}

/** The same as JSON. */
async function see(from: TestWorld, argv: string, more: Partial<WorldOptions> = {}) {
  const run = await go(from, `${argv} --output json`, more);
  const result = JSON.parse(run.out) as Result;
  const became = result.operations.map(({ action, group, status: now }) => `${action} ${group} ${now}`);
  const codes = result.diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ code }) => code)
    .filter((code, at, all) => all.indexOf(code) === at);
  return { ...run, result, became, codes };
}

const writesOf = ({ requests }: TestWorld) => requests.filter((sent) => !/^GET|\/oauth\//.test(sent));
const methodsOf = (world: TestWorld) => writesOf(world).map((sent) => sent.split(" ")[0]);

/** All that is stored, of every kind, without ids. */
function storedIn({ state }: TestWorld): readonly Omit<Stored, "id">[] {
  return kinds
    .flatMap((kind) => kind.stored(state))
    .map(({ endpoint, eventTypes: types, state: now, description }) => ({
      ...{ endpoint, eventTypes: [...types].sort(compareText), state: now, description },
    }))
    .sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
}

/** What there shall be of a group: one an endpoint or, of triggers, one an event type. */
function wholeOf(kind: TestKind, group: string, more: Partial<Stored> = {}): Omit<Stored, "id">[] {
  const description = `Consumer group: ${group} | Offset tracking: /var/data/${group}.json | Managed by: reconcile (default)`;
  const delivered = kind.granularity === "endpoint" ? [eventTypes] : eventTypes.map((type) => [type]);
  return delivered.map((types) => ({
    ...{ endpoint: kind.endpointOf(group), eventTypes: types, state: "enabled", description, ...more },
  }));
}

/** How many resources a group has. */
const sizeOf = ({ granularity }: TestKind) => (granularity === "endpoint" ? 1 : eventTypes.length);
const times = <T>(number: number, value: T): T[] => Array.from({ length: number }, () => value);
/** The methods of so many of them, one after the other. */
const stepsOf = (kind: TestKind, action: keyof TestKind["steps"]) =>
  times(sizeOf(kind), kind.steps[action]).flat();

/** Puts a group on the platform as somebody else would. */
function putGroup(kind: TestKind, { state }: TestWorld, group: string, description: string): string[] {
  return wholeOf(kind, group).map((one, at) => {
    const id = `by-hand-${at}`;
    kind.put(state, { ...one, id, name: `${group}-by-hand-${at}`, description });
    return id;
  });
}

/** An integration delivers once it is active, and not when somebody has asked for it. */
function deliveredIn({ state, clock }: TestWorld, group: string): ReadonlySet<string> {
  const isActive = (id: string): boolean => {
    const integration = state.integrations.get(id);
    return !integration || clock.now() >= integration.intendedAtMs + settlingMs;
  };
  const all = kinds.flatMap((kind) => kind.stored(state));
  return new Set(
    all
      .filter(({ description }) => description.startsWith(`Consumer group: ${group} |`))
      .filter(({ id, state: now }) => now === "enabled" && isActive(id))
      .flatMap((one) => one.eventTypes),
  );
}

/** Notes after each request which event types of the groups are delivered by none of them any more. */
function watch(world: TestWorld, ...groups: readonly string[]): { intercept: Intercept; lost: string[] } {
  const all = () => groups.flatMap((group) => [...deliveredIn(world, group)]);
  const before = all();
  const lost: string[] = [];
  const intercept: Intercept = (request, forward) => {
    const response = forward();
    const now = all();
    const gone = before.filter((type) => !now.includes(type));
    lost.push(...gone.map((type) => `${type} after ${request.method} ${request.url}`));
    return response;
  };
  return { intercept, lost };
}

/** Git says what is live: nothing to do, nothing in the way. */
async function expectNothingToDo(world: TestWorld, flags = ""): Promise<void> {
  const { became, codes, status, result } = await see(world, `plan ${flags} --detailed-exitcode`);
  expect([became, codes, status, result.drift, result.orphans]).toEqual([[], [], 0, [], []]);
}

/** The platform's answer to whatever is asked of this kind. */
function refusing({ path }: TestKind, status: number): Intercept {
  return (request, forward) => (request.url.includes(path) ? answer(status, { message: "no" }) : forward());
}

async function expectSoundTrail(world: TestWorld): Promise<void> {
  const { status, out } = await go(world, "audit verify");
  expect([status, out.split("\n")[0]]).toEqual([
    0,
    `${trailPath}: ${trailOf(world.files).length} records, unbroken, none signed`,
  ]);
}

describe.each(kinds)("$nouns", (kind) => {
  const { noun, nouns } = kind;
  const size = sizeOf(kind);

  test("a plan sends the login and one list, and nothing else", async () => {
    const world = start(filesOf(kind, ["alpha", "beta"]));
    const { last, world: after } = await go(world, "plan");
    expect(last).toBe(
      `Plan: ${2 * size} to create, 0 to update, 0 to delete, 0 to adopt, 0 unchanged; 0 event types move`,
    );
    expect([after.requests, storedIn(after)]).toEqual([[login, listOf(kind)], []]);
  });

  test("a sync makes them; a second one asks for one list, and has nothing to do or to record", async () => {
    const world = start(filesOf(kind, ["alpha", "beta"]));
    const first = await go(world, "");
    expect([first.status, first.last]).toEqual([
      0,
      `Done: ${2 * size} created, 0 updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved`,
    ]);
    expect(storedIn(world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta")]);
    const trail = world.files.text(trailPath);
    const second = await go(world, "");
    expect(second.out).toBe(
      `${about}Done: 0 created, 0 updated, 0 deleted, 0 adopted, ${2 * size} unchanged; 0 event types moved\n`,
    );
    expect([second.status, second.world.requests]).toEqual([0, [login, listOf(kind)]]);
    expect(world.files.text(trailPath)).toBe(trail);
  });

  test("two machines at once come to the same", async () => {
    const texts = filesOf(kind, ["alpha"]);
    const here = start(texts);
    const { state, clock, random } = here;
    const there = { ...start(texts), state, clock, random };
    let isFirst = true;
    const first = await see(here, "", {
      intercept: async (request, forward) => {
        const isCreate = request.method === "POST" && request.url.includes(kind.path);
        if (isCreate && isFirst) {
          isFirst = false;
          expect((await see(there, "")).status).toBe(0);
        }
        return forward();
      },
    });
    expect(first.status).toBe(0);
    // Of two triggers the platform refuses neither: the next pass deletes one.
    if (kind.another === "startedTwice")
      expect((await see(here, "")).became).toContain("delete alpha applied");
    expect(storedIn(here)).toEqual(wholeOf(kind, "alpha"));
    await expectNothingToDo(here);
    await expectSoundTrail(here);
  });

  describe("40 event types for one endpoint", () => {
    const many = { eventTypes: genesysTopics.slice(0, 40) };
    const raised = {
      "reconcile.yaml": [
        "apiVersion: reconcile.genesys/v1",
        "kind: ReconcileConfig",
        "limits: { maxEventTypesPerEndpoint: 40 }",
      ].join("\n"),
    };
    const orRaise =
      kind.maxEventTypes === null
        ? `, or raise limits.maxEventTypesPerEndpoint in reconcile.yaml: ${nouns} have no limit of their own`
        : "";
    const refusal = {
      code: "eventTypes/tooMany",
      message: "40 event types need 3 endpoints of 15 event types each, and there is no endpointPool",
      hint: `add an endpointPool of at least 3 endpoints${orRaise}`,
    };

    test("are too many, and it is said what helps", async () => {
      const { status, result, world } = await see(start(filesOf(kind, ["alpha"], many)), "");
      expect([status, result.diagnostics]).toEqual([1, [expect.objectContaining(refusal)]]);
      expect(world.requests).toEqual([]);
    });

    test("are delivered where the config allows them and the platform takes them", async () => {
      const world = start({ ...filesOf(kind, ["alpha"], many), ...raised });
      const { status, became, codes, result } = await see(world, "");
      if (kind.maxEventTypes !== null) {
        expect([status, result.diagnostics, storedIn(world)]).toEqual([
          1,
          [expect.objectContaining(refusal)],
          [],
        ]);
        return;
      }
      const whole = kind.granularity === "endpoint" ? 1 : 40;
      expect([status, became, codes]).toEqual([0, times(whole, "create alpha applied"), []]);
      expect(result.groups.map(({ capacity }) => capacity)).toEqual([40]);
      const stored = storedIn(world);
      expect([stored.length, new Set(stored.map(({ endpoint }) => endpoint))]).toEqual([
        whole,
        new Set([kind.endpointOf("alpha")]),
      ]);
      expect(stored.flatMap((one) => one.eventTypes).sort(compareText)).toEqual(
        many.eventTypes.toSorted(compareText),
      );
      await expectNothingToDo(world);
    });
  });

  describe("a saved plan", () => {
    async function saved(): Promise<TestWorld> {
      const world = start(filesOf(kind, ["alpha"]));
      await go(world, "");
      set(world, filesOf(kind, ["alpha"], { tail: "  state: disabled" }));
      set(world, filesOf(kind, ["beta"]));
      const { world: after } = await go(world, "plan --out p.json");
      expect(writesOf(after)).toEqual([]);
      return world;
    }

    test("is applied exactly, and once", async () => {
      const world = await saved();
      const first = await go(world, "apply p.json");
      expect([first.status, first.last]).toEqual([
        0,
        `Done: ${size} created, ${size} updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved`,
      ]);
      expect(storedIn(world)).toEqual([
        ...wholeOf(kind, "alpha", { state: "disabled" }),
        ...wholeOf(kind, "beta"),
      ]);
      const again = await see(world, "apply p.json");
      expect([again.status, again.codes, again.world.requests]).toEqual([1, ["plan/appliedAlready"], []]);
      await expectNothingToDo(world);
      await expectSoundTrail(world);
    });

    test.each<[string, (world: TestWorld) => unknown, RegExp]>([
      [
        "changed",
        ({ state }) => {
          kind.switchOff(state);
        },
        /of group "alpha" has changed: state$/,
      ],
      [
        "took away",
        ({ state }) => {
          for (const { id } of kind.stored(state)) kind.remove(state, id);
        },
        /of group "alpha" is gone$/,
      ],
      [
        "added",
        (world) => putGroup(kind, world, "beta", "Consumer group: beta"),
        /of group "beta" was not there$/,
      ],
    ])("is stale once somebody %s what it touches", async (_, change, message) => {
      const world = await saved();
      change(world);
      const before = storedIn(world);
      const { status, result, codes, world: after } = await see(world, "apply p.json");
      expect([status, codes]).toEqual([1, ["plan/stale", "plan/webhookChanged"]]);
      const said = result.diagnostics.filter(({ code }) => code === "plan/webhookChanged");
      expect(said.map((one) => message.test(one.message))).toEqual(times(size, true));
      expect([after.requests, storedIn(world)]).toEqual([[login, listOf(kind)], before]);
    });
  });

  describe("`rollback --last`", () => {
    /** Back to where the run found it; the manifests still want what the run did. */
    async function expectTakenBack(
      world: TestWorld,
      before: unknown,
      steps: readonly string[],
      again: readonly string[],
    ): Promise<void> {
      const { status, codes, world: after } = await see(world, "rollback --last --allow-deletes");
      expect([status, codes, methodsOf(after)]).toEqual([0, [], steps]);
      expect(storedIn(world)).toEqual(before);
      const plan = await see(world, "plan --prune --allow-deletes");
      expect([plan.status, plan.became]).toEqual([0, again]);
      expect((await see(world, "--prune --allow-deletes")).status).toBe(0);
      await expectNothingToDo(world);
      await expectSoundTrail(world);
    }

    test("takes a create back", async () => {
      const world = start(filesOf(kind, ["alpha"]));
      await go(world, "");
      await expectTakenBack(world, [], stepsOf(kind, "delete"), times(size, "create alpha planned"));
    });

    test("takes an update back", async () => {
      const world = start(filesOf(kind, ["alpha"]));
      await go(world, "");
      const ids = kind.stored(world.state).map(({ id }) => id);
      set(world, filesOf(kind, ["alpha"], { tail: "  state: disabled" }));
      await go(world, "");
      const again = times(size, "update alpha planned");
      // The state alone is one step of those that an update may take.
      const step = kind.isMadeInSteps ? ["PATCH"] : stepsOf(kind, "update");
      await expectTakenBack(world, wholeOf(kind, "alpha"), step, again);
      expect(kind.stored(world.state).map(({ id }) => id)).toEqual(ids);
    });

    test("takes a prune back", async () => {
      const world = start(filesOf(kind, ["alpha", "old"]));
      await go(world, "");
      const before = storedIn(world);
      world.files.take(fileOf("old"));
      await go(world, "--prune --allow-deletes");
      expect(storedIn(world)).toEqual(wholeOf(kind, "alpha"));
      const again = times(size, "delete old planned");
      await expectTakenBack(world, before, stepsOf(kind, "create"), again);
    });

    test("of what someone changed since is refused, and names the resource by its kind", async () => {
      const world = start(filesOf(kind, ["alpha"]));
      await go(world, "");
      kind.switchOff(world.state);
      const before = storedIn(world);
      const { status, result, world: after } = await see(world, "rollback --last --allow-deletes");
      expect(
        result.diagnostics.map(({ message }) => message.replace(/"alpha-\w+" \(id .*?\)/, "IT")),
      ).toEqual([`group "alpha" is not rolled back: someone changed ${noun} IT since: state`]);
      expect([status, writesOf(after), storedIn(world)]).toEqual([1, [], before]);
    });
  });

  describe("that stand in the way", () => {
    const notes = {
      unmarked: "Consumer group: alpha",
      foreign: "Consumer group: alpha | Managed by: reconcile (voice)",
    };

    test("unmarked: the group is skipped, the others go on; --adopt takes them over", async () => {
      const world = start(filesOf(kind, ["alpha", "beta"]));
      const ids = putGroup(kind, world, "alpha", notes.unmarked);
      const { status, result, became } = await see(world, "");
      const errors = result.diagnostics.filter(({ severity }) => severity === "error");
      expect(errors.map(({ code, message, hint }) => [code, message, hint])).toEqual(
        ids.map((id, at) => [
          "ownership/unmarked",
          `${noun} "alpha-by-hand-${at}" (id ${id}) of group "alpha" is managed by nobody, so the group is skipped`,
          "pass --adopt to take it over, or delete it",
        ]),
      );
      expect([status, became]).toEqual([
        1,
        [...times(size, "create alpha skipped"), ...times(size, "create beta applied")],
      ]);
      const adopted = await see(world, "--adopt");
      expect([adopted.status, adopted.became]).toEqual([0, times(size, "adopt alpha applied")]);
      expect(storedIn(world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta")]);
      expect(
        kind
          .stored(world.state)
          .slice(0, size)
          .map(({ id }) => id),
      ).toEqual(ids);
      await expectNothingToDo(world);
      await expectSoundTrail(world);
    });

    test("another owner's are never touched, whatever flags say", async () => {
      const world = start(filesOf(kind, ["alpha", "beta"]));
      const [id = ""] = putGroup(kind, world, "alpha", notes.foreign);
      const { status, result, became } = await see(world, "--adopt --prune --allow-deletes");
      const [error] = result.diagnostics.filter(({ severity }) => severity === "error");
      expect([error?.code, error?.message]).toEqual([
        "ownership/otherOwner",
        `${noun} "alpha-by-hand-0" (id ${id}) of group "alpha" is managed by owner "voice", so the group is skipped`,
      ]);
      expect(error?.hint).toContain(`take the marker (the last field) off that ${noun}'s ${kind.markedIn}`);
      expect([status, became.filter((what) => what.endsWith("applied"))]).toEqual([
        1,
        times(size, "create beta applied"),
      ]);
      expect(storedIn(world)).toEqual([
        ...wholeOf(kind, "alpha", { description: notes.foreign }),
        ...wholeOf(kind, "beta"),
      ]);
    });
  });

  test("without a manifest they are reported, and deleted with --prune alone", async () => {
    const world = start(filesOf(kind, ["alpha", "beta", "old"]));
    await go(world, "");
    world.files.take(fileOf("old"));
    const reported = await see(world, "");
    expect([reported.status, reported.became, writesOf(reported.world)]).toEqual([0, [], []]);
    expect(reported.result.orphans.map(({ group, endpoint }) => [group, endpoint])).toEqual(
      times(size, ["old", kind.endpointOf("old")]),
    );
    const pruned = await see(world, "--prune --allow-deletes");
    expect([pruned.status, pruned.became]).toEqual([0, times(size, "delete old applied")]);
    expect(methodsOf(pruned.world)).toEqual(stepsOf(kind, "delete"));
    expect(storedIn(world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta")]);
    await expectNothingToDo(world, "--prune");
    await expectSoundTrail(world);
  });

  test("pruning too many is refused in the words of the kind; everything else is applied", async () => {
    const world = start(filesOf(kind, ["alpha", "old", "older"]));
    await go(world, "");
    world.files.take(fileOf("old"));
    world.files.take(fileOf("older"));
    set(world, filesOf(kind, ["new"]));
    const { status, result, became } = await see(world, "--prune");
    const [error] = result.diagnostics.filter(({ severity }) => severity === "error");
    expect([status, error?.code, error?.message, error?.hint]).toEqual([
      ...[1, "prune/tooMany"],
      `would delete ${2 * size} of ${3 * size} ${nouns} (67 %, the limit is 30 %)`,
      "pass --allow-deletes to go on",
    ]);
    expect(became).toEqual([
      ...times(size, "create new applied"),
      ...times(size, "delete old skipped"),
      ...times(size, "delete older skipped"),
    ]);
    expect((await go(world, "--prune --allow-deletes")).status).toBe(0);
    expect(storedIn(world)).toEqual([...wholeOf(kind, "alpha"), ...wholeOf(kind, "new")]);
  });

  test("--create-only makes what is new; the next sync does the rest", async () => {
    const world = start(filesOf(kind, ["alpha", "old"]));
    await go(world, "");
    const before = storedIn(world);
    world.files.take(fileOf("old"));
    set(world, filesOf(kind, ["alpha"], { tail: "  state: disabled" }));
    set(world, filesOf(kind, ["beta"]));
    const flags = "--prune --allow-deletes";
    const { status, result, world: after } = await see(world, `--create-only ${flags} --detailed-exitcode`);
    expect([status, result.ok, methodsOf(after)]).toEqual([2, true, stepsOf(kind, "create")]);
    const left = { status: "skipped", error: "--create-only: left to a sync without it", frozen: true };
    expect(result.operations).toMatchObject([
      ...times(size, { action: "update", group: "alpha", ...left }),
      ...times(size, { action: "create", group: "beta", status: "applied", error: null }),
      ...times(size, { action: "delete", group: "old", ...left }),
    ]);
    expect(storedIn(world)).toEqual(
      [...before, ...wholeOf(kind, "beta")].sort((a, b) => compareText(a.endpoint, b.endpoint)),
    );
    const again = await see(world, `--create-only ${flags} --detailed-exitcode`);
    expect([again.status, writesOf(again.world)]).toEqual([0, []]);
    const rest = await see(world, flags);
    expect([rest.status, rest.became]).toEqual([
      0,
      [...times(size, "update alpha applied"), ...times(size, "delete old applied")],
    ]);
    await expectNothingToDo(world);
    await expectSoundTrail(world);
  });

  test("an annotation has a group make what is new, and wait; the others go on", async () => {
    const pooled = (...urls: readonly string[]) => filesOf(kind, ["alpha"], { pool: urls });
    const world = start({ ...pooled(kind.url(0)), ...filesOf(kind, ["beta"]) });
    await go(world, "");
    const before = storedIn(world);
    const waiting = "$&\n  annotations: { reconcile.genesys/create-only: until it is associated }";
    const grown = pooled(kind.url(0), kind.url(1))[fileOf("alpha")] ?? "";
    set(world, { [fileOf("alpha")]: grown.replace(/^ {2}name: alpha$/m, waiting) });
    set(world, filesOf(kind, ["beta"], { tail: "  state: disabled" }));
    const { status, became, result } = await see(world, "");
    const made = kind.granularity === "endpoint" ? ["create alpha applied"] : [];
    expect([status, became.filter((what) => !what.includes("beta"))]).toEqual([
      0,
      [...made, "update alpha skipped"],
    ]);
    expect(became.filter((what) => what === "update beta applied")).toHaveLength(size);
    const warning = {
      severity: "warning",
      code: "group/createOnly",
      message:
        'group "alpha" makes what is new and waits (until it is associated): 1 operation is held back',
      hint: "take the annotation reconcile.genesys/create-only away to let the group go on",
    };
    expect(result.diagnostics).toContainEqual(expect.objectContaining(warning));
    const alphas = (all: typeof before) => all.filter(({ description }) => description.includes("alpha"));
    expect(alphas(storedIn(world)).slice(0, alphas(before).length)).toEqual(alphas(before));
    const again = await see(world, "");
    expect([again.status, again.became, writesOf(again.world)]).toEqual([0, ["update alpha skipped"], []]);
    expect(again.result.diagnostics).toContainEqual(expect.objectContaining(warning));
    const { intercept, lost } = watch(world, "alpha");
    set(world, { [fileOf("alpha")]: grown });
    expect([(await see(world, "", { intercept })).status, lost]).toEqual([0, []]);
    await expectNothingToDo(world);
    await expectSoundTrail(world);
  });

  test("a freeze holds its group back, and no other", async () => {
    const world = start(filesOf(kind, ["alpha", "beta"]));
    await go(world, "");
    const edited = filesOf(kind, ["alpha", "beta"], { tail: "  state: disabled" });
    set(world, edited);
    const frozen = "$&\n  annotations: { reconcile.genesys/freeze: the migration }";
    set(world, { [fileOf("alpha")]: (edited[fileOf("alpha")] ?? "").replace(/^ {2}name: .*$/m, frozen) });
    const { status, became, result } = await see(world, "");
    expect([status, became]).toEqual([
      0,
      [...times(size, "update alpha skipped"), ...times(size, "update beta applied")],
    ]);
    expect(result.groups.map(({ group, frozen: why, skipped }) => [group, why, skipped])).toEqual([
      ["alpha", "the migration", "frozen: the migration"],
      ["beta", null, null],
    ]);
    const now = [...wholeOf(kind, "alpha"), ...wholeOf(kind, "beta", { state: "disabled" })];
    expect(storedIn(world)).toEqual(now);
    set(world, edited);
    expect((await see(world, "")).became).toEqual(times(size, "update alpha applied"));
    await expectNothingToDo(world);
  });
});

describe.each(pairs)("a group that goes over from $from.nouns to $to.nouns", ({ from, to }) => {
  const pooled = (kind: TestKind) => ({ pool: [kind.url(0), kind.url(1)] });
  const created = (status: string) => times(sizeOf(to), `create alpha ${status}`);
  const deleted = (status: string) => times(sizeOf(from), `delete alpha ${status}`);

  /** It is live as the one kind, and its manifest names the other. */
  async function turned(): Promise<TestWorld> {
    const world = start(filesOf(from, ["alpha"]));
    expect((await go(world, "")).status).toBe(0);
    set(world, filesOf(to, ["alpha"]));
    return world;
  }

  test("is created before it is deleted, and nothing is undelivered at any request", async () => {
    const world = await turned();
    const { intercept, lost } = watch(world, "alpha");
    const { status, became, codes, world: after } = await see(world, "", { intercept });
    expect([status, became, codes]).toEqual([0, [...created("applied"), ...deleted("applied")], []]);
    expect(methodsOf(after)).toEqual([...stepsOf(to, "create"), ...stepsOf(from, "delete")]);
    expect(after.requests.slice(0, 3)).toEqual([login, listOf(to), listOf(from)]);
    expect([lost, storedIn(world)]).toEqual([[], wholeOf(to, "alpha")]);
    await expectNothingToDo(world, "--prune");
    expect((await go(world, "")).world.requests).toEqual([login, listOf(to)]);
    await expectSoundTrail(world);
  });

  test("over the whole of its pool, too", async () => {
    const world = start(filesOf(from, ["alpha"], pooled(from)));
    await go(world, "");
    set(world, filesOf(to, ["alpha"], pooled(to)));
    const { intercept, lost } = watch(world, "alpha");
    const { status, became } = await see(world, "", { intercept });
    expect([status, became]).toEqual([
      0,
      [...times(2, "create alpha applied"), ...times(2, "delete alpha applied")],
    ]);
    expect([lost, storedIn(world).map(({ endpoint }) => endpoint)]).toEqual([[], [to.url(0), to.url(1)]]);
    await expectNothingToDo(world, "--prune");
  });

  test("is shown with what it leaves: a row, and a line, an endpoint", async () => {
    const world = await turned();
    const [was, is] = [from.endpointOf("alpha"), to.endpointOf("alpha")];
    const { out: table } = await go(world, "plan --output markdown");
    expect(table.split("\n").filter((line) => /^\| (create|delete)/.test(line))).toEqual([
      `| create | \`${is}\` | 0 → 2 | \`██░░░░░░░░\` 2/15, 160 events/s | the group goes over to ${to.nouns} |`,
      `| delete | \`${was}\` | 2 → 0 |  | the group no longer uses this endpoint |`,
    ]);
    const { out } = await go(world, "plan --explain");
    const why = out.slice(out.indexOf("  why\n")).split("\n\n")[0]?.split("\n").slice(1);
    const wide = Math.max(was.length, is.length);
    expect(why).toEqual([
      `    ${is.padEnd(wide)}  weight 1, share 2: gets 2, holds 0, 0 stay, 2 move here`,
      `    ${was.padEnd(wide)}  not in use any more: 2 event types must go`,
      `    2 event types move: the group no longer uses ${was}`,
      "    0 of 2 live event types stay; no balanced assignment moves fewer than 2",
    ]);
  });

  test("by a saved plan", async () => {
    const world = await turned();
    const plan = await go(world, "plan --out p.json");
    expect([plan.status, writesOf(plan.world)]).toEqual([0, []]);
    const { intercept, lost } = watch(world, "alpha");
    const { status, became } = await see(world, "apply p.json", { intercept });
    expect([status, became]).toEqual([0, [...created("applied"), ...deleted("applied")]]);
    expect([lost, storedIn(world)]).toEqual([[], wholeOf(to, "alpha")]);
    await expectNothingToDo(world);
  });

  test("by --create-only first: then both deliver, and a sync without it takes the old ones away", async () => {
    const world = await turned();
    const { intercept, lost } = watch(world, "alpha");
    const first = await see(world, "--create-only", { intercept });
    expect([first.status, first.became]).toEqual([0, [...created("applied"), ...deleted("skipped")]]);
    const left = first.result.operations.filter(({ status }) => status === "skipped");
    expect(left.map(({ frozen }) => frozen)).toEqual(times(sizeOf(from), true));
    expect(methodsOf(first.world)).toEqual(stepsOf(to, "create"));
    expect(storedIn(world)).toEqual(
      [...wholeOf(from, "alpha"), ...wholeOf(to, "alpha")].sort((a, b) =>
        compareText(a.endpoint, b.endpoint),
      ),
    );
    const second = await see(world, "", { intercept });
    expect([second.status, second.became]).toEqual([0, deleted("applied")]);
    expect([lost, storedIn(world)]).toEqual([[], wholeOf(to, "alpha")]);
    await expectNothingToDo(world);
  });

  test("stays as it is where the new ones are refused", async () => {
    const world = await turned();
    const refuse: Intercept = (request, forward) =>
      request.method === "POST" && request.url.includes(to.path)
        ? answer(400, { message: "no" })
        : forward();
    const { status, became } = await see(world, "", { intercept: refuse });
    expect([status, became]).toEqual([1, [...created("failed"), ...deleted("skipped")]]);
    expect(storedIn(world)).toEqual(wholeOf(from, "alpha"));
    expect((await see(world, "")).became).toEqual([...created("applied"), ...deleted("applied")]);
    await expectSoundTrail(world);
  });

  test("waits while it is frozen", async () => {
    const world = await turned();
    const frozen = "$&\n  annotations: { reconcile.genesys/freeze: not yet }";
    const text = world.files.text(fileOf("alpha")).replace(/^ {2}name: .*$/m, frozen);
    set(world, { [fileOf("alpha")]: text });
    const { status, became, world: after } = await see(world, "--prune");
    expect([status, became]).toEqual([0, [...created("skipped"), ...deleted("skipped")]]);
    expect([writesOf(after), storedIn(world)]).toEqual([[], wholeOf(from, "alpha")]);
  });

  test("goes back by `rollback --last`, and nothing is undelivered at any request", async () => {
    const world = await turned();
    await go(world, "");
    const { intercept, lost } = watch(world, "alpha");
    const { status, codes, world: after } = await see(world, "rollback --last", { intercept });
    expect([status, codes]).toEqual([0, []]);
    expect(methodsOf(after)).toEqual([...stepsOf(from, "create"), ...stepsOf(to, "delete")]);
    expect([lost, storedIn(world)]).toEqual([[], wholeOf(from, "alpha")]);
    const plan = await see(world, "plan");
    expect(plan.became).toEqual([...created("planned"), ...deleted("planned")]);
    set(world, filesOf(from, ["alpha"]));
    await expectNothingToDo(world);
    await expectSoundTrail(world);
  });

  test("keeps what it had where no trail says so, unless a manifest names that kind", async () => {
    const world = await turned();
    world.files.take(trailPath);
    const first = await see(world, "");
    expect([first.status, first.became]).toEqual([0, created("applied")]);
    expect(first.world.requests.slice(0, 2)).toEqual([login, listOf(to)]);
    expect(first.world.requests).not.toContain(listOf(from));
    set(world, filesOf(from, ["beta"]));
    const { intercept, lost } = watch(world, "alpha");
    const second = await see(world, "", { intercept });
    expect([second.status, [...second.became].sort(compareText)]).toEqual([
      0,
      [...times(sizeOf(from), "create beta applied"), ...deleted("applied")].sort(compareText),
    ]);
    expect(lost).toEqual([]);
    await expectNothingToDo(world);
  });
});

describe.each(pairs.filter(({ to }) => to.isMadeInSteps))(
  "a group that goes over from $from.nouns to $to.nouns which are not active yet",
  ({ from, to }) => {
    test("keeps what it has until they are", async () => {
      const world = start(filesOf(from, ["alpha"]));
      await go(world, "");
      set(world, filesOf(to, ["alpha"]));
      const { intercept, lost } = watch(world, "alpha");
      const stuck: Intercept = async (request, forward) => {
        const response = await intercept(request, forward);
        if (request.method !== "GET" || !request.url.includes(to.path)) return response;
        return { ...response, body: response.body.replaceAll('"ACTIVE"', '"ACTIVATING"') };
      };
      const kept = times(sizeOf(from), "delete alpha skipped");
      const first = await see(world, "", { intercept: stuck });
      expect([first.status, first.became]).toEqual([1, ["create alpha failed", ...kept]]);
      const second = await see(world, "", { intercept: stuck });
      expect([second.status, second.became]).toEqual([1, ["update alpha failed", ...kept]]);
      expect(writesOf(second.world)).toEqual([]);
      const third = await see(world, "", { intercept });
      expect([third.status, third.became]).toEqual([0, times(sizeOf(from), "delete alpha applied")]);
      expect([lost, storedIn(world)]).toEqual([[], wholeOf(to, "alpha")]);
      await expectNothingToDo(world);
      await expectSoundTrail(world);
    });
  },
);

describe.each(pairs)(
  "$from.nouns of which no manifest speaks any more, beside $to.nouns",
  ({ from, to }) => {
    async function left(): Promise<TestWorld> {
      const world = start({ ...filesOf(from, ["old"]), ...filesOf(to, ["alpha"]) });
      expect((await go(world, "")).status).toBe(0);
      world.files.take(fileOf("old"));
      return world;
    }

    test("are found through the trail, and pruned", async () => {
      const world = await left();
      const reported = await see(world, "");
      expect([reported.status, reported.world.requests]).toEqual([0, [login, listOf(to), listOf(from)]]);
      expect(reported.result.orphans.map(({ group, endpoint }) => [group, endpoint])).toEqual(
        times(sizeOf(from), ["old", from.endpointOf("old")]),
      );
      const pruned = await see(world, "--prune --allow-deletes");
      expect([pruned.status, pruned.became]).toEqual([0, times(sizeOf(from), "delete old applied")]);
      expect(storedIn(world)).toEqual(wholeOf(to, "alpha"));
      expect((await go(world, "")).world.requests).toEqual([login, listOf(to)]);
      await expectSoundTrail(world);
    });

    test("may be named together with a group that has a manifest", async () => {
      const world = await left();
      world.files.take(trailPath);
      set(world, filesOf(from, ["other"]));
      const { status, became } = await see(world, "--group old --group alpha --prune --allow-deletes");
      expect([status, became]).toEqual([0, times(sizeOf(from), "delete old applied")]);
      expect(storedIn(world)).toEqual(wholeOf(to, "alpha"));
    });

    test("are what a change takes away, where the base speaks of them", async () => {
      const world = await left();
      world.files.take(trailPath);
      const revisions = { main: { ...filesOf(from, ["old"]), ...filesOf(to, ["alpha"]) } };
      const { status, result } = await see(world, "plan --prune --allow-deletes --base main", {
        revisions,
      });
      expect([
        status,
        result.operations.map(({ action, group, origin }) => [action, group, origin]),
      ]).toEqual([0, times(sizeOf(from), ["delete", "old", "change"])]);
    });

    test("are looked for by --prune alone where there is no trail", async () => {
      const world = await left();
      world.files.take(trailPath);
      const before = storedIn(world);
      const plan = await see(world, "plan");
      expect([plan.result.orphans, plan.world.requests]).toEqual([[], [login, listOf(to)]]);
      expect(storedIn(world)).toEqual(before);
      const { status, became, world: after } = await see(world, "--prune --allow-deletes");
      expect([status, became]).toEqual([0, times(sizeOf(from), "delete old applied")]);
      expect(after.requests.slice(0, 4)).toEqual([login, ...kinds.map(listOf)]);
      expect(storedIn(world)).toEqual(wholeOf(to, "alpha"));
    });

    test.each([404, 403])(
      "are left as they are where their list answers %i, and said to be there",
      async (code) => {
        const world = await left();
        const before = storedIn(world);
        const intercept = refusing(from, code);
        const { status, became, result } = await see(world, "--prune --allow-deletes", { intercept });
        const number = sizeOf(from) === 1 ? `1 ${from.noun}` : `${sizeOf(from)} ${from.nouns}`;
        const are =
          sizeOf(from) === 1
            ? "is out of sight, and left as it is"
            : "are out of sight, and left as they are";
        const words = code === 404 ? "not found (404)" : "forbidden (403)";
        expect(result.diagnostics.map(({ severity, message }) => [severity, message])).toContainEqual([
          "warning",
          `${number} that the trail knows of ${are}: ${listOf(from)}: ${words}: no`,
        ]);
        expect([status, became, storedIn(world)]).toEqual([0, [], before]);
      },
    );

    /** A pass that was cut short in its deletes: nobody knows what came of them. */
    async function cutShort(): Promise<TestWorld> {
      const world = await left();
      const lost: Intercept = (request, forward) => {
        if (request.method !== "DELETE") return forward();
        throw new ReconcileError("network/reset", "the connection was reset");
      };
      expect((await see(world, "--prune --allow-deletes", { intercept: lost })).status).toBe(1);
      return world;
    }

    const outcomesOf = ({ files }: TestWorld, from_: number) =>
      trailOf(files)
        .slice(from_)
        .filter(
          ({ event, group }) =>
            event.startsWith("change.") && event !== "change.intended" && group === "old",
        )
        .map(({ event, success, error }) => [event, success, error?.replace(/run \S+ /, "run X ")]);

    test("what came of a write that was cut short is not said while their list is refused", async () => {
      const world = await cutShort();
      const open = trailOf(world.files).length;
      const refused = await see(world, "", { intercept: refusing(from, 403) });
      expect([refused.status, trailOf(world.files).slice(open)]).toEqual([0, []]);
      set(world, filesOf(to, ["beta"]));
      expect((await see(world, "", { intercept: refusing(from, 403) })).became).toContain(
        "create beta applied",
      );
      const carried = [
        "change.failed",
        null,
        "out of sight: run X ended before it knew, and this run could not look",
      ];
      expect(outcomesOf(world, open)).toEqual(times(outcomesOf(world, open).length, carried));
      set(world, filesOf(to, ["gamma"]));
      await see(world, "", { intercept: refusing(from, 403) });
      const before = trailOf(world.files).length;
      const seen = await see(world, "--prune --allow-deletes");
      expect([seen.status, storedIn(world).length]).toEqual([0, 3 * sizeOf(to)]);
      const said = outcomesOf(world, before).map(([event, success]) => [event, success]);
      expect(said.length).toBeGreaterThan(sizeOf(from));
      expect(said.slice(0, -sizeOf(from)).every(([event]) => event === "change.failed")).toBe(true);
      expect(said.slice(-sizeOf(from))).toEqual(times(sizeOf(from), ["change.applied", true]));
      await expectSoundTrail(world);
    });

    test("nor by a pass about other groups, which did not look", async () => {
      const world = await cutShort();
      const open = trailOf(world.files).length;
      set(world, filesOf(to, ["beta"]));
      const other = await see(world, "--group beta");
      expect([other.status, other.world.requests.includes(listOf(from))]).toEqual([0, false]);
      expect(outcomesOf(world, open).map(([, success]) => success)).toEqual(
        times(outcomesOf(world, open).length, null),
      );
      const before = trailOf(world.files).length;
      await see(world, "--prune --allow-deletes");
      expect(outcomesOf(world, before).length).toBeGreaterThan(sizeOf(from));
      expect(storedIn(world).length).toBe(2 * sizeOf(to));
      await expectSoundTrail(world);
    });

    test("the guard counts both", async () => {
      const world = await left();
      set(world, filesOf(from, ["older"]));
      await go(world, "");
      world.files.take(fileOf("older"));
      const { status, result } = await see(world, "plan --prune");
      const number = 2 * sizeOf(from);
      const all = number + sizeOf(to);
      expect([status, result.diagnostics.map(({ message }) => message)]).toEqual([
        1,
        expect.arrayContaining([
          `would delete ${number} of ${all} resources (${Math.round((100 * number) / all)} %, the limit is 30 %)`,
        ]),
      ]);
    });
  },
);

const unseen = [integrations, triggers].flatMap((kind) => [404, 403].map((status) => ({ kind, status })));

describe.each(unseen)("where $kind.path answers $status", ({ kind, status: refusal }) => {
  const intercept = refusing(kind, refusal);
  const both = () =>
    start({ ...filesOf(webhooks, ["alpha"], { labels: "team: data" }), ...filesOf(kind, ["beta"]) });

  test.each(["--group alpha", "--selector team=data"])(
    "`%s` asks for webhooks alone, and works",
    async (flags) => {
      const world = both();
      const plan = await see(world, `plan ${flags}`, { intercept });
      expect([plan.status, plan.world.requests]).toEqual([0, [login, listOf(webhooks)]]);
      const sync = await see(world, flags, { intercept });
      expect([sync.status, sync.became]).toEqual([0, ["create alpha applied"]]);
      expect(sync.world.requests).toEqual([login, listOf(webhooks), `POST ${webhooks.path}`]);
      expect(storedIn(world)).toEqual(wholeOf(webhooks, "alpha"));
      const again = await see(world, flags, { intercept });
      expect([again.status, again.world.requests]).toEqual([0, [login, listOf(webhooks)]]);
      const back = await see(world, "rollback --last", { intercept });
      expect([back.status, storedIn(world)]).toEqual([0, []]);
    },
  );

  test("a plan that was saved for the other is applied", async () => {
    const world = both();
    const saved = await see(world, "plan --group alpha --out p.json", { intercept });
    const applied = await see(world, "apply p.json", { intercept });
    expect([saved.status, applied.status, applied.became]).toEqual([0, 0, ["create alpha applied"]]);
    expect(storedIn(world)).toEqual(wholeOf(webhooks, "alpha"));
  });

  test("without it its groups are skipped, and the others go on", async () => {
    const world = both();
    const { status, result, became, world: after } = await see(world, "", { intercept });
    const code = refusal === 404 ? "api/notOffered" : "api/forbidden";
    const words = refusal === 404 ? "not found (404)" : "forbidden (403)";
    const { list, write } = kind.permissions;
    const hint =
      refusal === 404
        ? `this organisation does not offer ${kind.nouns}: \`reconcile doctor\` shows what it offers`
        : `the OAuth client of GENESYS_CLIENT_ID needs the permissions ${[list, ...write].join(" ")} and a role that allows them`;
    const message = `group "beta" is skipped: ${listOf(kind)}: ${words}: no`;
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors).toEqual([
      { severity: "error", code, message, hint, file: fileOf("beta"), line: 1, column: 1 },
    ]);
    expect([status, became]).toEqual([
      1,
      ["create alpha applied", ...times(sizeOf(kind), "create beta skipped")],
    ]);
    expect(writesOf(after)).toEqual([`POST ${webhooks.path}`]);
    expect(storedIn(world)).toEqual(wholeOf(webhooks, "alpha"));
  });

  test("where no manifest names another, the reason is said, and nothing is written", async () => {
    const world = start(filesOf(kind, ["beta"]));
    const { status, out, err, world: after } = await go(world, "", { intercept });
    const code = refusal === 404 ? "api/notOffered" : "api/forbidden";
    expect(err).toContain(`: no [${code}]\n`);
    expect([status, out, writesOf(after), storedIn(world)]).toEqual([1, "", [], []]);
  });

  test("what the trail knows to be there is held to be out of sight: no drift, and no delete", async () => {
    const world = both();
    await go(world, "");
    const before = storedIn(world);
    const { status, became, codes, result } = await see(world, "--group alpha --prune", { intercept });
    expect([status, became, codes, result.drift]).toEqual([0, [], [], []]);
    world.files.take(fileOf("beta"));
    const alone = await see(world, "--prune --allow-deletes", { intercept });
    expect([alone.status, alone.became, storedIn(world)]).toEqual([0, [], before]);
  });
});

describe("an event source whose group gets a new name", () => {
  const renamed = (text: string) => text.replace("name: alpha", "name: sales");
  const source = integrations.endpointOf("alpha");
  const salesAt = (types: readonly string[] = eventTypes) =>
    renamed(manifest("alpha", { kind: integrations, eventTypes: types }));

  async function live(): Promise<TestWorld> {
    const world = start(filesOf(integrations, ["alpha"]));
    expect((await go(world, "")).status).toBe(0);
    return world;
  }

  async function handedOver(): Promise<TestWorld> {
    const world = await live();
    world.files.take(fileOf("alpha"));
    set(world, { [fileOf("sales")]: salesAt() });
    return world;
  }

  const description =
    "Consumer group: sales | Offset tracking: /var/data/alpha.json | Managed by: reconcile (default)";

  test.each(["--adopt", "--prune --allow-deletes"])(
    "is handed over in one update, without a gap: `%s`",
    async (flags) => {
      const world = await handedOver();
      const ids = [...world.state.integrations.keys()];
      const { intercept, lost } = watch(world, "alpha", "sales");
      const { status, became, result, world: after } = await see(world, flags, { intercept });
      expect([status, became, methodsOf(after), lost]).toEqual([0, ["update sales applied"], ["PUT"], []]);
      expect(result.operations[0]?.reason).toBe(
        'taken over from group "alpha", which has no manifest any more; description changed; name changed',
      );
      expect(storedIn(world)).toEqual(wholeOf(integrations, "alpha", { description }));
      expect([...world.state.integrations.keys()]).toEqual(ids);
      await expectNothingToDo(world, "--prune");
      await expectSoundTrail(world);
    },
  );

  test("by a saved plan, and given back by `rollback --last`", async () => {
    const world = await handedOver();
    const before = wholeOf(integrations, "alpha");
    await go(world, "plan --adopt --out p.json");
    expect((await see(world, "apply p.json")).became).toEqual(["update sales applied"]);
    const { intercept, lost } = watch(world, "alpha", "sales");
    const { status, became } = await see(world, "rollback --last", { intercept });
    expect([status, became, lost, storedIn(world)]).toEqual([0, ["update sales applied"], [], before]);
    expect((await see(world, "plan --adopt")).became).toEqual(["update sales planned"]);
    await expectSoundTrail(world);
  });

  /** What is live once its group, its owner or both are another's. */
  const remark = (world: TestWorld, now: string): void => {
    for (const one of integrations.stored(world.state))
      integrations.put(world.state, { ...one, name: "theirs", description: now });
  };

  test.each<
    [string, (world: TestWorld) => void, { message: RegExp; hint: string; others: readonly string[] }]
  >([
    [
      "another declared group has",
      (world) => {
        const moved = manifest("alpha", { kind: integrations, eventTypes }).replace(
          source,
          integrations.url(1),
        );
        set(world, { [fileOf("alpha")]: moved });
      },
      {
        message: /is "alpha-[0-9a-f]{8}" \(id id-\d+\) of group "alpha"$/,
        hint: 'use another suffix, or take it out of group "alpha" first and sync, then give it to this one',
        others: ["create alpha applied", "delete alpha applied"],
      },
    ],
    [
      "another owner has",
      (world) => {
        world.files.take(fileOf("alpha"));
        remark(world, "Consumer group: alpha | Managed by: reconcile (voice)");
      },
      {
        message: /is "theirs" \(id id-\d+\) of group "alpha"$/,
        hint: 'use another suffix, or let owner "voice" give it up',
        others: [],
      },
    ],
    [
      "nobody has",
      (world) => {
        world.files.take(fileOf("alpha"));
        remark(world, "");
      },
      {
        message: /is "theirs" \(id id-\d+\) of no group$/,
        hint:
          'use another suffix, or take it over: write "Consumer group: sales" into that EventBridge integration\'s ' +
          "notes and pass --adopt; or delete it",
        others: [],
      },
    ],
    [
      "loses something with it",
      (world) => {
        world.files.take(fileOf("alpha"));
        set(world, { [fileOf("sales")]: salesAt(eventTypes.slice(0, 1)) });
      },
      {
        message: /is "alpha-[0-9a-f]{8}" \(id id-\d+\) of group "alpha"$/,
        hint: `use another suffix, or pass --prune to take it over without ${eventTypes[1] ?? ""}, which group "alpha" had`,
        others: [],
      },
    ],
  ])("that %s is not taken, and the way out is said; the others go on", async (_, change, expected) => {
    const world = await live();
    set(world, { [fileOf("sales")]: salesAt().replace("/var/data/alpha", "/var/data/sales") });
    change(world);
    set(world, filesOf(webhooks, ["beta"], { eventTypes: eventTypes.slice(0, 1) }));
    const before = integrations.stored(world.state).map((one) => one.description);
    const { status, result, became } = await see(world, "--adopt");
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map(({ code, hint, file }) => [code, hint, file])).toEqual([
      ["source/taken", expected.hint, fileOf("sales")],
    ]);
    expect(errors[0]?.message).toMatch(expected.message);
    expect(errors[0]?.message).toContain(
      `group "sales" is skipped: there is one integration of an event source, and that of ${source} `,
    );
    const sales = /^(?:create|update) sales skipped$/;
    expect(became.filter((what) => sales.test(what))).toHaveLength(1);
    expect([status, became.filter((what) => !sales.test(what)).sort(compareText)]).toEqual([
      1,
      [...expected.others, "create beta applied"].sort(compareText),
    ]);
    expect(integrations.stored(world.state).map((one) => one.description)).toEqual(before);
    await expectSoundTrail(world);
  });

  test("is handed over as far as the pool still has it; what left the pool is pruned after", async () => {
    const [kept, gone, come] = [0, 1, 2].map(integrations.url);
    const of = (...pool: readonly (string | undefined)[]) =>
      manifest("alpha", { kind: integrations, eventTypes, pool: pool.map(String) });
    const world = start({ [fileOf("alpha")]: of(kept, gone) });
    await go(world, "");
    world.files.take(fileOf("alpha"));
    set(world, { [fileOf("sales")]: renamed(of(kept, come)) });
    const { intercept, lost } = watch(world, "alpha", "sales");
    const { status, became, result } = await see(world, "--prune", { intercept });
    expect([status, became.toSorted(compareText), lost, result.orphans.length]).toEqual([
      0,
      ["create sales applied", "delete alpha applied", "update sales applied"],
      [],
      1,
    ]);
    expect(storedIn(world).map(({ endpoint }) => endpoint)).toEqual([kept, come]);
    await expectNothingToDo(world, "--prune");
  });

  test.each<[string, string]>([
    ["", "pass --adopt to take it over from"],
    ["--group sales --prune", "pass --adopt --group alpha to take it over from"],
  ])("is not handed over unasked: `%s`", async (flags, way) => {
    const world = await handedOver();
    const { status, result, world: after } = await see(world, flags);
    const errors = result.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map(({ hint }) => hint)).toEqual([
      `use another suffix, or ${way} group "alpha", which has no manifest any more`,
    ]);
    expect([status, writesOf(after)]).toEqual([1, []]);
    expect(storedIn(world)).toEqual(wholeOf(integrations, "alpha"));
  });

  test("keeps what another new group has not got yet", async () => {
    const world = await live();
    world.files.take(fileOf("alpha"));
    const [kept = "", parted = ""] = eventTypes;
    set(world, {
      [fileOf("sales")]: salesAt([kept]).replace("/var/data/alpha", "/var/data/sales"),
      ...filesOf(integrations, ["ops"], { eventTypes: [parted] }),
    });
    const { intercept, lost } = watch(world, "alpha", "sales", "ops");
    const first = await see(world, "--prune", { intercept });
    const errors = first.result.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map(({ hint }) => hint)).toEqual([
      `use another suffix, or let this group deliver ${parted}, too, until group "ops" has been synced: nobody would deliver that meanwhile`,
    ]);
    set(world, { [fileOf("sales")]: salesAt().replace("/var/data/alpha", "/var/data/sales") });
    expect((await see(world, "--prune", { intercept })).status).toBe(0);
    set(world, { [fileOf("sales")]: salesAt([kept]).replace("/var/data/alpha", "/var/data/sales") });
    expect([(await see(world, "--prune", { intercept })).status, lost]).toEqual([0, []]);
    await expectNothingToDo(world, "--prune");
  });

  test("that somebody else makes meanwhile stays theirs, and nothing half-made is left", async () => {
    const world = start(filesOf(integrations, ["alpha"]));
    const theirs = { id: "x1", name: "theirs", endpoint: source, eventTypes, description: "" };
    const {
      status,
      became,
      world: after,
    } = await see(world, "", {
      intercept: (request, forward) => {
        const response = forward();
        const isCreate = request.method === "POST" && request.url.includes(integrations.path);
        if (isCreate) integrations.put(world.state, theirs);
        return response;
      },
    });
    expect([status, became, methodsOf(after).at(-1)]).toEqual([1, ["create alpha skipped"], "DELETE"]);
    expect(integrations.stored(world.state).map(({ id }) => id)).toEqual(["x1"]);
    const next = await see(world, "");
    expect([next.status, next.codes, writesOf(next.world)]).toEqual([1, ["source/taken"], []]);
    await expectSoundTrail(world);
  });

  test("is taken once the other group has given it up", async () => {
    const world = await live();
    const moved = manifest("alpha", { kind: integrations, eventTypes }).replace(
      source,
      integrations.url(1),
    );
    set(world, {
      [fileOf("alpha")]: moved,
      [fileOf("sales")]: salesAt().replace("/var/data/alpha", "/var/data/sales"),
    });
    expect((await see(world, "")).status).toBe(1);
    const { status, became } = await see(world, "");
    expect([status, became]).toEqual([0, ["create sales applied"]]);
    await expectNothingToDo(world);
  });
});

describe("what waits for an association in AWS", () => {
  const waiting = (text: string) =>
    text.replace(
      /^ {2}name: .*$/m,
      "$&\n  annotations: { reconcile.genesys/create-only: until it is associated }",
    );

  test("keeps whoever delivers until then from being pruned", async () => {
    const world = start(filesOf(webhooks, ["old"]));
    await go(world, "");
    world.files.take(fileOf("old"));
    set(world, { [fileOf("alpha")]: waiting(manifest("alpha", { kind: integrations, eventTypes })) });
    const { status, became, result } = await see(world, "--prune --allow-deletes");
    expect([status, became]).toEqual([0, ["create alpha applied", "delete old skipped"]]);
    expect(result.operations[1]?.error).toMatch(/^held back: waits for group "alpha"/);
    const again = await see(world, "--prune --allow-deletes");
    expect([again.status, again.became]).toEqual([0, ["delete old skipped"]]);
    set(world, filesOf(integrations, ["alpha"]));
    expect((await see(world, "--prune --allow-deletes")).became).toEqual(["delete old applied"]);
  });

  test("is in the way like any other conflict where it has one, and then nobody's wish", async () => {
    const world = start({ [fileOf("alpha")]: waiting(manifest("alpha", { kind: webhooks, eventTypes })) });
    putGroup(webhooks, world, "alpha", "Consumer group: alpha");
    const { status, result } = await see(world, "");
    expect(status).toBe(1);
    expect(result.operations.map(({ frozen }) => frozen)).toEqual(result.operations.map(() => false));
    expect(result.diagnostics.map(({ code }) => code)).not.toContain("group/createOnly");
    expect(trailOf(world.files).at(-1)?.success ?? false).toBe(false);
  });
});

describe("a group of triggers that gets a new name", () => {
  const sales = () => ({
    [fileOf("sales")]: manifest("alpha", { kind: triggers, eventTypes }).replace(
      "name: alpha",
      "name: sales",
    ),
  });

  async function renamed(): Promise<TestWorld> {
    const world = start(filesOf(triggers, ["alpha"]));
    expect((await go(world, "")).status).toBe(0);
    world.files.take(fileOf("alpha"));
    set(world, sales());
    return world;
  }

  test.each(["--adopt", "--prune --allow-deletes"])(
    "takes them over, each in one write: `%s`",
    async (flags) => {
      const world = await renamed();
      const ids = [...world.state.triggers.keys()];
      const { intercept, lost } = watch(world, "alpha", "sales");
      const { status, became, world: after } = await see(world, flags, { intercept });
      expect([status, became, methodsOf(after), lost]).toEqual([
        0,
        times(2, "update sales applied"),
        times(2, "PUT"),
        [],
      ]);
      expect([...world.state.triggers.keys()]).toEqual(ids);
      await expectNothingToDo(world, "--prune");
      await expectSoundTrail(world);
    },
  );

  test("is told that its workflows start twice, until it takes them over", async () => {
    const world = await renamed();
    const twice = ({ diagnostics }: Result) => diagnostics.filter(({ code }) => code === "trigger/twice");
    const { status, became, result } = await see(world, "");
    const warning = {
      severity: "warning",
      message: expect.stringMatching(
        /^2 event types of group "sales" start a workflow twice: trigger "alpha-[0-9a-f]{8}" \(id id-\d+\) of group "alpha" and 1 more do so, too$/,
      ) as string,
      hint: 'pass --adopt to take it over from group "alpha", which has no manifest any more',
    };
    expect([status, became]).toEqual([0, times(2, "create sales applied")]);
    expect(twice(result)).toEqual([expect.objectContaining(warning)]);
    const after = await see(world, "--adopt");
    expect([after.status, after.became, twice(after.result).map(({ hint }) => hint)]).toEqual([
      0,
      [],
      ['pass --prune to delete it: its group "alpha" has no manifest any more'],
    ]);
    expect((await see(world, "--prune")).became).toEqual(times(2, "delete alpha skipped"));
    expect((await see(world, "--prune --allow-deletes")).became).toEqual(times(2, "delete alpha applied"));
    expect(storedIn(world)).toHaveLength(2);
    await expectNothingToDo(world, "--prune");
  });

  test("takes over none whose conditions are others", async () => {
    const world = await renamed();
    for (const [id, one] of world.state.triggers)
      world.state.triggers.set(id, { ...one, eventTTLSeconds: 60 });
    const { status, became, result } = await see(world, "--adopt");
    expect([status, became, result.orphans.length]).toEqual([0, times(2, "create sales applied"), 2]);
    expect(result.diagnostics.map(({ code }) => code)).not.toContain("trigger/twice");
    expect(storedIn(world)).toHaveLength(4);
  });

  test("shares with no other new group what there is one of", async () => {
    const world = await renamed();
    set(world, {
      [fileOf("zulu")]: manifest("alpha", { kind: triggers, eventTypes })
        .replace("name: alpha", "name: zulu")
        .replace("/var/data/alpha", "/var/data/zulu"),
    });
    const { became } = await see(world, "plan --adopt --out p.json");
    const planned = [...times(2, "update sales"), ...times(2, "create zulu")];
    expect(became).toEqual(planned.map((what) => `${what} planned`));
    const { status, became: done } = await see(world, "apply p.json");
    expect([status, done]).toEqual([0, planned.map((what) => `${what} applied`)]);
  });

  test("is told of triggers that somebody made by hand", async () => {
    const world = start(filesOf(triggers, ["alpha"]));
    putGroup(triggers, world, "alpha", "mine");
    const { result } = await see(world, "plan");
    expect(result.diagnostics).toContainEqual(
      expect.objectContaining({
        code: "trigger/twice",
        message:
          '2 event types of group "alpha" start a workflow twice: trigger "alpha-by-hand-0" (id by-hand-0) of no group and 1 more do so, too',
        hint: 'take it over: write "Consumer group: alpha" into that trigger\'s description and pass --adopt; or delete it',
      }),
    );
  });
});

test("integrations that do not get active hold up nothing but each other", async () => {
  const groups = Array.from({ length: 12 }, (_, at) => `stuck-${at}`);
  const world = start({ ...filesOf(integrations, groups), ...filesOf(webhooks, ["zulu"]) });
  const neverActive: Intercept = (_, forward) => {
    const response = forward();
    for (const [id, one] of world.state.integrations)
      world.state.integrations.set(id, { ...one, intendedAtMs: Number.MAX_SAFE_INTEGER });
    return response;
  };
  const { status, became, world: after } = await see(world, "--concurrency 4", { intercept: neverActive });
  expect([status, became.filter((what) => what.endsWith("applied"))]).toEqual([1, ["create zulu applied"]]);
  const posts = writesOf(after).filter((sent) => sent.startsWith("POST"));
  expect(posts.indexOf(`POST ${webhooks.path}`)).toBeLessThanOrEqual(4);
});

test("the trail of all of it is sound, and shows each kind", async () => {
  const world = start({
    ...filesOf(webhooks, ["hook"]),
    ...filesOf(integrations, ["bus"]),
    ...filesOf(triggers, ["flow"]),
  });
  await go(world, "");
  set(world, filesOf(triggers, ["hook"]));
  await go(world, "--concurrency 1");
  await go(world, "rollback --last");
  set(world, filesOf(webhooks, ["hook"]));
  world.files.take(fileOf("bus"));
  world.files.take(fileOf("flow"));
  await go(world, "--prune --allow-deletes");
  expect(storedIn(world)).toEqual(wholeOf(webhooks, "hook"));
  await expectSoundTrail(world);
  const { status, out, err } = await go(world, "audit log");
  const rows = out
    .split("\n")
    .slice(1, -1)
    .map((row) => row.split(/ {2,}/).slice(2, -1).join(" "));
  const [bus, flow, hook] = [
    integrations.endpointOf("bus"),
    triggers.endpointOf("flow"),
    webhooks.endpointOf("hook"),
  ];
  const between = triggers.endpointOf("hook");
  const [begin, end] = ["run started", "run finished"];
  expect([status, err]).toEqual([0, ""]);
  expect(rows.slice(0, 6).sort(compareText)).toEqual(
    [
      begin,
      `create applied bus ${bus} +2 event types`,
      ...eventTypes.map((type) => `create applied flow ${flow} +${type}`),
      `create applied hook ${hook} +2 event types`,
      end,
    ].sort(compareText),
  );
  expect(rows.slice(6, 16)).toEqual([
    begin,
    ...eventTypes.map((type) => `create applied hook ${between} +${type}`),
    `delete applied hook ${hook} −2 event types`,
    end,
    begin,
    `create applied hook ${hook} +2 event types`,
    ...eventTypes.map((type) => `delete applied hook ${between} −${type}`),
    end,
  ]);
  expect(rows.slice(16).sort(compareText)).toEqual(
    [
      begin,
      `delete applied bus ${bus} −2 event types`,
      ...eventTypes.map((type) => `delete applied flow ${flow} −${type}`),
      end,
    ].sort(compareText),
  );
});

const schemas = (["result", "plan"] as const).map((name) => {
  const text = readFileSync(new URL(`../../schemas/${name}.v1.json`, import.meta.url), "utf8");
  return [name, new Ajv2020({ allowUnionTypes: true }).compile(closed(JSON.parse(text)))] as const;
});

/** Whoever made it must not have added a key that is not described. */
function closed(value: unknown): AnySchemaObject {
  const visit = (child: unknown): unknown => {
    if (Array.isArray(child)) return child.map(visit);
    if (typeof child !== "object" || child === null) return child;
    const more = "properties" in child ? { additionalProperties: false } : {};
    return { ...Object.fromEntries(Object.entries(child).map(([key, of]) => [key, visit(of)])), ...more };
  };
  return visit(value) as AnySchemaObject;
}

function faultsOf(name: "result" | "plan", text: string): unknown {
  const validate = new Map(schemas).get(name);
  return validate?.(JSON.parse(text)) === true ? null : (validate?.errors ?? "no schema");
}

describe.each(kinds)("what is said of $nouns", (kind) => {
  const { noun, nouns } = kind;
  const size = sizeOf(kind);
  const [one, two] = [kind.url(0), kind.url(1)];

  /** A group over one endpoint that is to be split over two. */
  async function growing(): Promise<TestWorld> {
    const of = (pool: readonly string[]) => {
      const text = manifest("alpha", { kind, eventTypes, pool });
      return { [fileOf("alpha")]: text.replace(kind.endpointOf("alpha"), one) };
    };
    const world = start(of([one]));
    expect((await go(world, "")).status).toBe(0);
    set(world, of([one, two]));
    return world;
  }

  test("--explain: the same words, whatever the kind", async () => {
    const { status, out } = await go(await growing(), "plan --explain");
    expect([status, /^ {2}why\n([^]*?)\n\n/m.exec(out)?.[1]?.split("\n")]).toEqual([
      0,
      [
        `    ${one}  weight 1, share 1: gets 1, holds 2, 1 stay, 1 move away`,
        `    ${two}  weight 1, share 1: gets 1, holds 0, 0 stay, 1 move here`,
        `    1 event type moves: ${one} holds more than its share of 1`,
        "    1 of 2 live event types stay; no balanced assignment moves fewer than 1",
      ],
    ]);
  });

  test("--output markdown: a sentence, then a row an endpoint, whatever serves it", async () => {
    const { status, out } = await go(await growing(), "plan --output markdown");
    const [sentence, unchanged] =
      kind.granularity === "endpoint"
        ? [`creates 1 ${noun} and updates 1`, ""]
        : [`updates 1 ${noun}`, ` · 1 ${noun} unchanged`];
    const why = `re-pointed from ${one}, which holds more than its share of 1`;
    const rows =
      kind.granularity === "endpoint"
        ? [
            ["update", "hands 1 event type to another endpoint"],
            ["create", "the group is split over its pool"],
          ]
        : [
            ["", "hands 1 event type to another endpoint"],
            ["update", why],
          ];
    const row = (at: number, url: string, counts: string) =>
      `| ${rows[at]?.[0] ?? ""} | \`${url}\` | ${counts} | \`█░░░░░░░░░\` 1/15, 80 events/s | ${rows[at]?.[1] ?? ""} |`;
    const lines = out.split("\n").filter((line) => line !== "" && !line.startsWith("- **warning**"));
    expect([status, lines]).toEqual([
      0,
      [
        "<!-- reconcile -->",
        `**A sync ${sentence}; 1 event type moves to another endpoint.**`,
        `mypurecloud.com as owner "default"${unchanged}`,
        `#### \`alpha\` — \`${fileOf("alpha")}:1\``,
        "| | endpoint | event types | load | why |",
        "|---|---|---:|---|---|",
        row(0, one, "2 → 1"),
        row(1, two, "0 → 1"),
        "<details><summary>1 event type moves</summary>",
        `- \`v2.users.{id}.routingStatus\`: \`${one}\` → \`${two}\``,
        "</details>",
      ],
    ]);
  });

  test("orphans and what was done, in their words", async () => {
    const world = start(filesOf(kind, ["alpha", "old"]));
    const made = await go(world, "--output markdown");
    expect(made.out.split("\n")[1]).toBe(`**This run created ${2 * size} ${nouns}.**`);
    world.files.take(fileOf("old"));
    const { out } = await go(world, "plan");
    const more = size === 1 ? "" : ` and ${size - 1} more`;
    expect(out).toContain(
      `\n${size} ${size === 1 ? noun : nouns} of a group without a manifest (--prune deletes them)\n` +
        `  ? old ${kind.endpointOf("old")}${more}\n\n`,
    );
    const quiet = await go(world, "plan --group alpha --output markdown");
    expect(quiet.out.split("\n").slice(1, 4)).toEqual([
      "**Nothing to do: everything is as the manifests declare.**",
      "",
      `mypurecloud.com as owner "default" · ${size} ${size === 1 ? noun : nouns} unchanged`,
    ]);
  });

  test("status: the last run, nothing open, and the figures", async () => {
    const world = start(filesOf(kind, ["alpha"]));
    await go(world, "");
    const { status, out, world: after } = await go(world, "status");
    const at = new Date(world.clock.now()).toISOString();
    const latency = kind.isMadeInSteps ? world.clock.now() - Date.parse("2026-01-01T00:00:00Z") : 0;
    expect([status, after.requests]).toEqual([0, []]);
    expect(out).toBe(
      `last run   ${at}, 0 s ago, on mypurecloud.com: everything is as the manifests declare
           Done: ${size} created, 0 updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved
           run ${trailOf(world.files)[0]?.runId ?? ""}
open       nothing: the outcome of every write is on record
writes     ${size} tried, ${size} done, 0 failed (100 % done), ${latency} ms on average
rebalances 0 groups split or split again
refusals   0 times, because of invalid manifests
`,
    );
  });

  test("status: a write of a run that died is open, and the next sync finds out", async () => {
    const world = start(filesOf(kind, ["alpha"]));
    await go(world, "");
    const records = world.files.text(trailPath).split("\n").filter(Boolean);
    // The run is cut off after its last intent.
    const intents = records.flatMap((line, at) => (line.includes('"event":"change.intended"') ? [at] : []));
    world.files.set(trailPath, `${records.slice(0, (intents.at(-1) ?? 0) + 1).join("\n")}\n`);
    const open = await go(world, "status --output json");
    const { openIntents } = JSON.parse(open.out) as { openIntents: object[] };
    expect(openIntents.at(-1)).toMatchObject({
      operation: "create",
      group: "alpha",
      endpoint: kind.endpointOf("alpha"),
    });
    const { status, became, world: after } = await see(world, "");
    expect([status, became, writesOf(after)]).toEqual([0, [], []]);
    const { out } = await go(world, "status");
    expect(out).toContain("open       nothing: the outcome of every write is on record\n");
    await expectSoundTrail(world);
  });

  /** Something of everything: a move, an orphan, drift, another owner's, an unmarked one. */
  async function everything(): Promise<TestWorld> {
    const world = await growing();
    set(world, filesOf(kind, ["drifted", "old"]));
    await go(world, "");
    kind.switchOff(world.state);
    world.files.take(fileOf("old"));
    set(world, filesOf(kind, ["beta", "new"]));
    putGroup(kind, world, "beta", "Consumer group: beta");
    set(world, { [fileOf("alpha")]: manifest("alpha", { kind, eventTypes, pool: [two, kind.url(2)] }) });
    return world;
  }

  test.each([
    "plan --output json",
    "plan --explain --prune --output json",
    "--output json",
    "--create-only --prune --allow-deletes --output json",
    "--adopt --prune --allow-deletes --explain --output json",
    "rollback --last --dry-run --output json",
    "rollback --last --force --allow-deletes --output json",
  ])("is as schemas/result.v1.json says: `%s`", async (argv) => {
    const { out } = await go(await everything(), argv);
    expect(faultsOf("result", out)).toBeNull();
    const { operations } = JSON.parse(out) as Result;
    expect(operations.map(({ endpoint }) => endpoint.startsWith(kind.scheme))).toEqual(
      times(operations.length, true),
    );
    expect(operations.length).toBeGreaterThan(0);
  });

  test("a saved plan is as schemas/plan.v1.json says, and so is what came of it", async () => {
    const world = await everything();
    await go(world, "plan --adopt --prune --allow-deletes --out p.json");
    expect(faultsOf("plan", world.files.text("p.json"))).toBeNull();
    const applied = await see(world, "apply p.json");
    expect([applied.status, faultsOf("result", applied.out)]).toEqual([0, null]);
    const refused = await see(world, "apply p.json");
    expect([refused.status, faultsOf("result", refused.out)]).toEqual([1, null]);
    await expectNothingToDo(world);
    await expectSoundTrail(world);
  });
});
