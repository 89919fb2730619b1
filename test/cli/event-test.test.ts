// `reconcile test`: would this event start the workflow, and if not, which line of the manifest is it.
import { describe, expect, it, test } from "vitest";
import {
  makeWorld,
  manifest,
  answer,
  runWorld,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";
import { triggers } from "../support/kinds.ts";

const eventTypes = ["v2.detail.events.conversation.{id}.acw", "v2.users.{id}.presence"];
const acw = "v2.detail.events.conversation.7f3a.acw";
const criteria = [
  "  trigger:",
  "    matchCriteria:",
  "      - { jsonPath: mediaType, operator: Equal, value: VOICE }",
  "      - { jsonPath: 'parties[0].direction', operator: In, values: [INBOUND] }",
].join("\n");
const text = manifest("survey", { kind: triggers, eventTypes, tail: criteria });
const body = { mediaType: "VOICE", parties: [{ direction: "INBOUND" }] };

interface Shown {
  readonly ok: boolean;
  readonly eventType: string | null;
  readonly tests: readonly {
    id: string;
    matches: boolean | null;
    criteria: readonly { jsonPath: string; matches: boolean | null; found: unknown[] }[] | null;
  }[];
  readonly diagnostics: readonly {
    code: string;
    severity: string;
    message: string;
    hint: string | null;
    line: number | null;
    column: number | null;
  }[];
}

async function synced(more: Record<string, string> = {}): Promise<TestWorld> {
  const { world, status } = await runWorld({ argv: "", files: { "subscriptions/a.yaml": text, ...more } });
  expect(status).toBe(0);
  return world;
}

/** Tests the event, of which the file holds the text, or the value as JSON. */
async function ask(
  event: unknown,
  { flags = "--group survey", from, ...more }: Partial<WorldOptions> & { flags?: string } = {},
) {
  const world = from ?? (await synced());
  world.files.set("event.json", typeof event === "string" ? event : JSON.stringify(event));
  const ran = await runWorld({ argv: `test event.json ${flags} --output json`, from: world, ...more });
  return { ...ran, shown: JSON.parse(ran.out) as Shown };
}

const codes = ({ shown }: { readonly shown: Shown }) => shown.diagnostics.map(({ code }) => code);

describe("an event that matches", () => {
  it.each([
    [
      "as EventBridge delivers it",
      { "detail-type": eventTypes[0], detail: { topicName: acw, eventBody: body } },
      "",
    ],
    ["in an envelope without a type", { detail: { topicName: acw, eventBody: body } }, ""],
    ["as a notification", { topicName: acw, eventBody: body }, ""],
    ["as its body alone, of a named topic", body, ` --event-type ${acw}`],
  ])("%s exits 0", async (_, event, flags) => {
    const ran = await ask(event, { flags: `--group survey${flags}` });
    expect([ran.status, ran.shown.ok, codes(ran), ran.shown.eventType]).toEqual([
      0,
      true,
      [],
      eventTypes[0],
    ]);
    expect(ran.shown.tests.map(({ matches }) => matches)).toEqual([true]);
  });

  it("as its body alone needs no topic where the group has one event type", async () => {
    const from = await synced({
      "subscriptions/b.yaml": manifest("one", {
        kind: triggers,
        eventTypes: ["v2.users.{id}.routingStatus"],
      }),
    });
    const ran = await ask(body, { from, flags: "--group one" });
    expect([ran.status, ran.shown.eventType]).toEqual([0, "v2.users.{id}.routingStatus"]);
  });

  it("is asked of the trigger with its body alone, and nothing else is sent or changed", async () => {
    const from = await synced();
    const before = JSON.stringify([...from.state.triggers]);
    const bodies: unknown[] = [];
    const { world } = await ask(
      { topicName: acw, eventBody: body },
      {
        from,
        intercept: (request, forward) => {
          if (request.url.endsWith("/test")) bodies.push(JSON.parse(request.body ?? ""));
          return forward();
        },
      },
    );
    const [first] = from.state.triggers.keys();
    expect(world.requests).toEqual([
      "POST /oauth/token",
      "GET /api/v2/processautomation/triggers",
      `POST /api/v2/processautomation/triggers/${first ?? ""}/test`,
    ]);
    expect(bodies).toEqual([body]);
    expect(JSON.stringify([...world.state.triggers])).toBe(before);
  });
});

describe("an event that does not match", () => {
  const chat = { topicName: acw, eventBody: { ...body, mediaType: "CHAT" } };

  it("points at the condition in the manifest, and exits 1", async () => {
    const ran = await ask(chat);
    const line = text.split("\n").findIndex((one) => one.includes("mediaType")) + 1;
    expect([ran.status, ran.shown.tests[0]?.matches]).toEqual([1, false]);
    expect(ran.shown.diagnostics).toMatchObject([
      {
        code: "test/noMatch",
        message: 'mediaType Equal "VOICE" does not match: the event has "CHAT"',
        file: "subscriptions/a.yaml",
        ...{ line, column: 9 },
      },
    ]);
  });

  it("shows the line of the condition as text", async () => {
    const from = await synced();
    from.files.set("event.json", JSON.stringify(chat));
    const { out, status } = await runWorld({ argv: "test event.json --group survey", from });
    expect(status).toBe(1);
    expect(out).toContain("  ✗ the event matches\n");
    expect(out).toContain("  ✓ the workflow exists and is active\n");
    expect(out).toContain('  ✗ mediaType Equal "VOICE"\n  ✓ parties[0].direction In ["INBOUND"]\n');
    expect(out).toMatch(/\| {7}- \{ jsonPath: mediaType.*\n +\| +\^/);
  });

  it("names each condition that fails, and that there is no such value", async () => {
    const ran = await ask({ topicName: acw, eventBody: {} });
    expect(ran.shown.diagnostics.map(({ message }) => message)).toEqual([
      'mediaType Equal "VOICE" does not match: the event has no such value',
      'parties[0].direction In ["INBOUND"] does not match: the event has no such value',
    ]);
  });
});

describe("what the platform does not tell is not guessed", () => {
  const asked = (json: unknown) => ({
    intercept: (({ url }, forward) =>
      url.endsWith("/test") ? answer(200, json) : forward()) as NonNullable<WorldOptions["intercept"]>,
  });

  it.each([
    ["nothing", {}, ["test/unclear"], null],
    ["only that it does not match", { triggerMatches: false }, ["test/unclear"], false],
    ["only that it matches", { triggerMatches: true }, [], true],
    [
      "a condition that the manifest has not",
      {
        triggerMatches: false,
        jsonPathValidation: { details: [{ jsonPath: "other", operator: "Exists", match: false }] },
      },
      ["test/noMatch", "test/differs"],
      false,
    ],
    [
      "parts of other forms",
      {
        triggerMatches: "yes",
        schemaValidation: 5,
        targetValidation: [],
        jsonPathValidation: { details: {} },
      },
      ["test/unclear"],
      null,
    ],
    [
      "that the event has another form",
      { triggerMatches: false, schemaValidation: { matches: false, details: ["mediaType: unknown"] } },
      ["test/schema"],
      false,
    ],
  ])("it says %s", async (_, json, expected, matches) => {
    const ran = await ask({ topicName: acw, eventBody: body }, asked(json));
    expect([codes(ran), ran.shown.tests[0]?.matches]).toEqual([expected, matches]);
    expect(ran.status).toBe(expected.length === 0 ? 0 : 1);
  });

  it.each(["[]", "5", "null"])("an answer %s is malformed", async (json) => {
    const ran = await ask({ topicName: acw, eventBody: body }, asked(JSON.parse(json)));
    expect([ran.status, codes(ran)]).toEqual([1, ["api/malformed"]]);
  });
});

test("a workflow that is not published, and a trigger that is disabled, start nothing", async () => {
  const event = { topicName: acw, eventBody: body };
  const unpublished = await ask(event, { quirks: { isPublished: () => false } });
  expect([unpublished.status, codes(unpublished)]).toEqual([1, ["test/target"]]);
  expect(unpublished.shown.diagnostics[0]).toMatchObject({
    message: "the platform cannot start workflow:survey: The workflow is not published or not active.",
    line: text.split("\n").findIndex((one) => one.includes("endpointUrl")) + 1,
  });
  const from = await synced();
  for (const [id, one] of from.state.triggers) from.state.triggers.set(id, { ...one, enabled: false });
  const disabled = await ask(event, { from });
  expect([disabled.status, codes(disabled)]).toEqual([1, ["test/disabled"]]);
});

describe("without an answer", () => {
  const event = { topicName: acw, eventBody: body };

  it("a group that is not live yet is told to be synced first", async () => {
    const from = makeWorld({ argv: "", files: { "subscriptions/a.yaml": text } });
    const ran = await ask(event, { from });
    expect([ran.status, codes(ran)]).toEqual([1, ["test/notLive"]]);
    expect(ran.shown.diagnostics[0]?.hint).toContain("run `reconcile sync` first");
  });

  it("a group of another kind has no test, and nothing is asked", async () => {
    const from = makeWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("survey") } });
    const ran = await ask(event, { from });
    expect([ran.status, codes(ran), ran.world.requests]).toEqual([1, ["test/notOffered"], []]);
  });

  it.each([
    ["a group that no manifest has", event, "--group survei", "group/unknown", 'did you mean "survey"?'],
    ["another topic", { topicName: "v2.users.1.activity", eventBody: {} }, "", "test/otherEventType", null],
    ["no topic", body, "", "test/noEventType", "--event-type"],
    ["a body that is text", { topicName: acw, eventBody: "{}" }, "", "test/malformed", null],
    ["no JSON", "{", "", "test/malformed", null],
    ["a list", "[]", "", "test/malformed", null],
  ])("%s is an error, before anything is asked", async (_, given, flags, code, hint) => {
    const ran = await ask(given, flags === "" ? {} : { flags });
    expect([ran.status, codes(ran), ran.world.requests]).toEqual([1, [code], []]);
    if (hint !== null) expect(ran.shown.diagnostics[0]?.hint).toContain(hint);
  });

  it("a file that is not there is an error", async () => {
    const { status, out } = await runWorld({
      argv: "test none.json --group survey --output json",
      from: await synced(),
    });
    expect([status, (JSON.parse(out) as Shown).diagnostics.map(({ code }) => code)]).toEqual([
      1,
      ["test/unreadable"],
    ]);
  });

  it("a client that may not test is told which permission it needs", async () => {
    const ran = await ask(event, {
      intercept: ({ url }, forward) => (url.endsWith("/test") ? answer(403) : forward()),
    });
    expect([ran.status, codes(ran)]).toEqual([1, ["api/forbidden"]]);
    expect(ran.shown.diagnostics[0]?.hint).toContain("the permission processautomation:trigger:test");
  });

  it("a lost answer is asked for again, because a test changes nothing", async () => {
    let asked = 0;
    const ran = await ask(event, {
      intercept: ({ url }, forward) =>
        url.endsWith("/test") && (asked += 1) === 1 ? answer(503) : forward(),
    });
    expect([ran.status, asked]).toEqual([0, 2]);
  });
});
