// What is put out is what the published schemas say: of every kind of outcome, and with no key that they leave out.
import type { AnySchemaObject } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { makePublishedSchemas } from "../../scripts/published-schemas.ts";
import { appendAll, makeDocument, makeEntry } from "../audit/samples.ts";
import { kinds } from "../support/kinds.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { faultsIn, publishedSchema, publishedText, schemaNames } from "../support/published-schema.ts";
import {
  answer,
  brokenOff,
  manifest,
  putWebhook,
  runWorld,
  trailOf,
  trailPath,
  type WorldOptions,
} from "../support/world.ts";

const published = await makePublishedSchemas();

const pool = ["https://p.example.com/1", "https://p.example.com/2"];
const of = (urls: readonly string[]) =>
  manifest("beta", { pool: urls, eventTypes: ["e.a", "e.b", "e.c", "e.d"] }).replace(
    "https://events.example.com/beta",
    "https://p.example.com/1",
  );
const files = { "subscriptions/a.yaml": manifest("alpha"), "subscriptions/b.yaml": of(pool) };

/** A world in which there is something of everything: moves, drift, orphans, strangers, a conflict. */
async function everything() {
  const { world } = await runWorld({
    argv: "",
    files: { ...files, "subscriptions/b.yaml": of(pool.slice(0, 1)) },
  });
  const [first] = world.state.webhooks.values();
  if (first) world.state.webhooks.set(first.id, { ...first, state: "disabled" });
  putWebhook(world.state, { id: "w1", group: "old", owner: "default" });
  putWebhook(world.state, { id: "w2", group: "theirs", owner: "others" });
  putWebhook(world.state, { id: "w3", group: "gamma" });
  world.files.set("subscriptions/b.yaml", files["subscriptions/b.yaml"]);
  world.files.set("subscriptions/c.yaml", manifest("gamma"));
  return world;
}

const failing: WorldOptions["intercept"] = (request, forward) =>
  request.method === "PUT"
    ? answer(422, { message: "no", errors: [{ field: "state", message: "no" }] })
    : forward();
const lost: WorldOptions["intercept"] = (request, forward) => {
  if (request.method === "POST" && request.url.endsWith("/webhooks")) {
    forward();
    brokenOff();
  }
  return forward();
};

test.each<[string, Omit<WorldOptions, "files" | "from">]>([
  ["a plan", { argv: "plan --output json" }],
  ["explained", { argv: "plan --explain --output json" }],
  [
    "held against a base",
    {
      argv: "plan --base main --prune --output json",
      revisions: { main: { "subscriptions/d.yaml": manifest("delta") } },
    },
  ],
  ["pruning", { argv: "plan --prune --output json" }],
  ["a sync", { argv: "--adopt --prune --output json" }],
  ["a sync that skips a group", { argv: "--output json" }],
  ["a refused write", { argv: "--output json", intercept: failing }],
  ["a lost answer", { argv: "--output json", intercept: lost }],
  ["a saved plan and its file", { argv: "plan --out plan.json --output json" }],
  ["no platform", { argv: "plan --output json", intercept: () => answer(403) }],
  ["no credentials", { argv: "plan --output json", environment: {} }],
  ["a wrong flag", { argv: "plan --output json --wat" }],
  ["no file to apply", { argv: "apply nothing.json --output json" }],
  ["no run to roll back", { argv: "rollback --run nothing --output json" }],
  ["a rollback", { argv: "rollback --last --output json" }],
  ["its dry run", { argv: "rollback --last --dry-run --output json" }],
  ["valid manifests", { argv: "validate --output json" }],
  ["invalid manifests", { argv: "validate reconcile.yaml --output json" }],
])("the JSON result is as schemas/result.v1.json says: %s", async (_, options) => {
  const { out } = await runWorld({ ...options, from: await everything() });
  expect(faultsIn("result", out)).toBeNull();
});

test.each([
  "",
  "--adopt --prune --allow-deletes --explain",
  "--prune --selector team=data",
  "--group alpha beta",
])("a saved plan is as schemas/plan.v1.json says: `%s`", async (flags) => {
  const from = await everything();
  const { world } = await runWorld({ argv: `plan --out plan.json ${flags}`, from });
  const hasPlan = world.files.paths().includes("/plan.json");
  expect(hasPlan).toBe(!flags.includes("--selector"));
  if (hasPlan) expect(faultsIn("plan", world.files.text("plan.json"))).toBeNull();
});

test("the results of an apply and of its refusal are as schemas/result.v1.json says", async () => {
  const from = await everything();
  await runWorld({ argv: "plan --out plan.json", from });
  const first = await runWorld({ argv: "apply plan.json --output json", from });
  const second = await runWorld({ argv: "apply plan.json --output json", from });
  for (const { out } of [first, second]) expect(faultsIn("result", out)).toBeNull();
});

