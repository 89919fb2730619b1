// `reconcile import`: which manifests it writes, what it says of those that it does not, and what stays as it is.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sha256Hex } from "../../src/lib/hash.ts";
import { webhookName } from "../../src/model/ownership.ts";
import { makeWebhook, parseState, type SandboxState } from "../../src/sandbox/state.ts";
import { kinds, webhooks, type TestKind } from "../support/kinds.ts";
import {
  answer,
  makeWorld,
  manifest,
  putWebhook,
  runWorld,
  type Intercept,
  type TestWorld,
} from "../support/world.ts";

function worldWith(fill: (state: SandboxState) => void, files: Record<string, string> = {}): TestWorld {
  const world = makeWorld({ argv: "", files });
  fill(world.state);
  return world;
}

/** Another state, policy or description than `putWebhook` gives. */
function change(
  state: SandboxState,
  id: string,
  changes: Partial<Parameters<typeof makeWebhook>[1]>,
): void {
  const webhook = state.webhooks.get(id);
  if (webhook) state.webhooks.set(id, makeWebhook(id, { ...webhook, ...changes }));
}

const types = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `t.${String(from + index).padStart(2, "0")}`);

const head =
  "# yaml-language-server: $schema=../schemas/webhook-subscription.v1.json\n" +
  "apiVersion: reconcile.genesys/v1\nkind: WebhookSubscription\n";

test("a group of one webhook: a manifest with nothing in it that is a default", async () => {
  const from = worldWith((state) => {
    putWebhook(state, { id: "w1", group: "orders" });
    change(state, "w1", { description: "Consumer group: orders | Offset tracking: /data/o.json" });
  });
  const { status, out, world } = await runWorld({ argv: "import", from });
  expect(world.files.text("subscriptions/orders.yaml")).toBe(
    `${head}metadata:
  name: orders
spec:
  endpointUrl: https://events.example.com/orders
  eventTypes:
    - a.created
    - a.ended
  offsetTracking:
    stateFile: /data/o.json
`,
  );
  expect(out).toBe(`mypurecloud.com as owner "default"

written  subscriptions/orders.yaml  group orders: 1 webhook, 2 event types at 1 endpoint

1 manifest file written; 1 webhook in 1 group

Review and commit the files. Then \`reconcile plan --adopt\` shows for these groups:
  Plan: 0 to create, 0 to update, 0 to delete, 1 to adopt, 0 unchanged; 0 event types move
`);
  expect(status).toBe(0);
  expect(world.requests).toEqual([
    "POST /oauth/token",
    "GET /api/v2/webhooks",
    "GET /api/v2/integrations",
    "GET /api/v2/processautomation/triggers",
  ]);
});

test("unequal loads are weights in lowest terms, and equal ones need none", async () => {
  const from = worldWith((state) => {
    for (const [at, load] of [6, 2, 4].entries())
      putWebhook(state, {
        id: `w${at}`,
        group: "uneven",
        endpoint: `https://e.example.com/${at}`,
        eventTypes: types(load, at * 10),
      });
    for (const at of [0, 1])
      putWebhook(state, {
        id: `v${at}`,
        group: "even",
        endpoint: `https://f.example.com/${at}`,
        eventTypes: types(2 + at, at * 10),
      });
  });
  const { world } = await runWorld({ argv: "import", from });
  expect(world.files.text("subscriptions/uneven.yaml")).toContain(`
  endpointUrl: https://e.example.com/0
  endpointPool:
    - { url: https://e.example.com/0, weight: 3 }
    - https://e.example.com/1
    - { url: https://e.example.com/2, weight: 2 }
`);
  expect(world.files.text("subscriptions/even.yaml")).toContain(`
  endpointPool:
    - https://f.example.com/0
    - https://f.example.com/1
`);
  expect(world.files.text("subscriptions/even.yaml")).toContain("\n  rebalance: { mode: always }\n");
});

