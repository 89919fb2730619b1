// `import --update`: manifests follow what is live; and the import of every kind of resource.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { webhookName } from "../../src/model/ownership.ts";
import { parseState } from "../../src/sandbox/state-text.ts";
import type { SandboxState } from "../../src/sandbox/state.ts";
import { kinds, webhooks, type TestKind } from "../support/kinds.ts";
import { answer, makeWorld, manifest, putWebhook, runWorld, type Intercept } from "../support/world.ts";
import { change, head, types, worldWith } from "./imported.ts";

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
  const plan = await runWorld({ argv: "plan --adopt", from: world });
  expect(plan.out).toMatch(
    /Plan: 0 to create, 0 to update, 0 to delete, 3 to adopt, 0 unchanged; 0 event types move\n$/,
  );
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
  expect(out).toContain(
    "\nunchanged  subscriptions/a.yaml  group alpha: 1 webhook, 2 event types at 1 endpoint\n\nnothing to write; ",
  );
  expect(world.files.text("subscriptions/a.yaml")).toBe(manifest("alpha"));
});

test("the example's organisation imports, is taken over, and is then as its manifests say", async () => {
  const text = readFileSync("examples/sandbox-made-by-script.json", "utf8");
  const parsed = parseState(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  const from = worldWith((state) => {
    for (const [id, webhook] of parsed.state.webhooks) state.webhooks.set(id, webhook);
  });
  const imported = await runWorld({ argv: "import", from });
  expect(imported.out).toContain(
    "  Plan: 0 to create, 0 to update, 2 to delete, 6 to adopt, 0 unchanged; 0 event types move\n",
  );
  await runWorld({ argv: "sync --adopt", from: imported.world });
  const after = await runWorld({ argv: "plan", from: imported.world });
  expect(after.out).toMatch(
    /Plan: 0 to create, 0 to update, 0 to delete, 0 to adopt, 6 unchanged; 0 event types move\n$/,
  );
  const name = webhookName("crm-sync", "https://crm.example.com/hooks/genesys");
  const kept = [...after.world.state.webhooks.values()].filter((webhook) => webhook.name === name);
  expect(kept.map(({ id, eventTypes }) => [id, eventTypes])).toEqual([
    ["hook-05", ["conversation.call.ended", "conversation.email.ended", "outbound.campaign.completed"]],
  ]);
});

const topics = ["v2.users.{id}.presence", "v2.users.{id}.routingStatus"];

const [, integrations, triggers] = kinds as [TestKind, TestKind, TestKind];

const onlyVoice = [{ jsonPath: "mediaType", operator: "Equal", value: "VOICE" }];

/** Triggers as somebody has made them in the admin pages, with options of their own. */
function putTriggers(state: SandboxState, ...ttls: readonly (number | null)[]): void {
  for (const [at, ttl] of ttls.entries()) {
    const id = `t${at}`;
    const eventTypes = [topics[at] ?? ""];
    const made = { id, name: `by hand ${at}`, endpoint: "workflow:flow-1", eventTypes };
    triggers.put(state, { ...made, description: "Consumer group: calls" });
    const trigger = state.triggers.get(id);
    const options = { matchCriteria: onlyVoice, ...(ttl === null ? {} : { eventTTLSeconds: ttl }) };
    if (trigger) state.triggers.set(id, { ...trigger, ...options });
  }
}

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
  offsetTracking:
    stateFile: /var/data/offsets/calls.json # a placeholder: name the file that the consumers use
`,
  );
  expect([status, out]).toEqual([
    0,
    `mypurecloud.com as owner "default"

written  subscriptions/calls.yaml  group calls: 2 triggers, 2 event types at 1 endpoint
  ! no description names an offset file: stateFile is a placeholder, /var/data/offsets/calls.json

1 manifest file written; 2 triggers in 1 group

Review and commit the files. Then \`reconcile plan --adopt\` shows for these groups:
  Plan: 0 to create, 0 to update, 0 to delete, 2 to adopt, 0 unchanged; 0 event types move
`,
  ]);
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
  const { out } = await runWorld({ argv: "plan --adopt", from: world });
  expect(out).toContain("Plan: 0 to create, 0 to update, 0 to delete, 2 to adopt,");
});

