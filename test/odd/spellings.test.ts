import { expect, test } from "vitest";
import { eventBridge } from "../../src/kinds/eventbridge/kind.ts";
import { trigger } from "../../src/kinds/trigger/kind.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import { copyOf } from "../attack/stage.ts";
import { integrations, kinds, triggers, type TestKind } from "../support/kinds.ts";
import { answer, manifest, methodsOf, runWorld, type Intercept } from "../support/world.ts";

type Fields = Record<string, unknown>;
type Respell = (fields: Fields) => Fields;

/** A platform that stores what it gets in a spelling of its own, and answers each request with that. */
function spelling(kind: TestKind, respell: Respell): Intercept {
  return (request, forward) => {
    const response = forward();
    if (!new URL(request.url).pathname.startsWith(kind.path) || response.status >= 300) return response;
    if (response.body === "") return response;
    const body = JSON.parse(response.body) as Fields;
    const spelt = Array.isArray(body["entities"])
      ? { ...body, entities: body["entities"].map((one: Fields) => respell(one)) }
      : respell(body);
    return answer(response.status, spelt);
  };
}

/** Respells the configuration of an integration, be it in an answer of its own or in one about the integration. */
const configured =
  (respell: Respell): Respell =>
  (fields) => {
    if ("properties" in fields) return respell(fields);
    const { current } = (fields["config"] ?? {}) as { readonly current?: Fields };
    return current ? { ...fields, config: { current: respell(current) } } : fields;
  };
const property = (key: string, change: (value: never) => unknown): Respell =>
  configured((fields) => {
    const properties = fields["properties"] as Fields;
    if (properties[key] === undefined) return fields;
    return { ...fields, properties: { ...properties, [key]: change(properties[key] as never) } };
  });

const field =
  (key: string, change: (value: never) => unknown): Respell =>
  (fields) =>
    key in fields ? { ...fields, [key]: change(fields[key] as never) } : fields;
const without =
  (key: string): Respell =>
  (fields) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));
const reversed = (list: readonly unknown[]): readonly unknown[] => list.toReversed();
const doubled = (list: readonly unknown[]): readonly unknown[] => [...list, ...list];
const upper = (text: string): string => text.toUpperCase();
const lower = (text: string): string => text.toLowerCase();
const criteria = (change: (criterion: Fields) => Fields): Respell =>
  field("matchCriteria", (all: readonly Fields[]) => all.map(change));

const tailOfTrigger = `  trigger:
    matchCriteria:
      - { jsonPath: a, operator: In, values: [x, y] }
      - { jsonPath: b, operator: Exists, value: true }
      - { jsonPath: c, operator: Equal, value: VOICE }
      - { jsonPath: d, operator: Size, value: 2 }`;

/** What means the same, by kind. */
const same = new Map<unknown, Readonly<Record<string, Respell>>>([
  [
    webhook,
    {
      "event types in another order": field("eventTypes", reversed),
      "event types twice": field("eventTypes", doubled),
      "the state in capitals": field("state", upper),
      "the endpoint with its port": field("endpoint", (url: string) => url.replace(".com/", ".com:443/")),
      "the endpoint's host in capitals": field("endpoint", (url: string) =>
        url.replace("example.com", "EXAMPLE.com"),
      ),
      "the interval in seconds": field("retryPolicy", (policy: object) => ({
        ...policy,
        retryInterval: "PT60S",
      })),
      "numbers and booleans as text": field("retryPolicy", (policy: object) => ({
        ...policy,
        ...{ retryCount: "3", retryOnTimeout: "true" },
      })),
    },
  ],
  [
    eventBridge,
    {
      "topics in another order": property("eventFilter", reversed),
      "topics twice": property("eventFilter", doubled),
      "the account as a number": property("awsAccountId", Number),
      "the region in capitals": property("awsAccountRegion", upper),
      "the intended state in small letters": field("intendedState", lower),
      "the reported state in small letters": field("reportedState", ({ code }: { code: string }) => ({
        code: lower(code),
      })),
      "unknown properties": configured((fields) => ({
        ...fields,
        properties: { ...(fields["properties"] as Fields), quiteNew: 1 },
      })),
    },
  ],
  [
    trigger,
    {
      "the time to live is 0": (fields) => ({ eventTTLSeconds: 0, ...fields }),
      "the time to live is null": (fields) => ({ eventTTLSeconds: null, ...fields }),
      "the delay is 0": (fields) => ({ delayBySeconds: 0, ...fields }),
      "criteria in another order": field("matchCriteria", reversed),
      "values in another order": criteria((one) =>
        Array.isArray(one["values"]) ? { ...one, values: one["values"].toReversed() as unknown } : one,
      ),
      "values null beside the value": criteria((one) => ({ values: null, ...one })),
      "values empty beside the value": criteria((one) => ("value" in one ? { ...one, values: [] } : one)),
      "value null beside the values": criteria((one) => ({ value: null, ...one })),
      "true and 2 as text": criteria((one) =>
        "value" in one ? { ...one, value: String(one["value"]) } : one,
      ),
      "enabled as text": field("enabled", String),
      "the target's type in small letters": field("target", (target: object) => ({
        ...target,
        type: "workflow",
      })),
      "its own address is missing": without("selfUri"),
    },
  ],
]);

