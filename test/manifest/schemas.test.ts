// The published schemas and what the program knows beside them say the same.
import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { makeDefaultConfig } from "../../src/manifest/config.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { configFormat, subscriptionFormat } from "../../src/manifest/expectations.ts";
import { optionsOf } from "../../src/model/kind.ts";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { manifest } from "../support/world.ts";

interface Schema {
  readonly $id?: string;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}

const schemas = {
  WebhookSubscription: readSchema("webhook-subscription.v1.json"),
  ReconcileConfig: readSchema("reconcile-config.v1.json"),
};

function readSchema(name: string): Schema {
  return JSON.parse(readFileSync(new URL(`../../schemas/${name}`, import.meta.url), "utf8")) as Schema;
}

/** Every schema inside one, by the JSON pointer of what it describes. */
function walk(schema: Schema, pointer = ""): [string, Schema][] {
  const below = Object.entries(schema.properties ?? {}).map(([key, child]) => [key, child] as const);
  const rest = schema.additionalProperties;
  const items = [schema.items, typeof rest === "object" ? rest : undefined].flatMap((child) => child ?? []);
  return [
    [pointer, schema],
    ...below.flatMap(([key, child]) => walk(child, `${pointer}/${key}`)),
    ...items.flatMap((child) => walk(child, `${pointer}/*`)),
  ];
}

test("an editor takes endpoints of every kind and placeholders, and no others", () => {
  const schemes = [...new Set(builtInKinds.all.map(({ scheme }) => scheme.slice(0, -1)))];
  const endpoints = walk(schemas.WebhookSubscription).filter(([pointer]) =>
    subscriptionFormat(builtInKinds).judgedByRules.has(pointer),
  );
  const patterns = endpoints
    .filter(([pointer]) => pointer.includes("endpoint"))
    .map(([, found]) => found.pattern);
  expect(patterns).toEqual(Array.from({ length: 3 }, () => `^(${schemes.join("|")}):|\\$\\{`));
});

test("what a kind means by default is what the schema fills in", () => {
  const spec = schemas.WebhookSubscription.properties?.["spec"]?.properties ?? {};
  for (const { key, defaults } of optionsOf(builtInKinds, null)) {
    const filled = Object.entries(spec[key]?.properties ?? {}).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    expect(defaults).toMatchObject(Object.fromEntries(filled));
  }
});

describe.each(Object.entries(schemas))("%s", (kind, schema) => {
  test("the words for its values name exactly the schema's values", () => {
    const format = [configFormat, subscriptionFormat(builtInKinds)].find((one) => one.kind === kind);
    const known = Object.keys(format?.expectations ?? {});
    expect(known.toSorted()).toEqual(
      walk(schema)
        .map(([pointer]) => pointer)
        .toSorted(),
    );
  });

  test("no map takes unknown keys, but for the user's own texts", () => {
    const open = walk(schema).filter(
      ([, found]) => found.properties !== undefined && found.additionalProperties !== false,
    );
    expect(open).toEqual([]);
  });

  test("every key is described to editors", () => {
    const silent = walk(schema).filter(
      ([pointer, found]) => !pointer.endsWith("*") && found.description === undefined,
    );
    expect(silent).toEqual([]);
  });

  test("its examples are valid, by a validator that is not ours", () => {
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
    expect(schema.examples?.map((example) => [validate(example), validate.errors])).toEqual([[true, null]]);
  });

  test("each value that is not one of a few shows an example, and each example and default is valid by itself", () => {
    const leaves = walk(schema).filter(
      ([pointer, found]) => pointer !== "" && found.properties === undefined,
    );
    const isFree = ({ type, const: only, enum: few }: Schema) =>
      type !== "boolean" && only === undefined && few === undefined;
    const silent = leaves.filter(
      ([pointer, found]) => !pointer.endsWith("*") && isFree(found) && !found.examples,
    );
    expect(silent.map(([pointer]) => pointer)).toEqual([]);
    const wrong = walk(schema).flatMap(([pointer, found]) => {
      const validate = new Ajv2020({ allowUnionTypes: true }).compile({ ...found, $id: pointer });
      const shown = [...(found.examples ?? []), ...("default" in found ? [found.default] : [])];
      return shown.filter((value) => !validate(value)).map((value) => [pointer, value]);
    });
    expect(wrong).toEqual([]);
  });
});

/** What the schema says holds where nothing is given. */
function defaultsOf(schema: Schema | undefined): Readonly<Record<string, unknown>> {
  const keys = Object.entries(schema?.properties ?? {}).filter(([, child]) => "default" in child);
  return Object.fromEntries(
    keys.map(([key, child]) => [key, child.properties === undefined ? child.default : defaultsOf(child)]),
  );
}

test("what a config leaves out is as its schema says", () => {
  const config = makeDefaultConfig("reconcile.yaml");
  expect(config).toMatchObject(defaultsOf(schemas.ReconcileConfig));
  expect(Object.keys(defaultsOf(schemas.ReconcileConfig)).length).toBeGreaterThan(8);
});

test("what a manifest leaves out is as its schema says", () => {
  const file = { file: "a.yaml", text: manifest("alpha") };
  const { policy, limits } = makeDefaultConfig("reconcile.yaml");
  const made = makeSubscriptions([file], {
    policy,
    limits,
    allowedEndpointHosts: [],
    catalog: null,
    kinds: builtInKinds,
    values: {},
  });
  const [subscription] = made.ok ? made.value.subscriptions : [];
  const { metadata, spec } = schemas.WebhookSubscription.properties ?? {};
  const { rebalance, ...others } = defaultsOf(spec);
  expect(subscription).toMatchObject({ ...others, ...defaultsOf(metadata) });
  expect({ mode: subscription?.rebalanceMode }).toEqual(rebalance);
  expect(subscription?.offsetTracking).toMatchObject(defaultsOf(spec?.properties?.["offsetTracking"]));
});

test.each(readdirSync(new URL("../../schemas", import.meta.url)))("%s describes every key", (name) => {
  const silent: string[] = [];
  const look = (node: unknown, pointer: string): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, child] of Object.entries(node) as [string, Schema & { $ref?: string }][]) {
      // Values of the user's, which may be called `properties` too.
      if (["examples", "default", "const", "enum"].includes(key)) continue;
      const isProperty = pointer.endsWith("/properties") && typeof child === "object";
      if (isProperty && child.description === undefined && child.$ref === undefined)
        silent.push(`${pointer}/${key}`);
      look(child, `${pointer}/${key}`);
    }
  };
  look(readSchema(name), "");
  expect(silent).toEqual([]);
});