test("triggers that differ in their options, and groups of two kinds, are no group", async () => {
  const from = worldWith((state) => {
    putTriggers(state, 60, null);
    putWebhook(state, { id: "w1", group: "both" });
    integrations.put(state, {
      ...{ id: "i1", name: "by hand", endpoint: integrations.url(1), eventTypes: topics },
      description: "Consumer group: both",
    });
    integrations.put(state, {
      ...{
        id: "i2",
        name: "other",
        endpoint: integrations.url(2),
        eventTypes: topics,
        description: "mine",
      },
    });
  });
  const { status, out, world } = await runWorld({ argv: "import", from });
  expect(out).toBe(`mypurecloud.com as owner "default"

not written  group both: 2 resources
  ! it has webhooks and EventBridge integrations, but all resources of a group are of one kind; name another group in the descriptions of the others
    "both-by-hand" (id w1) https://events.example.com/both
    "by hand" (id i1) eventbridge://123456789012/us-east-1/p1
not written  group calls: 2 triggers
  ! "by hand 0" (id t0) and "by hand 1" (id t1) differ in matchCriteria, eventTTLSeconds or delayBySeconds, but a group has one of each; name another group in the descriptions of those that differ
    "by hand 0" (id t0) workflow:flow-1
    "by hand 1" (id t1) workflow:flow-1

1 resource left alone
  ? "other" (id i2) eventbridge://123456789012/us-east-1/p2: its notes name no group: no "Consumer group: …" in them

nothing to write; 2 groups not written; 1 resource left alone
`);
  expect([status, world.files.paths()]).toEqual([1, []]);
});

test("a trigger with a condition that no manifest can have is refused, with the reason", async () => {
  const from = worldWith((state) => {
    putTriggers(state, 60);
    const trigger = state.triggers.get("t0");
    const matchCriteria = [{ jsonPath: "mediaType", operator: "In", value: "VOICE" }];
    if (trigger) state.triggers.set("t0", { ...trigger, matchCriteria });
  });
  const { status, out } = await runWorld({ argv: "import", from });
  expect([status, out]).toEqual([
    1,
    expect.stringContaining("  ! In takes values, not value; write values: [VOICE, CHAT]\n"),
  ]);
});

test("a kind that the organisation does not offer is passed over, one that may not be seen is said", async () => {
  const from = worldWith((state) => {
    putTriggers(state, 60);
  });
  const refuse =
    (statuses: Readonly<Record<string, number>>): Intercept =>
    (request, forward) => {
      const found = Object.entries(statuses).find(([path]) => request.url.includes(path));
      return found ? answer(found[1], { message: "no" }) : forward();
    };
  const [noWebhooks, noIntegrations] = [webhooks.path, integrations.path] as const;
  const some = refuse({ [noWebhooks]: 404, [noIntegrations]: 403 });
  const { status, out } = await runWorld({ argv: "import --dry-run", from, intercept: some });
  expect([status, out]).toEqual([
    0,
    expect.stringContaining(
      "warning: GET /api/v2/integrations: forbidden (403): no [api/forbidden]\n  = the OAuth client of GENESYS_CLIENT_ID needs the permissions integrations:integration:view",
    ),
  ]);
  expect(out).toContain("1 manifest file to write; 1 trigger in 1 group\n");
  const none = refuse({ [noWebhooks]: 404, [noIntegrations]: 404, [triggers.path]: 404 });
  const nothing = await runWorld({ argv: "import", from, intercept: none });
  expect([nothing.status, nothing.out, nothing.err]).toEqual([
    1,
    "",
    expect.stringContaining(
      "this organisation does not offer webhooks: `reconcile doctor` shows what it offers",
    ),
  ]);
});
