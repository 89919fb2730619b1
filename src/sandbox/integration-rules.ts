// The rules for a valid configuration of an EventBridge integration.
import type { SandboxQuirks } from "./quirks.ts";
import { isObject, type JsonObject } from "./webhook-rules.ts";

export interface ConfigurationFields {
  readonly name: string;
  readonly notes: string;
  readonly properties: Properties;
}

interface Properties {
  readonly awsAccountId?: string;
  readonly awsAccountRegion?: string;
  readonly eventSourceSuffix?: string;
  readonly eventFilter?: readonly string[];
}

export interface StoredIntegration {
  readonly id: string;
  readonly name: string;
  readonly intendedState: "ENABLED" | "DISABLED" | "DELETED";
  /** When `intendedState` was last set. */
  readonly intendedAtMs: number;
  readonly config: ConfigurationFields & { readonly version: number };
}

/** The documented limit. */
const maxSuffixLength = 64;

const rules: readonly (readonly [
  key: keyof Properties,
  isRight: (value: unknown) => boolean,
  what: string,
])[] = [
  ["awsAccountId", (value) => isText(value, /^\d{12}$/), "must be 12 digits"],
  ["awsAccountRegion", (value) => isText(value, /^[a-z]{2,4}(?:-[a-z]+)+-\d$/), "must be an AWS region"],
  [
    "eventSourceSuffix",
    (value) => isText(value, /^[A-Za-z0-9._-]+$/) && value.length <= maxSuffixLength,
    `must be 1 to ${maxSuffixLength} letters, digits and . _ -`,
  ],
  [
    "eventFilter",
    (value) => Array.isArray(value) && value.every((topic) => isText(topic, /^v2\.\S+$/)),
    "must be a list of topics",
  ],
];

/** `before` is the stored configuration. */
export function parseConfiguration(
  body: JsonObject,
  before: ConfigurationFields,
  { fixesSources = false }: Pick<SandboxQuirks, "fixesSources"> = {},
):
  | { readonly ok: true; readonly fields: ConfigurationFields }
  | { readonly ok: false; readonly problem: string } {
  const { name = before.name, notes = "", properties = {} } = body;
  if (typeof name !== "string" || name === "") return { ok: false, problem: "name must be text" };
  if (typeof notes !== "string") return { ok: false, problem: "notes must be text" };
  if (!isObject(properties)) return { ok: false, problem: "properties must be an object" };
  const broken = rules.find(([key, isRight]) => properties[key] !== undefined && !isRight(properties[key]));
  if (broken) return { ok: false, problem: `properties.${broken[0]} ${broken[2]}` };
  const changed = fixed.find(
    (key) => before.properties[key] !== undefined && before.properties[key] !== properties[key],
  );
  if (changed !== undefined && fixesSources)
    return { ok: false, problem: `properties.${changed} cannot be changed` };
  const kept = Object.fromEntries(
    rules.flatMap(([key]) => (properties[key] === undefined ? [] : [[key, properties[key]]])),
  ) as Properties;
  return { ok: true, fields: { name, notes, properties: kept } };
}

const fixed = ["awsAccountId", "awsAccountRegion", "eventSourceSuffix"] as const;

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === "string" && form.test(value);
}
