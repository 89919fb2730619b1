// Fields of a resource that reconcile does not know: they survive what is written in place, and a plan that makes a
// resource anew names those that get lost.
import { describe, expect, test } from "vitest";
import type { SandboxState } from "../../../src/sandbox/state.ts";
import { manifest, trailOf, type TestWorld } from "../../support/world.ts";
import {
  eventTypes,
  expectNothingToDo,
  fileOf,
  filesOf,
  go,
  integrations,
  putGroup,
  see,
  set,
  start,
  triggers,
  webhooks,
} from "./groups.ts";

const quirks = { keepsUnknown: true };
const theirs = { custom: { secret: "of somebody" }, flags: ["a"], empty: "" };

type Stored = Readonly<Record<string, unknown>>;

/** Adds fields to all resources of a map, as another user or a later version of the platform could. */
function addTo<T>(all: Map<string, T>, more: (one: T) => object): void {
  for (const [id, one] of all) all.set(id, { ...one, ...more(one) });
}

const all = (state: SandboxState, key: "webhooks" | "triggers"): readonly Stored[] =>
  [...state[key].values()] as unknown as readonly Stored[];

describe("webhooks", () => {
  const policy = { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true, jitter: 5 };
  const kept = { ...theirs, retryPolicy: policy };

  async function adopted(): Promise<TestWorld> {
    const world = start(filesOf(webhooks, ["alpha"]));
    putGroup(webhooks, world, "alpha", "Consumer group: alpha");
    addTo(world.state.webhooks, () => kept);
    const { status, became } = await see(world, "--adopt", { quirks });
    expect([status, became]).toEqual([0, ["adopt alpha applied"]]);
    return world;
  }

  test("keep them through an adoption, an update and a re-pointing", async () => {
    const world = await adopted();
    expect(all(world.state, "webhooks")).toMatchObject([kept]);
    set(world, filesOf(webhooks, ["alpha"], { eventTypes: ["v2.users.{id}.presence"] }));
    expect((await see(world, "", { quirks })).became).toEqual(["update alpha applied"]);
    const [text = ""] = Object.values(
      filesOf(webhooks, ["alpha"], { eventTypes: ["v2.users.{id}.presence"] }),
    );
    set(world, { [fileOf("alpha")]: text.replace("/alpha\n", "/elsewhere\n") });
    expect((await see(world, "", { quirks })).became).toEqual(["update alpha applied"]);
    expect(all(world.state, "webhooks")).toMatchObject([
      { ...kept, endpoint: "https://events.example.com/elsewhere" },
    ]);
    await expectNothingToDo(world);
  });

  test("that a rollback makes again have lost them: it names them, and sends none of their names", async () => {
    const world = await adopted();
    world.files.take(fileOf("alpha"));
    set(world, filesOf(webhooks, ["beta"]));
    const pruned = await see(world, "--prune --allow-deletes", { quirks });
    expect(pruned.about("fields/lost")).toEqual([]);
    const runId = trailOf(world.files).at(-1)?.runId ?? "";
    const { about, became } = await see(world, `rollback --run ${runId} --allow-deletes`, { quirks });
    expect(became).toContain("create alpha applied");
    expect(about("fields/lost").map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^webhook "alpha-[0-9a-f]{8}" of group "alpha" is made again without these fields, which reconcile does not know: custom, flags, retryPolicy\.jitter$/,
      ),
    ]);
    const again = all(world.state, "webhooks").find(({ name }) => String(name).startsWith("alpha-"));
    expect(Object.keys(again ?? {})).not.toContain("unmodelled");
    expect(JSON.stringify(trailOf(world.files))).not.toContain("of somebody");
  });
});

