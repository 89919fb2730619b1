// The forms in which a resource may be listed that nobody has ever seen: each field of the SDK's definitions absent, null, of
// another type or with an unknown value.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { eventBridge } from "../../src/kinds/eventbridge/kind.ts";
import { trigger } from "../../src/kinds/trigger/kind.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import type { Kind } from "../../src/model/kind.ts";
import type { TestKind } from "../support/kinds.ts";

const definitions = readFileSync(
  createRequire(import.meta.url)
    .resolve("purecloud-platform-client-v2/package.json")
    .replace(/package\.json$/, "index.d.ts"),
  "utf8",
);

/** Returns the names of a definition's fields. */
function fieldsOf(definition: string): readonly string[] {
  const body = definitions.split(`export interface ${definition} { \n`)[1]?.split("\n\t}")[0] ?? "";
  const names = [...body.matchAll(/^\t\t"([^"]+)"\??:/gm)].map(([, name]) => name ?? "");
  if (names.length === 0) throw new Error(`the SDK has no definition of ${definition}`);
  return names;
}

type Path = readonly string[];

const below = (path: Path, names: readonly string[]): readonly Path[] =>
  names.map((name) => [...path, name]);

/** The fields of each kind. The SDK has no definition of webhooks: theirs are those of the contract. */
const fields: ReadonlyMap<Kind, readonly Path[]> = new Map([
  [
    webhook,
    [
      ...below(
        [],
        ["id", "name", "endpoint", "eventTypes", "retryPolicy", "state", "description", "links"],
      ),
      ...below(["retryPolicy"], ["retryCount", "retryInterval", "retryOnTimeout"]),
      ["eventTypes", "0"],
    ],
  ],
  [
    eventBridge,
    [
      ...below([], fieldsOf("Integration")),
      ...below(["integrationType"], fieldsOf("IntegrationType")),
      ...below(["config"], fieldsOf("IntegrationConfigurationInfo")),
      ...below(["config", "current"], fieldsOf("IntegrationConfiguration")),
      ...below(
        ["config", "current", "properties"],
        ["awsAccountId", "awsAccountRegion", "eventSourceSuffix", "eventFilter"],
      ),
      ...below(["reportedState"], fieldsOf("IntegrationStatusInfo")),
      ...below(["reportedState", "detail"], fieldsOf("MessageInfo")),
    ],
  ],
  [
    trigger,
    [
      ...below([], fieldsOf("Trigger")),
      ...below(["target"], fieldsOf("TriggerTarget")),
      ...below(["target", "workflowTargetSettings"], fieldsOf("WorkflowTargetSettings")),
      ...below(["matchCriteria", "0"], fieldsOf("MatchCriteria")),
    ],
  ],
]);

const values: readonly (readonly [what: string, value: unknown])[] = [
  ["absent", undefined],
  ["null", null],
  ["a number", 7],
  ["an unknown word", "QUITE-NEW"],
  ["a list", ["x"]],
  ["an object", { x: 1 }],
];

export interface OddForm {
  /** Such as `config.current.notes: a number`. */
  readonly name: string;
  readonly path: Path;
  readonly value: unknown;
}

/** Whole entities that are none, and fields that nobody knows. */
const wholes: readonly OddForm[] = [
  ...[null, 7, "x", [], {}].map((value) => ({ name: `it is ${JSON.stringify(value)}`, path: [], value })),
  { name: "an unknown field", path: ["quiteNew"], value: { deep: [{ er: null }] } },
];

export function oddFormsOf({ kind }: TestKind): readonly OddForm[] {
  const ofFields = (fields.get(kind) ?? []).flatMap((path) =>
    values.map(([what, value]) => ({ name: `${path.join(".")}: ${what}`, path, value })),
  );
  return [...ofFields, ...wholes];
}

/** Returns a copy of the entity in that form. */
export function inForm(entity: unknown, { path, value }: OddForm): unknown {
  if (path.length === 0) return value;
  const copy = structuredClone(entity) as Record<string, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    at[key] = typeof next === "object" && next !== null ? next : {};
    at = at[key] as Record<string, unknown>;
  }
  const last = path.at(-1) ?? "";
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return copy;
}