const rows = kinds.flatMap((kind) =>
  Object.entries(same.get(kind.kind) ?? {}).map(([what, respell]) => ({ kind, what, respell })),
);

test.each(rows)("$kind.nouns: $what means the same", async ({ kind, respell }) => {
  const tail = kind.kind === trigger ? tailOfTrigger : "";
  const files = { "subscriptions/alpha.yaml": manifest("alpha", { kind, tail }) };
  const intercept = spelling(kind, respell);
  const first = await runWorld({ argv: "sync", files, intercept });
  expect(first.status, first.out).toBe(0);
  const { world } = first;
  const second = await runWorld({ argv: "sync --output json", from: world, intercept });
  expect([second.status, methodsOf(second.world)], second.out).toEqual([0, []]);
  expect(JSON.parse(second.out)).toMatchObject({
    drift: [],
    summary: { unchanged: kind.granularity === "eventType" ? 2 : 1 },
  });

  // The platform may also begin to spell it so one day: what is live then still means the same.
  const honest = await runWorld({ argv: "sync", files });
  const then = await runWorld({ argv: "sync --output json", from: copyOf(honest.world), intercept });
  expect([then.status, methodsOf(then.world)], then.out).toEqual([0, []]);
  expect(JSON.parse(then.out)).toMatchObject({ drift: [] });
});

test.each([
  {
    what: "a time to live",
    respell: (fields: Fields) => ({ ...fields, eventTTLSeconds: 3600 }),
    told: "trigger/eventTTLSeconds; what it filled in is kept if the manifest states it",
  },
  {
    what: "a state of its own",
    respell: (fields: Fields) => ({ ...fields, enabled: "PAUSED" }),
    told: "state",
  },
])(
  "a platform that fills in $what is told of, and the write does not count as done",
  async ({ respell, told }) => {
    const files = { "subscriptions/alpha.yaml": manifest("alpha", { kind: triggers }) };
    const intercept = spelling(triggers, (fields) => ("topicName" in fields ? respell(fields) : fields));
    const { status, out, world } = await runWorld({ argv: "sync", files, intercept });
    expect(status).toBe(1);
    expect(out).toContain(`the platform stored something else than was sent: ${told}\n`);
    expect(methodsOf(world)).toEqual(["POST", "POST"]);
    const next = await runWorld({ argv: "sync", from: world, intercept });
    expect([next.status, methodsOf(next.world)]).toEqual([1, ["PUT", "PUT"]]);
    expect(world.state.triggers.size).toBe(2);
  },
);

test.each(["PAUSED", "RESTORED"])(
  "an integration of the unknown state %s is shown as it is",
  async (word) => {
    const { world } = await runWorld({
      argv: "sync",
      files: { "subscriptions/alpha.yaml": manifest("alpha", { kind: integrations }) },
    });
    const intercept = spelling(integrations, (fields) =>
      "intendedState" in fields ? { ...fields, intendedState: word } : fields,
    );
    const { out } = await runWorld({ argv: "plan", from: world, intercept });
    expect(out).toContain(word.toLowerCase());
  },
);
