// Sixty groups are rebalanced while events flow: each event reaches each group that wants it, and what comes twice has the same
// id. Rules take effect up to eight seconds late.
import { describe, expect, test } from "vitest";
import { genesysTopics } from "../../../src/model/genesys-topics.ts";
import { startDeliveries } from "../../../src/sandbox/deliver/deliver.ts";
import { parseWay, type Way } from "../../../src/sandbox/deliver/ways.ts";
import { makeWebhook } from "../../../src/sandbox/state.ts";
import { manifest, organisationOfTests, type TestWorld } from "../../support/world.ts";
import { configOf, runWithAws } from "./aws-world.ts";

const groups = Array.from({ length: 60 }, (_, number) => `g${number}`);
const topics = genesysTopics.filter((topic) => topic.startsWith("v2.users.")).slice(0, 16);
const quirks = { ruleLagMs: 8_000 };
const here = "http://127.0.0.1:1";

/** Each group wants eight of the topics, on so many endpoints of its own. */
function filesOf(endpoints: number, settle: string): Readonly<Record<string, string>> {
  const subscriptions = groups.map((group, number) => {
    const eventTypes = [...topics, ...topics].slice(number % topics.length).slice(0, 8);
    const pool = Array.from({ length: endpoints }, (_, at) => `https://${group}.example.com/${at}`);
    return [`subscriptions/${group}.yaml`, manifest(group, { eventTypes, pool })] as const;
  });
  return { "reconcile.yaml": configOf({ settle }), ...Object.fromEntries(subscriptions) };
}

function wants(group: string, topic: string): boolean {
  const number = Number(group.slice(1)) % topics.length;
  return [...topics, ...topics].slice(number, number + 8).includes(topic);
}

interface Flow {
  /** By correlation id, the topic of each event that happened. */
  readonly happened: ReadonlyMap<string, string>;
  /** By group and correlation id, the ids under which the event arrived. */
  readonly arrived: ReadonlyMap<string, readonly string[]>;
  readonly statuses: readonly number[];
}

interface Envelope {
  readonly id: string;
  readonly "detail-type": string;
  readonly detail: { readonly metadata: { readonly CorrelationId: string } };
}

/** Runs a sync for each number of endpoints while twenty events happen a second. */
async function play(settle: string, rounds: readonly number[]): Promise<Flow> {
  const first = await runWithAws("sync", { files: filesOf(3, settle), quirks });
  let { world } = first;
  await world.clock.advance(quirks.ruleLagMs);
  const flow = { happened: new Map<string, string>(), arrived: new Map<string, string[]>() };
  const flowing = startFlow(world, flow);
  const statuses = [first.status];
  for (const endpoints of rounds) {
    const run = await runWithAws("sync", { from: world, files: filesOf(endpoints, settle), quirks });
    statuses.push(run.status);
    world = run.world;
    await world.clock.advance(quirks.ruleLagMs);
  }
  await flowing.close();
  return { ...flow, statuses };
}

/** A webhook of somebody else tells what happens. */
function startFlow(
  { state, clock, random }: TestWorld,
  {
    happened,
    arrived,
  }: { readonly happened: Map<string, string>; readonly arrived: Map<string, string[]> },
) {
  const witness = {
    name: "witness",
    endpoint: "https://witness.example.com/",
    description: "",
    state: "enabled",
  } as const;
  state.webhooks.set("witness", makeWebhook("witness", { ...witness, eventTypes: topics }));
  const hosts = ["witness", ...groups].map((name) => `${name}.example.com`);
  return startDeliveries({
    ...{ state, clock, random, traffic: 20, organisation: organisationOfTests },
    ways: {
      routes: hosts.map((host) => parseWay(`${host}=${here}/${host.split(".")[0] ?? ""}`) as Way),
      hosts: [],
    },
    post: (url, body) => {
      const group = url.slice(here.length + 1).split("/")[0] ?? "";
      const { id, "detail-type": topic, detail } = JSON.parse(body) as Envelope;
      const { CorrelationId: correlationId } = detail.metadata;
      if (group === "witness") happened.set(correlationId, topic);
      else {
        const key = `${group} ${correlationId}`;
        arrived.set(key, [...(arrived.get(key) ?? []), id]);
      }
      return Promise.resolve(200);
    },
    onNotice: (text) => {
      throw new Error(text);
    },
  });
}

function findLost({ happened, arrived }: Flow): readonly string[] {
  return [...happened].flatMap(([correlationId, topic]) =>
    groups
      .filter((group) => wants(group, topic) && !arrived.has(`${group} ${correlationId}`))
      .map((group) => `${group} ${topic}`),
  );
}

describe("while sixty groups are rebalanced twice", () => {
  test("no event is lost, and what arrives twice has one id", { timeout: 120_000 }, async () => {
    const flow = await play("PT10S", [5, 2]);
    expect(flow.statuses).toEqual([0, 0, 0]);
    expect(flow.happened.size).toBeGreaterThan(300);
    expect(findLost(flow)).toEqual([]);
    const twice = [...flow.arrived.values()].filter((ids) => ids.length > 1);
    expect(twice.length).toBeGreaterThan(0);
    expect(twice.filter((ids) => new Set(ids).size > 1)).toEqual([]);
  });

  test("without settle, events are lost", { timeout: 120_000 }, async () => {
    const flow = await play("PT0S", [5]);
    expect(findLost(flow).length).toBeGreaterThan(0);
  });
});
