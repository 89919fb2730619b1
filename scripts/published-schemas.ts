// Makes those schemas/*.v1.json that describe reconcile's own output, from src/model/schema/; they are never written
// by hand.
import { format } from "prettier";
import type { TObject, TObjectOptions } from "typebox";
import { publishedAuditRecord } from "../src/model/schema/audit-record.ts";
import { result } from "../src/model/schema/result.ts";
import { savedPlan } from "../src/model/schema/saved-plan.ts";

/** Returns the schemas' texts by their file names. */
export async function makePublishedSchemas(): Promise<ReadonlyMap<string, string>> {
  const schemas = {
    // A program that applies a plan must understand its every key. Later versions may add keys to the other documents.
    "plan.v1.json": publish(savedPlan, { additionalProperties: false }),
    "result.v1.json": publish(result),
    "audit-record.v1.json": publish(publishedAuditRecord),
  };
  const texts = Object.entries(schemas).map(async ([name, schema]) => {
    const text = await format(JSON.stringify(schema, null, 2), { parser: "json", printWidth: 108 });
    return [name, text] as const;
  });
  return new Map(await Promise.all(texts));
}

interface Named {
  readonly $id: string;
}

/** An inner schema with an `$id` is written once, under `$defs`, and referred to. `more` is added to every object. */
function publish(schema: TObject, more: object = {}) {
  const { $id, title, description, ...rest } = schema as TObject & TObjectOptions;
  const named = new Map<string, { readonly source: Named; readonly published: unknown }>();
  const body = publishKeys(rest);
  const $defs = Object.fromEntries([...named].map(([name, { published }]) => [name, published]));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id,
    title,
    description,
    ...body,
    $defs,
  };

  function publishKeys(schema: object): object {
    const keys = Object.entries(schema).map(([key, value]: [string, unknown]) => [
      key,
      key === "$ref" ? pointTo(value as Named) : publishValue(value),
    ]);
    const published = Object.fromEntries(keys) as object;
    const words = "description" in schema ? { description: schema.description } : {};
    return { ...words, ...published, ...("properties" in schema && more) };
  }

  function publishValue(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(publishValue);
    if (typeof value !== "object" || value === null) return value;
    return "$id" in value ? { $ref: pointTo(value as Named) } : publishKeys(value);
  }

  function pointTo(source: Named): string {
    const { $id: name, ...keys } = source;
    const first = named.get(name) ?? { source, published: publishKeys(keys) };
    if (first.source !== source) throw new Error(`two schemas are called ${name}`);
    named.set(name, first);
    return `#/$defs/${name}`;
  }
}
