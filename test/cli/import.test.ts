// `import`: manifests for what is live, what cannot be one, and where they are written.
import { expect, test } from "vitest";
import { sha256Hex } from "../../src/lib/hash.ts";
import { manifest, putWebhook, runWorld } from "../support/world.ts";
import { change, head, types, worldWith } from "./imported.ts";

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
  ! a group has one owner, but owner "finance" manages "mixed-by-hand" (id w4) of it; remove the marker (the last field) from that description, or give the others another group
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
    "there are 2 retry policies, but a group has one: the manifest has that of 3 of 4 webhooks",
    "2 event types are live at several endpoints, but a group delivers each event type to one endpoint: a.a, a.b",
    '"g-by-hand" (id w4) is disabled but its group is not: the manifest leaves it out, and --adopt deletes it; no other resource of the group delivers b.old',
    "no description names an offset file: stateFile is a placeholder, /var/data/offsets/g.json",
    "an endpoint has a query string: a secret in it would get into Git with the manifest",
    '"g-again" (id w2) is a duplicate at an endpoint that is served already: --adopt deletes it last',
  ]);
  expect(manifests[0]?.text).toContain(
    "stateFile: /var/data/offsets/g.json # a placeholder: name the file that the consumers use\n",
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
      'spec.eventTypes[0] must be an event type: letters, digits and _ - { } *, in two or more parts separated by dots, at most 256 characters, not "nodots"',
    ],
    [
      "full",
      "24 event types need 2 endpoints of 15 event types each, but there is no endpointPool; add an endpointPool of at least 2 endpoints",
    ],
    [
      "odd name!",
      "a manifest cannot name this group: letters, digits and . _ : -, a letter or digit at the start, at most 200 characters; name another one in the descriptions, and import again",
    ],
    [
      "wide",
      "the pool has 11 endpoints, but a group has at most 10 (maxConcurrentConsumers); remove 1; 11 event types need 1 endpoint",
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
  from.files.set("schemas/webhook-subscription.v1.json", "{}");
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

test("a manifest names the schema that init wrote, wherever it is, and none where there is none", async () => {
  const first = async (
    folder: string,
    files: Record<string, string> = { "schemas/webhook-subscription.v1.json": "{}" },
  ) => {
    const from = worldWith((state) => {
      putWebhook(state, { id: "w1", group: "orders" });
    }, files);
    const { world } = await runWorld({ argv: `import --manifests ${folder}`, from });
    return world.files.text(`${folder}/orders.yaml`).split("\n")[0];
  };
  const line = (path: string) => `# yaml-language-server: $schema=${path}/webhook-subscription.v1.json`;
  expect(await first("subscriptions")).toBe(line("../schemas"));
  expect(await first("teams/a")).toBe(line("../../schemas"));
  expect(await first(".")).toBe(line("./schemas"));
  expect(await first("subscriptions", {})).toBe("apiVersion: reconcile.genesys/v1");
});
