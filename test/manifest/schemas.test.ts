// The published schemas and what the program knows beside them say the same.
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { expectations } from "../../src/manifest/expectations.ts";

interface Schema {
  readonly $id?: string;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly examples?: readonly unknown[];
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

describe.each(Object.entries(schemas))("%s", (kind, schema) => {
  test("the words for its values name exactly the schema's values", () => {
    const known = Object.keys(expectations[kind as keyof typeof expectations]);
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
});
