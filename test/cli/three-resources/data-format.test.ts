// `spec.trigger.dataFormat`: what is stated is enforced, and what is not stated stays as it is on the platform.
import { describe, expect, test } from "vitest";
import { manifest, methodsOf, trailOf, type TestWorld } from "../../support/world.ts";
import {
  eventTypes,
  expectNothingToDo,
  fileOf,
  go,
  putGroup,
  see,
  set,
  start,
  synced,
  times,
  triggers,
} from "./groups.ts";

const [first = "", second = ""] = eventTypes;

/** The manifest of a group that starts the workflow of group alpha; `trigger` is its `spec.trigger`. */
function group(name: string, trigger = "", topics = eventTypes): Record<string, string> {
  const tail = trigger === "" ? "" : `  trigger: ${trigger}`;
  const text = manifest(name, { kind: triggers, eventTypes: topics, tail });
  return { [fileOf(name)]: text.replace(`workflow:${name}`, "workflow:alpha") };
}

const formats = ({ state }: TestWorld) =>
  [...state.triggers.values()].map(({ target }) => target.workflowTargetSettings?.["dataFormat"]);

/** Sets the format of all triggers, as another user could. */
function setFormat({ state }: TestWorld, dataFormat: string): void {
  for (const [id, one] of state.triggers)
    state.triggers.set(id, { ...one, target: { ...one.target, workflowTargetSettings: { dataFormat } } });
}

const stated = "{ dataFormat: TopLevelPrimitives }";

describe("a stated format", () => {
  test("is sent with each trigger, shown in the plan, and enforced", async () => {
    const world = start(group("alpha", stated));
    expect((await go(world, "plan")).out).toContain("\n      dataFormat TopLevelPrimitives\n");
    expect((await go(world, "")).status).toBe(0);
    expect(formats(world)).toEqual(times(2, "TopLevelPrimitives"));
    await expectNothingToDo(world);
    setFormat(world, "Json");
    const { result, became } = await see(world, "plan");
    expect(result.drift.map(({ patch }) => patch)).toEqual(
      times(2, [{ op: "replace", path: "/trigger/dataFormat", value: "Json" }]),
    );
    expect(became).toEqual(times(2, "update alpha planned"));
    expect((await go(world, "plan")).out).toContain("~ dataFormat Json → TopLevelPrimitives");
    expect((await go(world, "")).status).toBe(0);
    expect(formats(world)).toEqual(times(2, "TopLevelPrimitives"));
    await expectNothingToDo(world);
  });

  test("that the platform does not know is named with the nearest one", async () => {
    const { status, out } = await go(start(group("alpha", "{ dataFormat: json }")), "validate");
    expect(status).toBe(1);
    expect(out).toContain('did you mean "Json"?');
    const misspelt = await go(start(group("alpha", "{ dataformat: Json }")), "validate");
    expect(misspelt.out).toContain('did you mean "dataFormat"?');
  });

  test("is put back by a rollback, and a saved plan that relies on another one is stale", async () => {
    const world = await synced(group("alpha", "{ dataFormat: Json }"));
    set(world, group("alpha", stated));
    await go(world, "plan --out p.json");
    expect((await go(world, "apply p.json")).status).toBe(0);
    const runId = trailOf(world.files).at(-1)?.runId ?? "";
    expect((await see(world, `rollback --run ${runId}`)).became).toEqual(times(2, "update alpha applied"));
    expect(formats(world)).toEqual(times(2, "Json"));
    await go(world, "plan --out q.json");
    setFormat(world, "TopLevelPrimitives");
    const { codes, about } = await see(world, "apply q.json");
    expect(codes).toEqual(["plan/stale", "plan/webhookChanged"]);
    expect(about("plan/webhookChanged")[0]?.message).toMatch(/has changed: trigger$/);
  });

  test("stays where a rollback cannot take it away, and the rollback says so", async () => {
    const world = await synced(group("alpha"));
    set(world, group("alpha", stated));
    await go(world, "");
    const runId = trailOf(world.files).at(-1)?.runId ?? "";
    const { became, about } = await see(world, `rollback --run ${runId}`);
    expect([became, formats(world)]).toEqual([[], times(2, "TopLevelPrimitives")]);
    expect(about("rollback/keepsOptions").map(({ message, hint }) => [message, hint])).toEqual([
      [
        expect.stringMatching(
          /^group "alpha": trigger "alpha-[0-9a-f]{8}" \(id id-\d+\) and 1 more keep the dataFormat that the run stated: /,
        ),
        "state the dataFormat that you want in the manifest, and sync",
      ],
    ]);
  });

  test("that the platform does not take as it is fails the write, and says so", async () => {
    const { became, result } = await see(start(group("alpha", stated)), "", {
      intercept: ({ body = "", ...request }, forward) => {
        const answer = forward();
        const isPost = request.method === "POST" && body.includes("dataFormat");
        const text = answer.body.replace("TopLevelPrimitives", "Xml");
        return isPost ? { ...answer, body: text } : answer;
      },
    });
    expect(became).toEqual(times(2, "create alpha failed"));
    expect(result.operations[0]?.error).toBe(
      "the platform stored something else than was sent: trigger/dataFormat",
    );
  });
});