test("this owner's webhooks without a manifest are imported, too, and plan to nothing", async () => {
  const first = await runWorld({ argv: "sync", files: { "subscriptions/a.yaml": manifest("alpha") } });
  first.world.files.take("subscriptions/a.yaml");
  const { out, world } = await runWorld({ argv: "import", from: first.world });
  expect(out).toContain(
    "  Plan: 0 to create, 0 to update, 0 to delete, 0 to adopt, 1 unchanged; 0 event types move\n",
  );
  expect(world.files.text("subscriptions/alpha.yaml")).toContain("    stateFile: /var/data/alpha.json\n");
});

test("what has a manifest, another owner or no group is not written, and said", async () => {
  const from = worldWith(
    (state) => {
      putWebhook(state, { id: "w1", group: "alpha" });
      putWebhook(state, {
        id: "w2",
        group: "theirs",
        owner: "finance",
        endpoint: "https://x.example.com/?key=1",
      });
      putWebhook(state, { id: "w3", group: "mixed" });
      putWebhook(state, { id: "w4", group: "mixed", owner: "finance", endpoint: "https://y.example.com/" });
      putWebhook(state, { id: "w5", group: "", name: "by hand" });
      change(state, "w5", { description: "a test" });
    },
    { "subscriptions/a.yaml": manifest("alpha") },
  );
  const { status, out, world } = await runWorld({ argv: "import", from });
  expect(out).toBe(`mypurecloud.com as owner "default"

not written  group mixed: 1 webhook
  ! a group has one owner, and owner "finance" manages "mixed-by-hand" (id w4) of it; take the marker (the last field) off that description, or give the others another group
    "mixed-by-hand" (id w3) https://events.example.com/mixed

3 webhooks left alone
  ? "by hand" (id w5) https://events.example.com/: its description names no group: no "Consumer group: …" in it
  ? "mixed-by-hand" (id w4) https://y.example.com/: owner "finance" manages it
  ? "theirs-by-hand" (id w2) https://x.example.com/?…: owner "finance" manages it

nothing to write; 1 group not written; 3 webhooks left alone; 1 webhook already in manifests (--update brings these up to date with what is live)
`);
  expect([status, world.files.paths()]).toEqual([1, ["/subscriptions/a.yaml"]]);
});

test("each thing that a manifest cannot say is said, with what --adopt does about it", async () => {
  const from = worldWith((state) => {
    putWebhook(state, { id: "w1", group: "g", eventTypes: ["a.a", "a.b"] });
    putWebhook(state, { id: "w2", group: "g", name: "g-again", eventTypes: ["a.c"] });
    putWebhook(state, {
      id: "w3",
      group: "g",
      endpoint: "https://e.example.com/2?key=x",
      eventTypes: ["a.a", "a.d"],
    });
    putWebhook(state, { id: "w4", group: "g", endpoint: "https://e.example.com/3", eventTypes: ["b.old"] });
    putWebhook(state, { id: "w5", group: "g", endpoint: "https://e.example.com/4", eventTypes: ["a.b"] });
    change(state, "w3", { retryPolicy: { retryCount: 9, retryInterval: "PT5S", retryOnTimeout: false } });
    change(state, "w4", { state: "disabled" });
  });
  const { out } = await runWorld({ argv: "import --output json", from });
  const { manifests, planWithAdopt } = JSON.parse(out) as {
    manifests: { notes: string[]; text: string }[];
    planWithAdopt: unknown;
  };
  expect(manifests[0]?.notes).toEqual([
    "there are 2 retry policies, and a group has one: written is that of 3 of 4 webhooks",
    "2 event types are live at several endpoints, and a group delivers each to one of them: a.a, a.b",
    '"g-by-hand" (id w4) is disabled and its group is not: it is left out, and --adopt deletes it, and with it what nothing delivers now: b.old',
    "no description names an offset file: stateFile is a stand-in, /var/data/offsets/g.json",
    "an endpoint has a query string: a secret in it would be in Git with the manifest",
    '"g-again" (id w2) is a duplicate at an endpoint that is served already: --adopt deletes it last',
  ]);
  expect(manifests[0]?.text).toContain(
    "stateFile: /var/data/offsets/g.json # a stand-in: name the file that the consumers use\n",
  );
  expect(planWithAdopt).toMatchObject({ adopt: 3, delete: 2, create: 0, update: 0, movedEventTypes: 0 });
});

