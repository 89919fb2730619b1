// The schema of manifests beside the config: what editors complete from it, what they refuse, and who keeps it up to date.
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { expect, test } from "vitest";
import manifestSchema from "../../schemas/webhook-subscription.v1.json" with { type: "json" };
import { isManifestSchema, makeManifestSchema } from "../../src/init/manifest-schema.ts";
import { genesysTopics } from "../../src/model/genesys-topics.ts";
import {
  answer,
  manifest,
  putWebhook,
  runWorld,
  type Intercept,
  type TestWorld,
} from "../support/world.ts";

const path = "schemas/webhook-subscription.v1.json";
const config = (line: string): string =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${line}\n`;
const named = config("catalog: topics.txt");

type Schema = typeof manifestSchema;

/** The event types that an editor offers. */
function offered(text: string): readonly string[] | undefined {
  const schema = JSON.parse(text) as Schema;
  const { items } = schema.properties.spec.properties.eventTypes;
  return (items as { readonly anyOf?: readonly { readonly enum?: readonly string[] }[] }).anyOf?.[0]?.enum;
}

const offering =
  (ids: readonly string[]): Intercept =>
  (request, forward) => {
    if (request.url.includes("availabletopics"))
      return answer(200, { entities: ids.map((id) => ({ id, transports: ["All"] })) });
    return request.url.includes("/triggers/topics") ? answer(200, { entities: ids }) : forward();
  };

const pull = (from: TestWorld, argv = "catalog pull") =>
  runWorld({ argv, from, intercept: offering(["v2.users.{id}.presence", "v2.stations.{id}"]) });

test("it is the published schema, except that editors are offered the topics of event types", async () => {
  const { world } = await runWorld({ argv: "init" });
  const text = world.files.text(path);
  expect(offered(text)).toEqual(genesysTopics);
  const schema = JSON.parse(text) as Schema;
  const { spec } = schema.properties;
  const { items } = spec.properties.eventTypes;
  const { eventTypes } = manifestSchema.properties.spec.properties;
  expect(items).toMatchObject(eventTypes.items);
  expect({
    ...schema,
    properties: {
      ...schema.properties,
      spec: { ...spec, properties: { ...spec.properties, eventTypes } },
    },
  }).toEqual(manifestSchema);
});

test.each([
  ["a published topic", "v2.users.{id}.presence", true],
  ["a topic that is not offered", "routing.queue.conversation.created", true],
  ["a topic with one part", "presence", false],
  ["a number", 7, false],
])("the schema admits what the published one admits: %s", (_, eventType, isValid) => {
  const document = parse(manifest("alpha")) as { readonly spec: object };
  const changed = { ...document, spec: { ...document.spec, eventTypes: [eventType] } };
  const judge = (schema: object): boolean =>
    new Ajv2020({ allowUnionTypes: true }).compile(schema)(changed);
  const made = JSON.parse(makeManifestSchema(["v2.users.{id}.presence"])) as object;
  expect([judge(made), judge(manifestSchema)]).toEqual([isValid, isValid]);
});

test.each([
  ["the catalogue", "v2.own.topic\nv2.other.topic\n", ["v2.own.topic", "v2.other.topic"]],
  ["the published topics where the catalogue cannot be read", "no event type\n", genesysTopics],
])("beside a config that names a catalogue init offers %s", async (_, text, topics) => {
  const { world } = await runWorld({
    argv: "init",
    files: { "reconcile.yaml": named, "topics.txt": text },
  });
  expect(offered(world.files.text(path))).toEqual(topics);
});

test("catalog pull brings it up to date, and says so", async () => {
  const { world } = await runWorld({ argv: "init" });
  const dry = await pull(world, "catalog pull --dry-run");
  expect(dry.out).toContain(`\nwould write  ${path}  editors complete event types from it\n`);
  expect(offered(world.files.text(path))).toEqual(genesysTopics);
  const first = await pull(world);
  expect(first.out).toContain(`\nwritten  ${path}  editors complete event types from it\n`);
  const ofExample = ["routing.queue.conversation.created", "routing.queue.conversation.updated"];
  expect(offered(world.files.text(path))).toEqual([
    "v2.stations.{id}",
    "v2.users.{id}.presence",
    ...ofExample,
  ]);
  const again = await pull(world, "catalog pull --output json");
  expect(JSON.parse(again.out)).toMatchObject({ ok: true, schema: null });
});

test("catalog pull refreshes the schema beside the config that --config names", async () => {
  const files = {
    ...{ "team/reconcile.yaml": config("owner: team"), [`team/${path}`]: makeManifestSchema([]) },
    [path]: makeManifestSchema([]),
  };
  const { world } = await runWorld({ argv: "--help", files });
  const { out } = await pull(world, "catalog pull --config team/reconcile.yaml --output json");
  expect(JSON.parse(out)).toMatchObject({ schema: `team/${path}` });
  expect(offered(world.files.text(path))).toEqual([]);
  expect(offered(world.files.text(`team/${path}`))).toHaveLength(2);
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ["without a config", { [path]: makeManifestSchema([]) }, "catalog pull"],
  ["another file", { "reconcile.yaml": config("owner: x"), [path]: '{"$id":"urn:other"}' }, "catalog pull"],
  ["no JSON", { "reconcile.yaml": config("owner: x"), [path]: "{" }, "catalog pull"],
  [
    "a pull to another file",
    { "reconcile.yaml": named, [path]: makeManifestSchema([]) },
    "catalog pull --out o.txt",
  ],
])("catalog pull leaves the schema as it is: %s", async (_, files, argv) => {
  const { world } = await runWorld({ argv: "--help", files });
  const { status } = await pull(world, argv);
  expect([status, world.files.text(path)]).toEqual([0, files[path]]);
});

test("a schema that cannot be written is a warning, and the catalogue is written", async () => {
  const { world } = await runWorld({ argv: "init" });
  world.files.before = (operation, at) => {
    if (operation === "write" && at.endsWith(path))
      throw Object.assign(new Error("no"), { code: "EACCES" });
  };
  const { status, err, out } = await pull(world);
  expect([status, world.files.text("event-types.txt").includes("v2.stations.{id}")]).toEqual([0, true]);
  expect(err + out).toContain("catalog/schemaUnwritable");
});

test("only a schema of manifests is taken for one", () => {
  expect(["", "null", "7", "[]", '{"$id":"x"}'].filter(isManifestSchema)).toEqual([]);
  expect(isManifestSchema(makeManifestSchema([]))).toBe(true);
  expect(isManifestSchema(JSON.stringify(manifestSchema))).toBe(true);
});

test("import names the schema beside the config that --config names", async () => {
  const files = { "team/reconcile.yaml": config("owner: team"), [`team/${path}`]: "{}" };
  const { world } = await runWorld({ argv: "--help", files });
  putWebhook(world.state, { id: "w1", group: "orders" });
  await runWorld({
    argv: "import --config team/reconcile.yaml --manifests team/subscriptions",
    from: world,
  });
  expect(world.files.text("team/subscriptions/orders.yaml").split("\n")[0]).toBe(
    `# yaml-language-server: $schema=../${path}`,
  );
});
