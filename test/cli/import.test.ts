// `import`: manifests for what is live, what cannot be one, and where they are written.
import { expect, test } from "vitest";
import { sha256Hex } from "../../src/lib/hash.ts";
import { manifest, putWebhook, runWorld } from "../support/world.ts";
import {
  change,
  head,
  inexpressible,
  invalidGroups,
  notToImport,
  types,
  worldWith,
  type Imported,
} from "./imported.ts";

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
  expect(out).toContain("\nwritten  subscriptions/orders.yaml  ");
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
  const { out, world } = await runWorld({ argv: "import --output json", from: first.world });
  const { planWithAdopt } = JSON.parse(out) as Imported;
  expect(planWithAdopt).toMatchObject({ create: 0, update: 0, delete: 0, adopt: 0, unchanged: 1 });
  expect(world.files.text("subscriptions/alpha.yaml")).toContain("    stateFile: /var/data/alpha.json\n");
});

test("what has a manifest, another owner or no group is not written, and said", async () => {
  const from = notToImport();
  const { status, out, world } = await runWorld({ argv: "import --output json", from });
  const { manifests, refused, leftAlone, covered } = JSON.parse(out) as Imported;
  expect([manifests, covered]).toEqual([[], 1]);
  expect(refused.map(({ group, webhookIds, reasons }) => [group, webhookIds, reasons])).toEqual([
    ["mixed", ["w3"], [expect.stringContaining("id w4")]],
  ]);
  expect(leftAlone.map(({ webhookId }) => webhookId)).toEqual(["w5", "w4", "w2"]);
  expect([status, world.files.paths()]).toEqual([1, ["/subscriptions/a.yaml"]]);
});

test("each thing that a manifest cannot say is said, with what --adopt does about it", async () => {
  const { out } = await runWorld({ argv: "import --output json", from: inexpressible() });
  const { manifests, planWithAdopt } = JSON.parse(out) as Imported;
  // Retry policies, twice delivered ones, the disabled one, the query string, the duplicate.
  const facts = [/ 2 .* 3 of 4 /, /2 .*: a\.a, a\.b$/, /id w4\b.*\bb\.old$/, /query/, /id w2\b/];
  expect(manifests[0]?.notes).toEqual(facts.map((fact) => expect.stringMatching(fact) as string));
  expect(manifests[0]?.text).not.toContain("stateFile");
  expect(planWithAdopt).toMatchObject({ adopt: 3, delete: 2, create: 0, update: 0, movedEventTypes: 0 });
});

test("what the validator would refuse is not written, in its words", async () => {
  const { status, out, world } = await runWorld({ argv: "import --output json", from: invalidGroups() });
  const { refused } = JSON.parse(out) as Imported;
  expect(refused.map(({ group, reasons }) => [group, reasons])).toEqual([
    ["flat", [expect.stringMatching(/^spec\.eventTypes\[0\] .*"nodots"$/)]],
    ["full", [expect.stringMatching(/^24 .* 2 endpoints .* 15 .*endpointPool/)]],
    ["odd name!", [expect.any(String)]],
    ["wide", [expect.stringMatching(/ 11 endpoints.* 10 .*maxConcurrentConsumers/)]],
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
  expect(out).toContain("\nwould write  subscriptions/g.yaml  ");
  expect(out).toContain("      endpointUrl: https://e.example.com/x?…\n");
  expect(out).not.toContain("hush");
  expect([status, world.files.paths()]).toEqual([0, []]);
});

test("--group imports just that group, and a slip is met with what was meant", async () => {
  const from = worldWith((state) => {
    putWebhook(state, { id: "w1", group: "alpha" });
    putWebhook(state, { id: "w2", group: "beta" });
  });
  const slip = await runWorld({ argv: "import --group alph --output json", from });
  const { diagnostics } = JSON.parse(slip.out) as Imported;
  expect([slip.status, diagnostics.map(({ code, hint }) => [code, hint])]).toEqual([
    1,
    [["group/unknown", expect.stringContaining('"alpha"')]],
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
  expect(out).toContain("`reconcile plan --adopt --manifests teams/voice`");
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
  const text = await runWorld({ argv: "import", from });
  expect(text.out).toContain("\n1 manifest file written, 1 not written; 1 webhook in 1 group\n");
  await from.files.remove("/subscriptions/alpha.yaml");
  const { status, out, world } = await runWorld({ argv: "import --output json", from });
  const { manifests, diagnostics } = JSON.parse(out) as Imported;
  expect(manifests.map(({ file, written }) => [file, written])).toEqual([
    ["subscriptions/alpha.yaml", true],
    ["subscriptions/beta.yaml", false],
  ]);
  expect(diagnostics).toMatchObject([
    {
      ...{ severity: "error", code: "import/unwritable" },
      message: expect.stringContaining("subscriptions/beta.yaml") as string,
    },
  ]);
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