test("what the validator would refuse is not written, in its words", async () => {
  const from = worldWith((state) => {
    putWebhook(state, { id: "w1", group: "full", eventTypes: types(12) });
    putWebhook(state, { id: "w2", group: "full", name: "full-2", eventTypes: types(12, 12) });
    for (let at = 0; at < 11; at += 1)
      putWebhook(state, {
        id: `v${at}`,
        group: "wide",
        endpoint: `https://e.example.com/${at}`,
        eventTypes: [`t.${at}`],
      });
    putWebhook(state, { id: "x", group: "odd name!" });
    putWebhook(state, { id: "y", group: "flat", eventTypes: ["nodots"] });
  });
  const { status, out, world } = await runWorld({ argv: "import --output json", from });
  const { refused } = JSON.parse(out) as { refused: { group: string; reasons: string[] }[] };
  expect(refused.map(({ group, reasons }) => [group, ...reasons])).toEqual([
    [
      "flat",
      'spec.eventTypes[0] must be an event type: letters, digits and _ - { } *, in two or more parts with dots between, at most 256 characters, not "nodots"',
    ],
    [
      "full",
      "24 event types need 2 endpoints of 15 event types each, and there is no endpointPool; add an endpointPool of at least 2 endpoints",
    ],
    [
      "odd name!",
      "a manifest cannot name this group: letters, digits and . _ : -, a letter or digit at the start, at most 200 characters; name another one in the descriptions, and import again",
    ],
    [
      "wide",
      "the pool has 11 endpoints, and a group has at most 10 (maxConcurrentConsumers); remove 1; 11 event types need 1 endpoint",
    ],
  ]);
  expect([status, world.files.paths()]).toEqual([1, []]);
});

test("whatever a group is called, its file is new, in the folder, and of an innocent name", async () => {
  const groups = ["orders", "Orders", "crm", "con", "a..b", "LPT1", "x".repeat(200)];
  const from = worldWith(
    (state) => {
      for (const [at, group] of groups.entries()) putWebhook(state, { id: `w${at}`, group });
    },
    { "subscriptions/crm.yaml": manifest("another"), "subscriptions/README.md": "" },
  );
  const { world } = await runWorld({ argv: "import", from });
  const hash = (group: string): string => sha256Hex(group).slice(0, 8);
  expect(world.files.paths().map((path) => path.replace("/subscriptions/", ""))).toEqual([
    "README.md",
    "a-b.yaml",
    `con-${hash("con")}.yaml`,
    `crm-${hash("crm")}.yaml`,
    "crm.yaml",
    `lpt1-${hash("LPT1")}.yaml`,
    `orders-${hash("Orders")}.yaml`,
    "orders.yaml",
    `${"x".repeat(63)}.yaml`,
  ]);
  expect(world.files.text("subscriptions/crm.yaml")).toBe(manifest("another"));
  expect(world.files.text("subscriptions/orders.yaml")).not.toContain("consumerGroupId");
  expect((await runWorld({ argv: "validate", from: world })).out).toBe("8 manifests are valid\n");
});

test("names made to deceive reach the terminal as text", async () => {
  const from = worldWith((state) => {
    putWebhook(state, { id: "w1", group: "../../etc/\u001b[2J\n::error::", name: "\u202e\u0007" });
    putWebhook(state, { id: "w2", group: "", name: "\u001b]0;x\u0007" });
    change(state, "w2", { description: "\u001b[1m" });
  });
  const { out, err, world } = await runWorld({ argv: "import", from });
  expect(`${out}${err}`).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u202e]|^\s*::/m);
  expect(world.files.paths()).toEqual([]);
});