describe("a format that the manifest does not state", () => {
  test.each([{}, { dataFormat: "Json" } as const])(
    "is what the platform makes of it: %j",
    async (quirks) => {
      const world = start(group("alpha"));
      expect((await go(world, "", { quirks })).status).toBe(0);
      expect(formats(world)).toEqual([undefined, undefined]);
      const { became, result } = await see(world, "plan", { quirks });
      expect([became, result.drift]).toEqual([[], []]);
    },
  );

  test.each(["Json", "TopLevelPrimitives"])(
    "stays %s through a change, a move and an adoption",
    async (format) => {
      const world = start(group("alpha"));
      putGroup(triggers, world, "alpha", "Consumer group: alpha");
      setFormat(world, format);
      const adoption = await see(world, "--adopt");
      expect(adoption.became).toEqual(times(2, "adopt alpha applied"));
      await expectNothingToDo(world);
      set(world, group("alpha", "{ eventTTLSeconds: 60 }"));
      const change = await see(world, "");
      expect(change.result.operations.map(({ patch }) => patch.map(({ path }) => path))).toEqual(
        times(2, ["/trigger/eventTTLSeconds"]),
      );
      const [text = ""] = Object.values(group("alpha", "{ eventTTLSeconds: 60 }"));
      set(world, { [fileOf("alpha")]: text.replace("workflow:alpha", "workflow:beta") });
      expect(methodsOf((await see(world, "")).world)).toEqual(["PUT", "PUT"]);
      expect(formats(world)).toEqual(times(2, format));
      await expectNothingToDo(world);
    },
  );

  test("may be one that reconcile does not know: it is shown as answered where another is stated", async () => {
    const world = await synced(group("alpha"));
    setFormat(world, "Xml");
    await expectNothingToDo(world);
    set(world, group("alpha", stated));
    const { out, last } = await go(world, "plan");
    expect(out).toContain("~ dataFormat Xml → TopLevelPrimitives");
    expect(last).toContain("2 to update");
    expect((await go(world, "")).status).toBe(0);
    await expectNothingToDo(world);
  });

  test("may be changed by others: that is no drift, whatever was recorded before", async () => {
    const world = await synced(group("alpha", stated));
    set(world, group("alpha"));
    await expectNothingToDo(world);
    setFormat(world, "Json");
    await expectNothingToDo(world);
  });
});

