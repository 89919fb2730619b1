// What is live delivers the sandbox's events: webhooks as their policy says, rules with EventBridge's retries and queue.
import { describe, expect, test } from "vitest";
import { startDeliveries, type Totals } from "../../../src/sandbox/deliver/deliver.ts";
import type { Answer } from "../../../src/sandbox/deliver/retries.ts";
import { sandboxAws } from "../../../src/sandbox/aws/aws-account.ts";
import { partnerSourceName, syncSources } from "../../../src/sandbox/aws/partner-sources.ts";
import { sandboxOrganisation } from "../../../src/sandbox/sandbox-organisation.ts";
import { makeState, makeWebhook, type SandboxState } from "../../../src/sandbox/state.ts";
import { parseWay } from "../../../src/sandbox/deliver/ways.ts";
import { makeFakeClock } from "../../support/fake-clock.ts";
import { integrations } from "../../support/kinds.ts";
import { putRoute } from "../../support/routes.ts";

const [presence, station] = ["v2.users.{id}.presence", "v2.users.{id}.station"];
const startMs = Date.UTC(2026, 0, 1);

interface Envelope {
  readonly id: string;
  readonly "detail-type": string;
  readonly [field: string]: unknown;
}

interface Sent {
  readonly atMs: number;
  readonly url: string;
  readonly event: Envelope;
  readonly headers: Readonly<Record<string, string>>;
}

interface Played {
  readonly sent: readonly Sent[];
  readonly totals: Totals;
  readonly notices: readonly string[];
}

/** Lets events happen for so many seconds, one a second, and then waits as long as `moreMs` for what is to be repeated. */
async function play(
  state: SandboxState,
  given: {
    readonly seconds?: number;
    readonly moreMs?: number;
    readonly answer?: (sent: Sent, tries: number) => Answer;
    readonly route?: string;
  } = {},
): Promise<Played> {
  const { seconds = 4, moreMs = 0, answer = () => 200, route = "example.com" } = given;
  const clock = makeFakeClock(startMs);
  const way = parseWay(`hooks.${route}=http://127.0.0.1:1`);
  if (typeof way === "string") throw new Error(way);
  const sent: Sent[] = [];
  const notices: string[] = [];
  let ids = 0;
  const deliveries = startDeliveries({
    ...{ state, organisation: sandboxOrganisation, traffic: 1, clock },
    ways: { routes: [way], hosts: [] },
    random: { next: () => 0, id: () => `id-${(ids += 1)}` },
    post: (url, body, headers) => {
      const one = { atMs: clock.now() - startMs, url, event: JSON.parse(body) as Envelope, headers };
      sent.push(one);
      const tries = sent.filter((other) => other.url === url && other.event.id === one.event.id).length;
      return Promise.resolve(answer(one, tries));
    },
    onNotice: (text) => notices.push(text),
  });
  await clock.advance(seconds * 1000);
  state.webhooks.clear();
  for (const id of state.integrations.keys()) integrations.remove(state, id);
  await clock.advance(moreMs);
  const closed = deliveries.close();
  await clock.advance(0);
  await closed;
  return { sent, totals: deliveries.totals(), notices };
}

const policy = { retryCount: 2, retryInterval: "PT1M", retryOnTimeout: false };

function withWebhook(changes: Partial<Parameters<typeof makeWebhook>[1]> = {}): SandboxState {
  const state = makeState();
  const endpoint = "https://hooks.example.com/a";
  const fields = {
    name: "a",
    endpoint,
    eventTypes: [presence, station],
    retryPolicy: policy,
    description: "",
  };
  state.webhooks.set("a", makeWebhook("a", { ...fields, state: "enabled", ...changes }));
  return state;
}

/** A route for one topic, fed by an integration with these topics. */
function withRoute(filter: readonly string[] = [presence, station]): SandboxState {
  const state = makeState();
  const fed = {
    id: "feed",
    name: "feed",
    endpoint: "eventbridge://123456789012/us-east-1/team",
    eventTypes: filter,
  };
  integrations.put(state, { ...fed, description: "Feed" });
  syncSources(state, { nowMs: 0, organisation: sandboxOrganisation });
  const route = {
    name: "r",
    endpoint: "https://hooks.example.com/r",
    eventTypes: [presence],
    description: "",
  };
  putRoute(state, route, { suffix: "team" });
  return state;
}

function setTarget({ aws }: SandboxState, changes: object): void {
  for (const [arn, rule] of aws.rules)
    aws.rules.set(arn, { ...rule, Targets: rule.Targets.map((target) => ({ ...target, ...changes })) });
}

