// `catalog pull` and the product's own examples: whatever the organisation lists, the examples stay valid.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import type { Result } from "../../src/model/result.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import { answer, manifest, runWorld, type Intercept, type TestWorld } from "../support/world.ts";
import { integrations } from "../support/kinds.ts";
import { seeWorld } from "../support/see.ts";

const config = (line: string): string =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${line}\n`;
const catalogLine = "catalog: event-types.txt";

const folder = resolve(import.meta.dirname, "../../subscriptions");
const examples = Object.fromEntries(
  readdirSync(folder).map((name) => [`subscriptions/${name}`, readFileSync(join(folder, name), "utf8")]),
);

/** An organisation that lists these topics, for each transport. */
const listing =
  (...ids: readonly string[]): Intercept =>
  (request, forward) => {
    if (request.url.includes("availabletopics"))
      return answer(200, { entities: ids.map((id) => ({ id, transports: ["All"] })) });
    return request.url.includes("/triggers/topics") ? answer(200, { entities: ids }) : forward();
  };

/** The diagnostics of a pull. */
function diagnosticsOf({ out }: { readonly out: string }): Result["diagnostics"] {
  return (JSON.parse(out) as Result).diagnostics;
}

const sandbox = { argv: "catalog pull --sandbox", environment: {}, send: makeSend() };

async function expectValid(from: TestWorld): Promise<void> {
  const path = "reconcile.yaml";
  const before = from.files.paths().includes(`/${path}`) ? from.files.text(path) : config("owner: x");
  from.files.set(path, `${before}${catalogLine}\n`);
  const { result } = await seeWorld({ argv: "validate", from });
  const isPlaceholder = (code: string): boolean => code === "endpointUrl/placeholder";
  expect(result.diagnostics.filter(({ code }) => !isPlaceholder(code))).toEqual([]);
}

test("the example manifests of this repository are valid beside the sandbox's catalogue", async () => {
  const { status, world } = await runWorld({ ...sandbox, files: examples });
  expect(status).toBe(0);
  await expectValid(world);
});

test.each(["https", "eventbridge", "workflow"])(
  "init --scheme %s: the example is valid beside the sandbox's catalogue",
  async (scheme) => {
    const { world } = await runWorld({ argv: `init --scheme ${scheme}` });
    await runWorld({ ...sandbox, from: world });
    await expectValid(world);
  },
);

test("event types of webhooks that the platform does not list are kept, on record and with a warning", async () => {
  const { world } = await runWorld({ argv: "init" });
  const intercept = listing("v2.stations.{id}");
  const first = await runWorld({ argv: "catalog pull --output json", from: world, intercept });
  expect(diagnosticsOf(first)).toMatchObject([
    {
      ...{ severity: "warning", code: "catalog/kept" },
      message: expect.stringContaining(
        "2 event types of the manifests (routing.queue.conversation.created and 1 more)",
      ) as string,
    },
  ]);
  expect(world.files.text("event-types.txt").split("\n").slice(1)).toEqual([
    "v2.stations.{id}  # All",
    "# Not listed by the platform; kept because manifests use them:",
    "routing.queue.conversation.created",
    "routing.queue.conversation.updated",
    "",
  ]);
  await expectValid(world);
  const again = await runWorld({ argv: "catalog pull", from: world, intercept });
  expect(again.out).toContain("unchanged  event-types.txt  3 event types\n");
});

test("what no manifest uses any more is not kept, nor is what another kind has no topic for", async () => {
  const files = {
    "reconcile.yaml": config(catalogLine),
    "event-types.txt": "v2.stations.{id}\nold.event.type\n",
    "subscriptions/a.yaml": manifest("alpha", { eventTypes: ["v2.stations.4f1c"] }),
    "subscriptions/b.yaml": manifest("beta", { kind: integrations, eventTypes: ["v2.gone.{id}"] }),
  };
  const { out, world } = await runWorld({
    ...{ argv: "catalog pull", files, intercept: listing("v2.stations.{id}") },
  });
  expect(out).toContain("gone  old.event.type");
  expect(world.files.text("event-types.txt").split("\n").slice(1)).toEqual(["v2.stations.{id}  # All", ""]);
});

test("beside invalid manifests the platform's list alone is written, with a warning", async () => {
  const files = { "subscriptions/a.yaml": "kind: [\n", "subscriptions/b.yaml": manifest("beta") };
  const run = await runWorld({
    ...{ argv: "catalog pull --output json", files, intercept: listing("v2.stations.{id}") },
  });
  expect(diagnosticsOf(run)).toMatchObject([{ severity: "warning", code: "catalog/notCompared" }]);
  expect([run.status, run.world.files.text("event-types.txt").split("\n").slice(1)]).toEqual([
    0,
    ["v2.stations.{id}  # All", ""],
  ]);
});

test.each(["https", "eventbridge", "workflow"])(
  "init --scheme %s beside a catalogue that lacks the example's event types takes some of the catalogue's",
  async (scheme) => {
    const files = {
      "reconcile.yaml": config(catalogLine),
      "event-types.txt":
        "v2.a.websocket  # Websocket\nv2.stations.{id}  # All\nv2.users.{id}.presence  # All\n",
    };
    const { world } = await runWorld({ argv: `init --scheme ${scheme}`, files });
    const { result } = await seeWorld({ argv: "validate", from: world });
    expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(world.files.text("subscriptions/example.yaml")).toContain("    - v2.stations.{id}\n");
  },
);