describe("a trigger that is made anew without a stated format", () => {
  test("keeps the one of its record where somebody deleted it", async () => {
    const world = start(group("alpha"));
    putGroup(triggers, world, "alpha", "Consumer group: alpha");
    setFormat(world, "Json");
    await go(world, "--adopt");
    for (const id of [...world.state.triggers.keys()]) triggers.remove(world.state, id);
    const { became } = await see(world, "");
    expect([became, formats(world)]).toEqual([times(2, "create alpha applied"), times(2, "Json")]);
  });

  test("keeps the one of the trigger that gave its topic up to another group", async () => {
    const world = await synced({
      ...group("alpha", "", [first, second]),
      ...group("omega", "", ["v2.detail.events.conversation.{id}.acw"]),
    });
    setFormat(world, "Json");
    set(world, {
      ...group("alpha", "", [first]),
      ...group("omega", "", ["v2.detail.events.conversation.{id}.acw", second]),
    });
    const { became } = await see(world, "");
    expect(became.toSorted()).toEqual(["create omega applied", "delete alpha applied"]);
    expect(formats(world)).toEqual(times(3, "Json"));
    await expectNothingToDo(world);
  });

  test("has the one of before where a rollback takes a delete back", async () => {
    const world = await synced(group("alpha"));
    setFormat(world, "TopLevelPrimitives");
    world.files.take(fileOf("alpha"));
    set(world, group("omega", "", ["v2.detail.events.conversation.{id}.acw"]));
    await go(world, "--prune --allow-deletes");
    const runId = trailOf(world.files).at(-1)?.runId ?? "";
    await go(world, `rollback --run ${runId} --allow-deletes`);
    expect(formats(world)).toEqual(times(2, "TopLevelPrimitives"));
  });

  test("gets the platform's default where nothing tells of another", async () => {
    const world = await synced(group("alpha", stated));
    set(world, group("omega", "", [first]));
    expect((await go(world, "")).status).toBe(0);
    // Group alpha's trigger starts the same workflow for the same event type.
    expect(formats(world)).toEqual(times(3, "TopLevelPrimitives"));
    set(world, group("omega", "", [first, "v2.detail.events.conversation.{id}.acw"]));
    expect((await go(world, "")).status).toBe(0);
    expect(formats(world)).toEqual([...times(3, "TopLevelPrimitives"), undefined]);
  });
});

describe("an import", () => {
  const adopted = (argv: string, files: Record<string, string> = {}) => {
    const world = start(files);
    putGroup(triggers, world, "alpha", "Consumer group: alpha");
    return { world, run: () => go(world, argv) };
  };

  test("writes the format of the triggers, and the plan after it changes none", async () => {
    const { world, run } = adopted("import");
    setFormat(world, "TopLevelPrimitives");
    expect((await run()).status).toBe(0);
    expect(world.files.text(fileOf("alpha"))).toContain("  trigger:\n    dataFormat: TopLevelPrimitives\n");
    expect((await see(world, "--adopt")).became).toEqual(times(2, "adopt alpha applied"));
    expect(formats(world)).toEqual(times(2, "TopLevelPrimitives"));
  });

  test("writes none where the platform tells of none", async () => {
    const { world, run } = adopted("import");
    expect((await run()).status).toBe(0);
    expect(world.files.text(fileOf("alpha"))).not.toContain("trigger:");
  });

  test("takes triggers of different formats for different groups", async () => {
    const { world, run } = adopted("import");
    setFormat(world, "Json");
    const one = world.state.triggers.get("by-hand-1");
    if (!one) throw new Error("there is one");
    const workflowTargetSettings = { dataFormat: "TopLevelPrimitives" };
    world.state.triggers.set("by-hand-1", { ...one, target: { ...one.target, workflowTargetSettings } });
    const { out } = await run();
    expect(out).toContain("differ in dataFormat, and a group has only one");
    expect(world.files.paths()).not.toContain(`/${fileOf("alpha")}`);
  });

  test.each([
    ["leaves unstated what is so", "", "Json", ""],
    ["states what differs", "{ dataFormat: Json }", "TopLevelPrimitives", "dataFormat: TopLevelPrimitives"],
  ])("--update %s", async (_, before, live, after) => {
    const { world, run } = adopted("import --update", group("alpha", before));
    setFormat(world, live);
    expect((await run()).status).toBe(0);
    const text = world.files.text(fileOf("alpha"));
    expect(text.includes("dataFormat")).toBe(after !== "");
    expect(text).toContain(after);
  });

  test("--update takes away what the platform does not tell of any more", async () => {
    const { world, run } = adopted("import --update", group("alpha", "{ dataFormat: Json }"));
    expect((await run()).status).toBe(0);
    expect(world.files.text(fileOf("alpha"))).not.toContain("dataFormat");
  });
});