describe("a webhook", () => {
  test("gets its event types in turn, in EventBridge's envelope, marked as tests", async () => {
    const { sent, totals, notices } = await play(withWebhook());
    expect(sent.map(({ event }) => event["detail-type"])).toEqual([presence, station, presence, station]);
    expect(sent[0]).toEqual({
      ...{ atMs: 1000, url: "http://127.0.0.1:1/a" },
      headers: { "content-type": "application/json", "reconcile-test": "1" },
      event: {
        ...{ version: "0", id: "id-3", "detail-type": presence, account: "", region: "", resources: [] },
        source: `genesys.com/cloud/${sandboxOrganisation.id}/webhooks`,
        time: "2026-01-01T00:00:01Z",
        detail: {
          ...{ topicName: "v2.users.id-1.presence", version: "2" },
          eventBody: { id: "id-1", topic: presence, eventTime: "2026-01-01T00:00:01.000Z" },
          metadata: { CorrelationId: "id-2" },
          timestamp: "2026-01-01T00:00:01.000Z",
        },
      },
    });
    expect([totals.made, totals.delivered, totals.open, notices]).toEqual([4, 4, 0, []]);
  });

  test("that is disabled gets none, and without a subscription nothing happens", async () => {
    const { totals } = await play(withWebhook({ state: "disabled" }));
    expect(totals.made).toBe(0);
  });

  test.each<[string, Answer, readonly number[]]>([
    ["an error", 500, [1000, 61_000, 121_000]],
    ["a refusal", 404, [1000, 61_000, 121_000]],
    ["a timeout, which its policy does not repeat", "timeout", [1000]],
  ])("is asked again as its policy says after %s, and then the event is lost", async (_, answer, times) => {
    const { sent, totals, notices } = await play(withWebhook(), {
      ...{ seconds: 1, moreMs: 300_000, answer: () => answer },
    });
    expect(sent.map(({ atMs }) => atMs)).toEqual(times);
    expect([totals.lost, totals.delivered, totals.repeated]).toEqual([1, 0, times.length - 1]);
    expect(notices.at(-1)).toMatch(/^given up, and lost: https:\/\/hooks\.example\.com\/a /);
  });
});

describe("a rule", () => {
  test("gets what its pattern names of what its feed asks for, under the event's own id", async () => {
    const state = withRoute();
    const second = {
      name: "s",
      endpoint: "https://hooks.example.com/s",
      eventTypes: [presence],
      description: "",
    };
    putRoute(state, second, { suffix: "team" });
    const { sent } = await play(state, { seconds: 2 });
    expect(sent.map(({ url, event }) => [url, event["detail-type"]])).toEqual([
      ["http://127.0.0.1:1/r", presence],
      ["http://127.0.0.1:1/s", presence],
    ]);
    expect(new Set(sent.map(({ event }) => event.id)).size).toBe(1);
    expect(sent[0]?.event).toMatchObject({
      ...{ account: sandboxAws.account, region: sandboxAws.region },
      source: partnerSourceName(sandboxOrganisation, "team"),
    });
  });

  test.each<[string, (state: SandboxState) => void]>([
    [
      "whose source is deactivated",
      ({ aws }) => {
        for (const [arn, one] of aws.sources) aws.sources.set(arn, { ...one, isDeactivated: true });
      },
    ],
    ["whose feed is switched off", integrations.switchOff],
    [
      "that is disabled",
      ({ aws }) => {
        for (const [arn, rule] of aws.rules) aws.rules.set(arn, { ...rule, State: "DISABLED" });
      },
    ],
    [
      "whose destination is gone",
      ({ aws: { destinations } }) => {
        destinations.clear();
      },
    ],
  ])("%s gets nothing", async (_, change) => {
    const state = withRoute();
    change(state);
    expect((await play(state)).sent).toEqual([]);
  });

  test("that takes effect late gets what happens from then on", async () => {
    const state = withRoute([presence]);
    for (const [arn, rule] of state.aws.rules)
      state.aws.versions.set(arn, [
        { effectiveAtMs: Number.NEGATIVE_INFINITY, rule: null },
        { effectiveAtMs: startMs + 2500, rule },
      ]);
    expect((await play(state)).sent.map(({ atMs }) => atMs)).toEqual([3000, 4000]);
  });

  test.each<[Answer, number]>([
    [401, 4],
    [407, 4],
    [409, 4],
    [429, 4],
    [500, 4],
    [503, 4],
    ["timeout", 4],
    ["unreachable", 4],
    [302, 1],
    [400, 1],
    [403, 1],
    [404, 1],
  ])(
    "whose endpoint answers %s is tried %i times, and its event then lies in the queue",
    async (answer, tries) => {
      const state = withRoute([presence]);
      setTarget(state, {
        RetryPolicy: { MaximumRetryAttempts: 3 },
        DeadLetterConfig: { Arn: "arn:queue" },
      });
      const { sent, totals } = await play(state, { seconds: 1, moreMs: 60_000, answer: () => answer });
      expect(sent.map(({ atMs }) => atMs)).toEqual([1000, 2000, 4000, 8000].slice(0, tries));
      expect(new Set(sent.map(({ event }) => event.id)).size).toBe(1);
      expect([totals.queued, totals.lost, totals.open]).toEqual([new Map([["arn:queue", 1]]), 0, 0]);
    },
  );

  test("gives up after the age of its target, and loses the event without a queue", async () => {
    const state = withRoute([presence]);
    setTarget(state, { RetryPolicy: { MaximumEventAgeInSeconds: 60 }, DeadLetterConfig: undefined });
    const { sent, totals } = await play(state, { seconds: 1, moreMs: 600_000, answer: () => 503 });
    expect(sent.map(({ atMs }) => atMs)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000]);
    expect(totals.lost).toBe(1);
  });

  test("whose endpoint answers in the end has delivered, and what still waits at the end is named", async () => {
    const state = withRoute([presence]);
    const { totals } = await play(state, {
      seconds: 2,
      moreMs: 1000,
      answer: (_, tries) => (tries > 1 ? 200 : 503),
    });
    expect([totals.delivered, totals.repeated, totals.open]).toEqual([2, 2, 0]);
    const cut = await play(withRoute([presence]), { seconds: 1, answer: () => 503 });
    expect([cut.totals.made, cut.totals.delivered, cut.totals.open]).toEqual([1, 0, 1]);
  });
});

test("what no route takes anywhere is named once, and never sent", async () => {
  const { sent, totals, notices } = await play(withWebhook(), { route: "example.org" });
  expect([sent, totals.notRouted]).toEqual([[], 4]);
  expect(notices).toEqual(["not routed, so nothing is sent: https://hooks.example.com/a"]);
});