describe("triggers", () => {
  const criterion = { jsonPath: "mediaType", operator: "Equal", value: "VOICE", ignoreCase: true };
  const spec = "  trigger: { matchCriteria: [{ jsonPath: mediaType, operator: Equal, value: VOICE }] }";
  const group = (topics = eventTypes, more = ""): Record<string, string> => ({
    [fileOf("alpha")]: manifest("alpha", { kind: triggers, eventTypes: topics, tail: `${spec}${more}` }),
  });

  async function adopted(): Promise<TestWorld> {
    const world = start(group());
    putGroup(triggers, world, "alpha", "Consumer group: alpha");
    addTo(world.state.triggers, ({ target }) => ({
      ...theirs,
      target: { ...target, priority: 1, workflowTargetSettings: { queue: "q" } },
      matchCriteria: [criterion],
    }));
    const { status } = await see(world, "--adopt", { quirks });
    expect(status).toBe(0);
    return world;
  }

  const kept = {
    ...theirs,
    target: { priority: 1, workflowTargetSettings: { queue: "q" } },
    matchCriteria: [criterion],
  };

  test("keep them through an adoption, an update and a move", async () => {
    const world = await adopted();
    expect(all(world.state, "triggers")).toMatchObject([kept, kept]);
    const [text = ""] = Object.values(group());
    set(world, { [fileOf("alpha")]: text.replace("workflow:alpha", "workflow:beta") });
    expect((await see(world, "", { quirks })).status).toBe(0);
    const moved = { ...kept, target: { ...kept.target, id: "beta" } };
    expect(all(world.state, "triggers")).toMatchObject([moved, moved]);
    await expectNothingToDo(world);
  });

  test("that another topic makes anew lose them, which the plan says in each format", async () => {
    const world = await adopted();
    set(world, group([eventTypes[0] ?? "", "v2.detail.events.conversation.{id}.acw"]));
    const words =
      /trigger "alpha-[0-9a-f]{8}" \(id by-hand-1\) of group "alpha" is deleted, and what replaces it does not get these fields, which reconcile does not know: custom, flags, target\.priority, target\.workflowTargetSettings\.queue, matchCriteria\.ignoreCase/;
    const { about } = await see(world, "plan", { quirks });
    expect(about("fields/lost")).toEqual([
      {
        ...{ severity: "warning", code: "fields/lost", message: expect.stringMatching(words) as string },
        ...{ hint: "set them by hand on the new trigger if they matter" },
        ...{ file: fileOf("alpha"), line: 1, column: 1 },
      },
    ]);
    expect((await go(world, "plan", { quirks })).out).toMatch(words);
    expect((await go(world, "plan --output markdown", { quirks })).out).toContain(
      "matchCriteria.ignoreCase",
    );
    expect((await go(world, "plan --out p.json", { quirks })).status).toBe(0);
    expect((await go(world, "apply p.json", { quirks })).status).toBe(0);
  });

  test("that only go, or that do the same as another one, lose nothing that is said", async () => {
    const world = await adopted();
    set(world, group([eventTypes[0] ?? ""]));
    const { became, warnings } = await see(world, "plan", { quirks });
    expect(became).toEqual(["delete alpha planned"]);
    expect(warnings).not.toContain("fields/lost");
  });
});

describe("integrations", () => {
  test("that another event source makes anew lose them, which the plan says", async () => {
    const world = start(filesOf(integrations, ["alpha"]));
    await go(world, "");
    const [text = ""] = Object.values(filesOf(integrations, ["alpha"]));
    set(world, { [fileOf("alpha")]: text.replace("us-east-1/alpha", "us-east-1/beta") });
    const { about } = await see(world, "plan", {
      intercept: (request, forward) => {
        const answer = forward();
        const more = '"advanced":{"x":1},"credentials":{"key":{"id":"c1"}},"theirs":2';
        const body = answer.body
          .replaceAll('"advanced":{}', more)
          .replaceAll('"credentials":{},', "")
          .replaceAll('"awsAccountId"', '"batch":5,"awsAccountId"');
        return request.method === "GET" ? { ...answer, body } : answer;
      },
    });
    expect(about("fields/lost").map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^EventBridge integration .* is deleted, .*: config\.advanced, config\.credentials, config\.theirs, config\.properties\.batch$/,
      ),
    ]);
  });
});
