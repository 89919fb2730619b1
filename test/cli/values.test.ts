// `values` in the config: one set of manifests for several environments.
import { expect, test } from "vitest";
import { seeWorld } from "../support/see.ts";
import { makeWorld, putWebhook, runWorld, type TestWorld } from "../support/world.ts";
import { worldWith } from "./imported.ts";

const config = (host: string, more = ""): string =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nvalues: { host: ${host}, stage: prod }\n${more}`;

const orders = `apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: orders
  labels: { stage: "\${stage}" } # which one
spec:
  consumerGroupId: orders-\${stage}
  endpointUrl: https://\${host}/orders # the endpoint
  eventTypes: [a.created, a.ended]
  offsetTracking: { stateFile: "/var/\${stage}/orders.json" }
`;

const files = { "reconcile.yaml": config("hooks.example.com"), "subscriptions/orders.yaml": orders };

const endpointsIn = ({ state }: TestWorld) => [...state.webhooks.values()].map(({ endpoint }) => endpoint);

test("a sync applies the manifests with the values in them, and a second one changes nothing", async () => {
  const { status, world } = await runWorld({ argv: "sync", files });
  expect(status).toBe(0);
  expect([...world.state.webhooks.values()]).toMatchObject([
    {
      endpoint: "https://hooks.example.com/orders",
      description:
        "Consumer group: orders-prod | Offset tracking: /var/prod/orders.json | Managed by: reconcile (default)",
    },
  ]);
  const again = await seeWorld({ argv: "plan --selector stage=prod", from: world });
  expect(again.result.summary).toMatchObject({ unchanged: 1, create: 0, update: 0 });
});

test("validate judges what the values make of a manifest, by the config's own rules", async () => {
  const strict = config("hooks.example.org", 'allowedEndpointHosts: ["*.example.com"]\n');
  const { result } = await seeWorld({ argv: "validate", files: { ...files, "reconcile.yaml": strict } });
  expect(result.diagnostics).toMatchObject([
    { code: "endpointUrl/hostNotAllowed", file: "subscriptions/orders.yaml", line: 8, column: 16 },
  ]);
});

test("values never come from the environment", async () => {
  const bare = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";
  const { status, out, err } = await runWorld({
    argv: "validate",
    files: { ...files, "reconcile.yaml": bare, ".env": "stage=prod\nhost=evil.example.org\n" },
    environment: { host: "evil.example.org", stage: "prod" },
  });
  expect(status).toBe(1);
  expect(`${out}${err}`).toContain('the config has no value for "host" [values/unknownName]');
});

test("a saved plan is stale once another value stands in its manifests, and only then", async () => {
  const { world } = await runWorld({ argv: "plan --out plan.json", files });
  world.files.set("reconcile.yaml", config("hooks.example.com", "rateShare: 0.5\n"));
  world.files.set("subscriptions/orders.yaml", orders.replace("${host}", "hooks.example.com"));
  expect((await runWorld({ argv: "apply plan.json", from: world })).status).toBe(0);
  expect(endpointsIn(world)).toEqual(["https://hooks.example.com/orders"]);
  world.files.set("subscriptions/orders.yaml", orders.replace(", a.ended", ""));
  const { world: planned } = await runWorld({ argv: "plan --out plan.json", from: world });
  planned.files.set("reconcile.yaml", config("other.example.com"));
  const stale = await runWorld({ argv: "apply plan.json", from: planned });
  const why = 'the manifest of group "orders-prod" has changed: spec.endpointUrl [plan/manifestChanged]';
  expect(`${stale.out}${stale.err}`).toContain(why);
  expect([stale.status, endpointsIn(stale.world)]).toEqual([1, ["https://hooks.example.com/orders"]]);
});

test("`--base` reads the base's manifests with the base's values", async () => {
  const { world } = await runWorld({ argv: "sync", files });
  world.files.set("reconcile.yaml", config("new.example.com"));
  const base = { ...files, "reconcile.yaml": config("hooks.example.com") };
  const { result } = await seeWorld({ argv: "plan --base main", from: world, revisions: { main: base } });
  expect(result.operations.map(({ action, origin }) => [action, origin])).toEqual([["update", "change"]]);
  const same = { ...base, "reconcile.yaml": config("new.example.com") };
  const pending = await seeWorld({ argv: "plan --base main", from: world, revisions: { main: same } });
  expect(pending.result.operations.map(({ origin }) => origin)).toEqual(["pending"]);
});

test("the platform's refusal of an endpoint is shown at the line with its placeholder", async () => {
  const pool = orders.replace(
    "  eventTypes",
    '  endpointPool: ["https://${host}/1", "https://${host}/2"]\n  rebalance: { mode: always }\n  eventTypes',
  );
  const { result } = await seeWorld({
    argv: "sync",
    files: { ...files, "subscriptions/orders.yaml": pool },
    intercept: ({ method, body }, forward) =>
      method === "POST" && body?.includes("/2") === true
        ? {
            status: 400,
            headers: { "content-type": "application/json" },
            body: JSON.stringify({
              code: "bad.request",
              message: "no",
              errors: [{ field: "endpoint", message: "no" }],
            }),
          }
        : forward(),
  });
  expect(result.diagnostics).toContainEqual(
    expect.objectContaining({ code: "operation/failed", line: 9, column: 39 }),
  );
});

test("`import --update` keeps each placeholder that gives what is live, and lists the others", async () => {
  const text = orders.replace(
    "  eventTypes",
    '  endpointPool:\n    - https://${host}/orders # one\n    - "https://${stage}.example.com/two"\n  eventTypes',
  );
  const from = worldWith(
    (state) => {
      for (const [id, endpoint, eventTypes] of [
        ["w1", "https://hooks.example.com/orders", ["a.created", "c.new", "d.new"]],
        ["w2", "https://third.example.com/${x}", ["a.ended"]],
      ] as const)
        putWebhook(state, { id, group: "orders-prod", endpoint, eventTypes });
    },
    { ...files, "subscriptions/orders.yaml": text },
  );
  const { status, out, world } = await runWorld({ argv: "import --update", from });
  expect(world.files.text("subscriptions/orders.yaml")).toBe(
    text
      .replace("- https://${host}/orders # one", '- { url: "https://${host}/orders", weight: 3 } # one')
      .replace('"https://${stage}.example.com/two"', () => "https://third.example.com/$${x}")
      .replace("[a.created, a.ended]", "[a.created, a.ended, c.new, d.new]")
      .concat("  rebalance: { mode: always }\n"),
  );
  expect(out).toContain(
    '  ! "https://${stage}.example.com/two" was replaced or removed, because with the config\'s values it is not what is live\n',
  );
  expect(status).toBe(0);
  const plan = await seeWorld({ argv: "plan --adopt", from: world });
  expect(plan.result.summary).toMatchObject({ create: 0, delete: 0, adopt: 2 });
});

test("`import` writes what looks like a placeholder so that it stays as it is", async () => {
  const world = makeWorld({ argv: "" });
  putWebhook(world.state, { id: "w1", group: "g", endpoint: "https://a.example.com/${x}" });
  await runWorld({ argv: "import", from: world });
  expect(world.files.text("subscriptions/g.yaml")).toContain("endpointUrl: https://a.example.com/$${x}\n");
  const plan = await seeWorld({ argv: "plan --adopt", from: world });
  expect(plan.result.summary).toMatchObject({ create: 0, delete: 0, adopt: 1 });
});

test("`rollback --write-manifests` keeps placeholders, and lists those whose values no longer give what is live", async () => {
  const commits = ["1".repeat(40), "2".repeat(40)] as const;
  const first = await runWorld({ argv: "sync", files, commit: commits[0] });
  first.world.files.set("reconcile.yaml", config("new.example.com"));
  const second = await runWorld({ argv: "sync", from: first.world, commit: commits[1] });
  expect(endpointsIn(second.world)).toEqual(["https://new.example.com/orders"]);
  const workingTree = {
    edited: () => Promise.resolve([]),
    filesAt: (_commit: string, paths: readonly string[]) => Promise.resolve(paths),
    restore: () => Promise.resolve(),
  };
  const argv = "rollback --last --write-manifests";
  const back = await seeWorld({ argv, from: second.world, workingTree });
  expect(endpointsIn(back.world)).toEqual(["https://hooks.example.com/orders"]);
  expect(back.world.files.text("subscriptions/orders.yaml")).toBe(orders);
  expect(back.about("values/misfit")).toMatchObject([
    {
      ...{ severity: "warning", file: "subscriptions/orders.yaml", line: 8, column: 16 },
      message:
        '"https://${host}/orders" is "https://new.example.com/orders" with the config\'s values, and that is not live',
    },
  ]);
});