test("--dry-run shows the files, without query strings, and writes nothing", async () => {
  const from = worldWith((state) => {
    putWebhook(state, { id: "w1", group: "g", endpoint: "https://e.example.com/x?token=hush" });
  });
  const { status, out, world } = await runWorld({ argv: "import --dry-run", from });
  expect(out).toContain(
    "would write  subscriptions/g.yaml  group g: 1 webhook, 2 event types at 1 endpoint\n",
  );
  expect(out).toContain("      endpointUrl: https://e.example.com/x?…\n");
  expect(out).not.toContain("hush");
  expect(out).toContain("\nWith these files `reconcile plan --adopt` shows for these groups:\n");
  expect([status, world.files.paths()]).toEqual([0, []]);
});

test("--group imports just that group, and a slip is met with what was meant", async () => {
  const from = worldWith((state) => {
    putWebhook(state, { id: "w1", group: "alpha" });
    putWebhook(state, { id: "w2", group: "beta" });
  });
  const slip = await runWorld({ argv: "import --group alph", from });
  expect([slip.status, slip.err]).toEqual([
    1,
    'error: no live resource belongs to the group "alph" [group/unknown]\n  = did you mean "alpha"?\n\n',
  ]);
  const { world } = await runWorld({ argv: "import --group alpha", from });
  expect(world.files.paths()).toEqual(["/subscriptions/alpha.yaml"]);
});

test("another folder is made, and named in what to run next", async () => {
  const from = worldWith((state) => {
    putWebhook(state, { id: "w1", group: "alpha" });
  });
  const { out, world } = await runWorld({ argv: "import --manifests teams/voice", from });
  expect(out).toContain("Then `reconcile plan --adopt --manifests teams/voice` shows");
  expect(world.files.text("teams/voice/alpha.yaml")).toMatch(/^# .*\$schema=\.\.\/\.\.\/schemas\//);
});

test("invalid manifests: nothing is asked of the platform, and nothing is written", async () => {
  const files = { "subscriptions/a.yaml": "kind: WebhookSubscription\n" };
  const { status, err, world } = await runWorld({ argv: "import", files });
  expect([status, world.requests, world.files.paths()]).toEqual([1, [], ["/subscriptions/a.yaml"]]);
  expect(err).toContain("error: ");
});

test("a disk that is full: what was written before stays, and the rest is named", async () => {
  const from = worldWith((state) => {
    putWebhook(state, { id: "w1", group: "alpha" });
    putWebhook(state, { id: "w2", group: "beta" });
  });
  from.files.before = (operation, path) => {
    if (operation === "write" && path.includes("beta"))
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  };
  const { status, out, world } = await runWorld({ argv: "import", from });
  expect(out).toContain("\nwritten  subscriptions/alpha.yaml  ");
  expect(out).toContain("\nnot written  subscriptions/beta.yaml  ");
  expect(out).toContain(
    "error: subscriptions/beta.yaml cannot be written: the system says ENOSPC [import/unwritable]\n",
  );
  expect(out).toMatch(/\n1 manifest file written; 2 webhooks in 2 groups\n$/);
  expect([status, world.files.paths()]).toEqual([1, ["/subscriptions/alpha.yaml"]]);
});

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
    stateFile: /var/data/offsets/calls.json # a stand-in: name the file that the consumers use
`,
  );
  expect([status, out]).toEqual([
    0,
    `mypurecloud.com as owner "default"

written  subscriptions/calls.yaml  group calls: 2 triggers, 2 event types at 1 endpoint
  ! no description names an offset file: stateFile is a stand-in, /var/data/offsets/calls.json

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
  ! it has webhooks and EventBridge integrations, and all endpoints of a group are of one kind; name another group in the descriptions of one
    "both-by-hand" (id w1) https://events.example.com/both
    "by hand" (id i1) eventbridge://123456789012/us-east-1/p1
not written  group calls: 2 triggers
  ! "by hand 0" (id t0) and "by hand 1" (id t1) differ in matchCriteria, eventTTLSeconds or delayBySeconds, and a group has one of each; name another group in the descriptions of those that differ
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
