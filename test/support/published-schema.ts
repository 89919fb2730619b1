// Validates printed and saved texts against the published schemas.
import { readFileSync } from "node:fs";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";

export const schemaNames = ["result", "plan", "audit-record"] as const;
type SchemaName = (typeof schemaNames)[number];

export function publishedText(name: SchemaName): string {
  return readFileSync(new URL(`../../schemas/${name}.v1.json`, import.meta.url), "utf8");
}

export function publishedSchema(name: SchemaName): AnySchemaObject {
  return JSON.parse(publishedText(name)) as AnySchemaObject;
}

const validators = new Map(
  schemaNames.map((name) => [
    name,
    new Ajv2020({ allowUnionTypes: true }).compile(closed(publishedSchema(name)) as AnySchemaObject),
  ]),
);

/** Closes every object: later versions may add keys, but this one must print none that its schema does not describe. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, closed(child)]);
  const more = "properties" in value ? { additionalProperties: false } : {};
  return { ...Object.fromEntries(entries), ...more };
}

/** Returns null if the text is valid by `schemas/NAME.v1.json`. */
export function faultsIn(name: SchemaName, text: string): unknown {
  const validate = validators.get(name);
  return validate?.(JSON.parse(text)) === true ? null : (validate?.errors ?? "no schema");
}
