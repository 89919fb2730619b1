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
  /** Kept only while the quirk `hiddenAfterPostMs` needs it. */
  readonly createdAtMs?: number;
  readonly config: ConfigurationFields & { readonly version: number };
}

/** The documented limit. */
const maxSuffixLength = 64;

const rules: readonly (readonly [
  key: keyof Properties,
  isRight: (value: unknown) => boolean,
  what: string,
])[] = [
  ["awsAccountId", isText, "must be text"],
  ["awsAccountRegion", isText, "must be text"],
  [
    "eventSourceSuffix",
    (value) => isText(value) && value.length <= maxSuffixLength,
    `must be text of at most ${maxSuffixLength} characters`,
  ],
  ["eventFilter", (value) => Array.isArray(value) && value.every(isText), "must be a list of topics"],
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

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
