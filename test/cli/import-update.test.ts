// `import --update`: manifests follow what is live; and the import of every kind of resource.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { webhookName } from "../../src/model/ownership.ts";
import { parseState } from "../../src/sandbox/state-text.ts";
import { kinds, type TestKind } from "../support/kinds.ts";
import { seeWorld } from "../support/see.ts";
import { makeWorld, manifest, putWebhook, runWorld } from "../support/world.ts";
import {
  change,
  head,
  oddCondition,
  ofTwoKinds,
  putTriggers,
  refusing,
  types,
  worldWith,
  type Imported,
} from "./imported.ts";

const [webhooks, integrations, triggers] = kinds as [TestKind, TestKind, TestKind];

const noWrites = { create: 0, update: 0, delete: 0, adopt: 0, unchanged: 0, movedEventTypes: 0 };

const twoDocuments = `# about orders
apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: orders
  labels: { team: data }   # who
spec:
  # the endpoint
  endpointUrl: "https://events.example.com/orders"
  eventTypes:
  - b.ended   # the second
  # about a
  - a.created
  - z.gone
  offsetTracking: {stateFile: /var/data/orders.json}
  retryPolicy: { retryCount: 3 }  # as Ada wished
  historicalRate: 12 # measured
---
# another
apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata: {name:   other}
spec:
  endpointUrl:   https://events.example.com/other
  eventTypes: [a.created,   a.ended]
  offsetTracking: { stateFile: /var/data/other.json }
`;

test("--update touches just what differs: comments, order, blanks and the other documents stay", async () => {
  const from = worldWith(
    (state) => {
      putWebhook(state, { id: "w1", group: "orders", eventTypes: ["a.created", "b.ended", "c.new"] });
      putWebhook(state, {
        id: "w2",
        group: "orders",
        endpoint: "https://events.example.com/orders-2",
        eventTypes: ["d.new"],
      });
      putWebhook(state, { id: "w3", group: "other" });
    },
    { "subscriptions/all.yaml": twoDocuments },
  );
  const { status, out, world } = await runWorld({ argv: "import --update", from });
  expect(world.files.text("subscriptions/all.yaml")).toBe(
    twoDocuments
      .replace(
        '/orders"\n',
        '/orders"\n  endpointPool:\n  - { url: https://events.example.com/orders, weight: 3 }\n' +
          "  - https://events.example.com/orders-2\n",
      )
      .replace("  - z.gone\n", "  - c.new\n  - d.new\n")
      .replace("# measured\n", "# measured\n  rebalance: { mode: always }\n"),
  );
  expect(out).toContain(
    "\nupdated  subscriptions/all.yaml  group orders: 2 webhooks, 4 event types at 2 endpoints\n",
  );
  expect(out).toContain(
    "\nunchanged  subscriptions/all.yaml  group other: 1 webhook, 2 event types at 1 endpoint\n",
  );
  expect(status).toBe(0);
  const plan = await seeWorld({ argv: "plan --adopt", from: world });
  expect(plan.result.summary).toMatchObject({ ...noWrites, adopt: 3 });
});

test("a login that somebody has put into an endpoint is shown to nobody", async () => {
  const world = makeWorld({ argv: "import" });
  putWebhook(world.state, { id: "w1", group: "g", endpoint: "https://user:s3cret@a.example.com/x?k=1" });
  const { out, err } = await runWorld({ argv: "import", from: world });
  expect(out).toContain('"g-by-hand" (id w1) https://…@a.example.com/x?…\n');
  const plan = await runWorld({ argv: "plan --allow-empty", from: world });
  expect(`${out}${err}${plan.out}${plan.err}`).not.toContain("s3cret");
});

test("the tenth endpoint of a pool comes after its second", async () => {
  const world = makeWorld({ argv: "import" });
  for (const number of [10, 2, 1])
    putWebhook(world.state, {
      ...{ id: `w${number}`, group: "g", eventTypes: [`e.${number}`] },
      endpoint: `https://p.example.com/genesys-${number}`,
    });
  await runWorld({ argv: "import", from: world });
  expect(world.files.text("subscriptions/g.yaml")).toContain(
    `  endpointPool:
    - https://p.example.com/genesys-1
    - https://p.example.com/genesys-2
    - https://p.example.com/genesys-10
`,
  );
});

