// What the commands print of each kind: explanations, Markdown, status and the log.
import { describe, expect, test } from "vitest";
import { compareText } from "../../../src/lib/compare.ts";
import { storedIn, wholeOf } from "../../support/kinds.ts";
import { plantTrail, trailOf, trailPath, writesOf } from "../../support/world.ts";
import {
  kinds,
  webhooks,
  integrations,
  triggers,
  eventTypes,
  filesOf,
  fileOf,
  set,
  start,
  synced,
  go,
  see,
  sizeOf,
  expectSoundTrail,
  growing,
} from "./groups.ts";

describe.each(kinds)("what is said of $nouns", (kind) => {
  const { noun, nouns } = kind;
  const size = sizeOf(kind);
  const [one, two] = [kind.url(0), kind.url(1)];

  test("--explain: the same shares, whatever the kind", async () => {
    const { status, result } = await see(await growing(kind), "plan --explain");
    const [explained] = result.groups.map(({ explanation }) => explanation);
    const [stays, goes] = eventTypes;
    const at = { weight: 1, share: "1", quota: 1, added: [] };
    expect([status, explained]).toEqual([
      0,
      {
        endpoints: [
          { ...at, url: one, holds: 2, stay: [stays], arrive: [], leave: [goes] },
          { ...at, url: two, holds: 0, stay: [], arrive: [goes], leave: [] },
        ],
        left: [],
        live: 2,
        leastMoves: 1,
      },
    ]);
  });

  test("--output markdown: a sentence, then a row an endpoint, whatever serves it", async () => {
    const { status, out } = await go(await growing(kind), "plan --output markdown");
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
      `| ${rows[at]?.[0] ?? ""} | \`${url}\` | ${counts} | \`█░░░░░░░░░\` 1/15 | ${rows[at]?.[1] ?? ""} |`;
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
    expect(out).toContain(`\n${size} ${size === 1 ? noun : nouns} of a group `);
    expect(out).toContain(`\n  ? old ${kind.endpointOf("old")}${more}\n\n`);
    const quiet = await go(world, "plan --group alpha --output markdown");
    expect(quiet.out.split("\n").slice(1, 4)).toEqual([
      "**Nothing to do: everything is as the manifests declare.**",
      "",
      `mypurecloud.com as owner "default" · ${size} ${size === 1 ? noun : nouns} unchanged`,
    ]);
  });

  test("status: the last run, nothing open, and the figures", async () => {
    const world = await synced(filesOf(kind, ["alpha"]));
    const { status, out, world: after } = await go(world, "status --output json");
    const at = new Date(world.clock.now()).toISOString();
    const latency = kind.isMadeInSteps ? world.clock.now() - Date.parse("2026-01-01T00:00:00Z") : 0;
    expect([status, after.requests]).toEqual([0, []]);
    expect(JSON.parse(out)).toMatchObject({
      lastRun: {
        finishedAt: at,
        ok: true,
        summary: { create: size, failed: 0 },
        runId: trailOf(world.files)[0]?.runId,
      },
      holder: null,
      openIntents: [],
      metrics: {
        ...{ totalAttempts: size, successfulRegistrations: size, failedRegistrations: 0, successRate: 100 },
        ...{ averageLatency: latency, rebalanceTriggers: 0, validationFailures: 0 },
      },
    });
  });

  test("status: a write of a run that died is open, and the next sync finds out", async () => {
    const world = await synced(filesOf(kind, ["alpha"]));
    const records = world.files.text(trailPath).split("\n").filter(Boolean);
    // The run is cut off after its last intent.
    const intents = records.flatMap((line, at) => (line.includes('"event":"change.intended"') ? [at] : []));
    plantTrail(world.files, `${records.slice(0, (intents.at(-1) ?? 0) + 1).join("\n")}\n`);
    const open = await go(world, "status --output json");
    const { openIntents } = JSON.parse(open.out) as { openIntents: object[] };
    expect(openIntents.at(-1)).toMatchObject({
      operation: "create",
      group: "alpha",
      endpoint: kind.endpointOf("alpha"),
    });
    const { status, became, world: after } = await see(world, "");
    expect([status, became, writesOf(after)]).toEqual([0, [], []]);
    const { out } = await go(world, "status --output json");
    expect(JSON.parse(out)).toMatchObject({ openIntents: [] });
    await expectSoundTrail(world);
  });
});

test("the trail of all of it is sound, and shows each kind", async () => {
  const world = await synced({
    ...filesOf(webhooks, ["hook"]),
    ...filesOf(integrations, ["bus"]),
    ...filesOf(triggers, ["flow"]),
  });
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