/** What the schema finds wrong with the trail's lines. */
function faultsOfTrail({
  files: { text },
}: {
  readonly files: { text: (path: string) => string };
}): unknown[] {
  const lines = text(trailPath).split("\n").filter(Boolean);
  expect(lines.length).toBeGreaterThan(0);
  return lines.map((line) => faultsIn("audit-record", line)).filter(Boolean);
}

test.each<[string, Omit<WorldOptions, "files" | "from">]>([
  ["a sync that skips a group", { argv: "" }],
  ["a sync that adopts and prunes", { argv: "--adopt --prune --allow-deletes" }],
  ["a refused write", { argv: "", intercept: failing }],
  ["a lost answer", { argv: "", intercept: lost }],
  ["a rollback", { argv: "rollback --last --force" }],
  ["invalid manifests", { argv: "reconcile.yaml" }],
])("each record of the trail is as schemas/audit-record.v1.json says: %s", async (_, options) => {
  const { world } = await runWorld({ ...options, from: await everything() });
  expect(faultsOfTrail(world)).toEqual([]);
});

test.each(kinds)("each record of $nouns is as schemas/audit-record.v1.json says", async (kind) => {
  const start = {
    "subscriptions/a.yaml": manifest("alpha", { kind }),
    "subscriptions/b.yaml": manifest("beta", { kind }),
  };
  const { world } = await runWorld({ argv: "", files: start });
  world.files.set(
    "subscriptions/a.yaml",
    manifest("alpha", { kind, eventTypes: kind.eventTypes.slice(1) }),
  );
  await runWorld({ argv: "", from: world });
  world.files.take("subscriptions/b.yaml");
  await runWorld({ argv: "--prune --allow-deletes", from: world });
  const written = trailOf(world.files).flatMap(({ event, operation }) =>
    event === "change.applied" ? [operation] : [],
  );
  expect(new Set(written)).toContain("create");
  expect(new Set(written)).toContain("delete");
  expect(faultsOfTrail(world)).toEqual([]);
});

test.each([
  ["error is missing", { error: undefined }, ""],
  ["an event has another name", { event: "change.forgotten" }, "/event"],
  ["a trigger is empty", { after: { ...makeDocument(), trigger: {} } }, "/after/trigger"],
  ["a hash is cut", { prevHash: "00" }, "/prevHash"],
])("a record in which %s is not as schemas/audit-record.v1.json says", async (_, change, where) => {
  const [record] = await appendAll(makeMemoryFiles(), [makeEntry()]);
  expect(faultsIn("audit-record", JSON.stringify(record))).toBeNull();
  const changed = JSON.stringify({ ...record, ...change });
  const faults = faultsIn("audit-record", changed);
  expect(faults).toEqual(expect.arrayContaining([expect.objectContaining({ instancePath: where })]));
});

test("a record from before `attempted` was there is as schemas/audit-record.v1.json says", async () => {
  const [record] = await appendAll(makeMemoryFiles(), [makeEntry()]);
  const older = JSON.stringify({ ...record, attempted: undefined });
  expect(faultsIn("audit-record", older)).toBeNull();
});

test("what is not as they say is found", async () => {
  const { out } = await runWorld({ argv: "plan --output json", from: await everything() });
  const result = JSON.parse(out) as { operations: object[] };
  const more = JSON.stringify({ ...result, more: 1 });
  expect(faultsIn("result", more)).toMatchObject([{ params: { additionalProperty: "more" } }]);
  const { operations } = result;
  const other = JSON.stringify({
    ...result,
    operations: operations.map((step) => ({ ...step, status: "done" })),
  });
  expect(faultsIn("result", other)).toMatchObject([{ instancePath: "/operations/0/status" }]);
});

test("of all that is written there is a schema", () => {
  expect([...published.keys()].toSorted()).toEqual(schemaNames.map((name) => `${name}.v1.json`).toSorted());
});

describe.each(schemaNames)("%s", (name) => {
  test("is made from src/model/schema/; else run `npm run schemas`", () => {
    expect(publishedText(name), "run `npm run schemas`").toBe(published.get(`${name}.v1.json`));
  });

  test("every key is described", () => {
    const silent: string[] = [];
    const visit = (schema: unknown, path: string): void => {
      if (typeof schema !== "object" || schema === null) return;
      const { properties = {} } = schema as { properties?: object };
      for (const [key, child] of Object.entries(properties) as [string, AnySchemaObject][])
        if (typeof child["description"] !== "string" && typeof child["$ref"] !== "string")
          silent.push(`${path}/${key}`);
      for (const [key, child] of Object.entries(schema)) visit(child, `${path}/${key}`);
    };
    visit(publishedSchema(name), "");
    expect(silent).toEqual([]);
  });
});