test("--update of a pool, a state and a retry policy, in a file with Windows' line ends", async () => {
  const tail = "  retryPolicy:\n    retryCount: 4 # four\n  state: enabled # on";
  const pool = ["https://p.example.com/1", "https://p.example.com/2", "https://p.example.com/3"];
  const text = manifest("g", { pool, eventTypes: types(3), tail }).replaceAll("\n", "\r\n");
  const from = worldWith(
    (state) => {
      putWebhook(state, {
        id: "w1",
        group: "g",
        endpoint: "https://p.example.com/3",
        eventTypes: types(4),
      });
      putWebhook(state, {
        id: "w2",
        group: "g",
        endpoint: "https://P.example.com/1",
        eventTypes: types(2, 4),
      });
      for (const id of ["w1", "w2"])
        change(state, id, {
          state: "disabled",
          retryPolicy: { retryCount: 6, retryInterval: "PT60S", retryOnTimeout: true },
        });
    },
    { "subscriptions/g.yaml": text },
  );
  const { world } = await runWorld({ argv: "import --update", from });
  expect(world.files.text("subscriptions/g.yaml").split("\r\n")).toEqual([
    "apiVersion: reconcile.genesys/v1",
    "kind: WebhookSubscription",
    "metadata:",
    "  name: g",
    "spec:",
    "  endpointUrl: https://p.example.com/1",
    "  endpointPool: [https://p.example.com/1, { url: https://p.example.com/3, weight: 2 }]",
    "  rebalance: { mode: always }",
    "  eventTypes: [t.00, t.01, t.02, t.03, t.04, t.05]",
    "  offsetTracking: { stateFile: /var/data/g.json }",
    "  retryPolicy:",
    "    retryCount: 6 # four",
    "    retryInterval: PT60S",
    "    retryOnTimeout: true",
    "  state: disabled # on",
    "",
  ]);
});

test("--update leaves a manifest as it is where only the ownership is missing", async () => {
  const from = worldWith(
    (state) => {
      putWebhook(state, { id: "w1", group: "alpha", eventTypes: ["a.ended", "a.created"] });
    },
    {
      "subscriptions/a.yaml": manifest("alpha"),
    },
  );
  const { out, world } = await runWorld({ argv: "import --update", from });
  expect(out).toMatch(/\nunchanged {2}subscriptions\/a\.yaml {2}group alpha: .*\n\nnothing to write; /);
  expect(world.files.text("subscriptions/a.yaml")).toBe(manifest("alpha"));
});

test("the example's organisation imports, is taken over, and is then as its manifests say", async () => {
  const text = readFileSync("examples/sandbox-made-by-script.json", "utf8");
  const parsed = parseState(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  const from = worldWith((state) => {
    for (const [id, webhook] of parsed.state.webhooks) state.webhooks.set(id, webhook);
  });
  const imported = await runWorld({ argv: "import --output json", from });
  const { planWithAdopt } = JSON.parse(imported.out) as Imported;
  expect(planWithAdopt).toMatchObject({ ...noWrites, delete: 2, adopt: 6 });
  await runWorld({ argv: "sync --adopt", from: imported.world });
  const after = await seeWorld({ argv: "plan", from: imported.world });
  expect(after.result.summary).toMatchObject({ ...noWrites, unchanged: 6 });
  const name = webhookName("crm-sync", "https://crm.example.com/hooks/genesys");
  const kept = [...after.world.state.webhooks.values()].filter((webhook) => webhook.name === name);
  expect(kept.map(({ id, eventTypes }) => [id, eventTypes])).toEqual([
    ["hook-05", ["conversation.call.ended", "conversation.email.ended", "outbound.campaign.completed"]],
  ]);
});

test("triggers: their workflow and their options are in the manifest, and --adopt changes neither", async () => {
  const from = worldWith((state) => {
    putTriggers(state, 60, 60);
  });
  const { status, out, world } = await runWorld({ argv: "import", from });
  expect(world.files.text("subscriptions/calls.yaml")).toBe(
    `${head}metadata:
  name: calls
spec:
  endpointUrl: workflow:flow-1
  eventTypes:
    - v2.users.{id}.presence
    - v2.users.{id}.routingStatus
  trigger:
    matchCriteria:
      - jsonPath: mediaType
        operator: Equal
        value: VOICE
    eventTTLSeconds: 60
`,
  );
  expect([status, out]).toEqual([0, expect.stringContaining("\nwritten  subscriptions/calls.yaml  ")]);
  const plan = await seeWorld({ argv: "plan --adopt", from: world });
  expect(plan.result.summary).toMatchObject({ ...noWrites, adopt: 2 });
  const before = [...world.state.triggers.values()];
  expect((await runWorld({ argv: "sync --adopt", from: world })).status).toBe(0);
  const after = [...world.state.triggers.values()];
  const kept = (all: typeof before) =>
    all.map(({ id, topicName, target, enabled, matchCriteria, eventTTLSeconds }) => ({
      ...{ id, topicName, target, enabled, matchCriteria, eventTTLSeconds },
    }));
  expect(kept(after)).toEqual(kept(before));
});

test("--update: options that were changed by hand come into the manifest, and go out of it", async () => {
  const from = worldWith((state) => {
    putTriggers(state, 60, 60);
  });
  const { world } = await runWorld({ argv: "import", from });
  for (const [id, trigger] of world.state.triggers)
    world.state.triggers.set(id, { ...trigger, eventTTLSeconds: 90 });
  const first = await runWorld({ argv: "import --update", from: world });
  expect(first.out).toContain("updated  subscriptions/calls.yaml");
  expect(world.files.text("subscriptions/calls.yaml")).toContain(
    "        value: VOICE\n    eventTTLSeconds: 90\n",
  );
  for (const [id, trigger] of world.state.triggers) {
    const { version, name, topicName, target, enabled, description = "" } = trigger;
    world.state.triggers.set(id, {
      id,
      version,
      name,
      topicName,
      target,
      enabled,
      description,
      matchCriteria: [],
    });
  }
  await runWorld({ argv: "import --update", from: world });
  expect(world.files.text("subscriptions/calls.yaml")).not.toContain("trigger");
  const { result } = await seeWorld({ argv: "plan --adopt", from: world });
  expect(result.summary).toMatchObject({ ...noWrites, adopt: 2 });
});

test("triggers that differ in their options, and groups of two kinds, are no group", async () => {
  const { status, out, world } = await runWorld({ argv: "import --output json", from: ofTwoKinds() });
  const { manifests, refused, leftAlone } = JSON.parse(out) as Imported;
  expect(manifests).toEqual([]);
  expect(refused.map(({ group, webhookIds, reasons }) => [group, webhookIds, reasons])).toEqual([
    ["both", ["w1", "i1"], [expect.any(String)]],
    ["calls", ["t0", "t1"], [expect.stringMatching(/id t0\b.*id t1\b.*eventTTLSeconds/)]],
  ]);
  expect(leftAlone.map(({ webhookId }) => webhookId)).toEqual(["i2"]);
  expect([status, world.files.paths()]).toEqual([1, []]);
});

test("a trigger with a condition that no manifest can have is refused, with the reason", async () => {
  const { status, out } = await runWorld({ argv: "import --output json", from: oddCondition() });
  const { refused } = JSON.parse(out) as Imported;
  expect([status, refused.map(({ group, webhookIds }) => [group, webhookIds])]).toEqual([
    1,
    [["calls", ["t0"]]],
  ]);
});

test("a kind that the organisation does not offer is passed over, one that may not be seen is said", async () => {
  const from = worldWith((state) => {
    putTriggers(state, 60);
  });
  const [noWebhooks, noIntegrations] = [webhooks.path, integrations.path] as const;
  const some = refusing({ [noWebhooks]: 404, [noIntegrations]: 403 });
  const argv = "import --dry-run --output json";
  const { status, out } = await runWorld({ argv, from, intercept: some });
  const { manifests, diagnostics } = JSON.parse(out) as Imported;
  expect([status, manifests.map(({ file }) => file)]).toEqual([0, ["subscriptions/calls.yaml"]]);
  expect(diagnostics).toMatchObject([
    {
      ...{ severity: "warning", code: "api/forbidden" },
      message: expect.stringContaining("/api/v2/integrations") as string,
      hint: expect.stringContaining("integrations:integration:view") as string,
    },
  ]);
  const none = refusing({ [noWebhooks]: 404, [noIntegrations]: 404, [triggers.path]: 404 });
  const nothing = await runWorld({ argv: "import --output json", from, intercept: none });
  const failed = JSON.parse(nothing.out) as Imported;
  expect([nothing.status, failed.diagnostics.map(({ code }) => code)]).toEqual([1, ["api/notOffered"]]);
});

test("--update with nothing to write asks for no commit, and says what a plan shows", async () => {
  const from = worldWith(() => undefined, { "subscriptions/a.yaml": manifest("alpha") });
  putWebhook(from.state, { id: "w1", group: "alpha" });
  const { out } = await runWorld({ argv: "import --update", from });
  expect(out).toContain(
    "\nnothing to write; 1 webhook in 1 group\n\n`reconcile plan --adopt` shows for these groups:\n",
  );
});
