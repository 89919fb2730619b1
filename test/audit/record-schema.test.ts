// schemas/audit-record.v1.json, the types and what the readers of a trail believe are one: none says more than another.
import { readFileSync } from "node:fs";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findRecordFault } from "../../src/audit/parse-record.ts";
import type { AuditEvent, AuditRecord, AuditSource, Metrics } from "../../src/model/audit-record.ts";
import type { Action, PatchStep } from "../../src/model/plan.ts";
import type { MatchCriterion, RetryPolicy, TriggerOptions } from "../../src/model/subscription.ts";
import type { WebhookDocument } from "../../src/model/webhook.ts";
import { kinds } from "../support/kinds.ts";
import { oddities, spoil } from "../support/odd-json.ts";
import { brokenOff, manifest, runWorld, type TestWorld } from "../support/world.ts";

const schema = JSON.parse(
  readFileSync(new URL("../../schemas/audit-record.v1.json", import.meta.url), "utf8"),
) as AnySchemaObject;

const ajv = new Ajv2020({ allowUnionTypes: true, strictRequired: false });
const isValid = ajv.compile(schema);

/** Later versions may add keys; this one writes none that is not described. */
const isDescribed = new Ajv2020({ allowUnionTypes: true, strictRequired: false }).compile(
  closed({ ...schema, $id: "closed" }) as AnySchemaObject,
);

function closed(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => closed(item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, closed(child, key)]);
  // A condition names only the keys that it is about.
  const isWhole = "properties" in value && "required" in value && !["if", "then", "else"].includes(name);
  return { ...Object.fromEntries(entries), ...(isWhole ? { additionalProperties: false } : {}) };
}

function recordsIn({ files }: TestWorld): readonly object[] {
  const lines = files.text("audit-logs/subscription_audit.log").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as object);
}

/** Runs of every event: made, changed, refused, failed, recovered, adopted, deleted, taken back. */
async function runsOf(kind: (typeof kinds)[number]): Promise<readonly object[]> {
  const tail = kind.hasTriggerOptions
    ? "  trigger: { matchCriteria: [{ jsonPath: a, operator: In, values: [x] }], eventTTLSeconds: 60 }"
    : "";
  const of = (group: string, count = 1) =>
    manifest(group, { kind, eventTypes: kind.eventTypes.slice(0, count), tail });
  const { world } = await runWorld({
    argv: "",
    files: { "subscriptions/a.yaml": of("alpha") },
    commit: "1".repeat(40),
  });
  let isLost = false;
  world.files.set("subscriptions/a.yaml", of("alpha", 2));
  world.files.set("subscriptions/b.yaml", of("beta"));
  await runWorld({
    argv: "",
    from: world,
    intercept: (request, forward) => {
      const answer = forward();
      const isWrite = request.method !== "GET" && !request.url.includes("oauth");
      if (isLost || !isWrite) return answer;
      isLost = true;
      return brokenOff();
    },
  });
  const [description, endpoint] = ["Consumer group: gamma", kind.endpointOf("gamma")];
  kind.put(world.state, {
    id: "by-hand",
    name: "g",
    endpoint,
    eventTypes: kind.eventTypes.slice(0, 1),
    description,
  });
  world.files.set("subscriptions/c.yaml", of("gamma"));
  world.files.take("subscriptions/b.yaml");
  await runWorld({ argv: "--adopt --prune --allow-deletes", from: world });
  await runWorld({ argv: "rollback --last --allow-deletes", from: world });
  world.files.set("subscriptions/c.yaml", "a: [");
  await runWorld({ argv: "", from: world });
  return recordsIn(world);
}

describe.each(kinds)("of $nouns", (kind) => {
  test("every record of a run is as the schema says, and has no key that it leaves out", async () => {
    const records = await runsOf(kind);
    const events = new Set(records.map((record) => (record as AuditRecord).event));
    expect(events.size).toBeGreaterThan(4);
    for (const record of records)
      expect([isValid(record), isDescribed(record), isDescribed.errors]).toEqual([true, true, null]);
  });

  test("whatever stands in a field, the schema and the readers take it or refuse it alike", async () => {
    const records = await runsOf(kind);
    const property = fc.property(fc.constantFrom(...records), oddities, (record, oddity) => {
      const odd = spoil(record, oddity) as AuditRecord;
      expect([isValid(odd), findRecordFault(odd)]).toEqual(
        isValid(odd) ? [true, null] : [false, expect.any(String)],
      );
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

/** The compiler holds each of these lists to its type: a key that is missing here, or too many, does not compile. */
const keysOf = <T>(keys: Readonly<Record<keyof Required<T>, true>>): string[] => Object.keys(keys).sort();
const yes = true;
const described: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "a record",
    "",
    keysOf<AuditRecord>({
      ...{ seq: yes, timestamp: yes, runId: yes, environment: yes, event: yes, operation: yes, group: yes },
      ...{
        endpoint: yes,
        webhookId: yes,
        before: yes,
        after: yes,
        patch: yes,
        success: yes,
        latencyMs: yes,
      },
      ...{
        error: yes,
        metrics: yes,
        actor: yes,
        source: yes,
        intent: yes,
        rollbackOf: yes,
        attempted: yes,
      },
      ...{ prevHash: yes, hash: yes },
    }),
  ],
  [
    "a document",
    "document",
    keysOf<WebhookDocument>({
      ...{
        name: yes,
        endpoint: yes,
        eventTypes: yes,
        retryPolicy: yes,
        state: yes,
        description: yes,
        trigger: yes,
      },
    }),
  ],
  [
    "a retry policy",
    "retryPolicy",
    keysOf<RetryPolicy>({ retryCount: yes, retryInterval: yes, retryOnTimeout: yes }),
  ],
  [
    "a trigger",
    "trigger",
    keysOf<TriggerOptions>({ matchCriteria: yes, eventTTLSeconds: yes, delayBySeconds: yes }),
  ],
  [
    "a criterion",
    "matchCriterion",
    keysOf<MatchCriterion>({ jsonPath: yes, operator: yes, value: yes, values: yes }),
  ],
  ["a step", "patchStep", keysOf<PatchStep>({ op: yes, path: yes, from: yes, value: yes })],
  ["a source", "source", keysOf<AuditSource>({ file: yes, line: yes, commit: yes })],
  [
    "the figures",
    "metrics",
    keysOf<Metrics>({
      ...{
        totalAttempts: yes,
        successfulRegistrations: yes,
        failedRegistrations: yes,
        validationFailures: yes,
      },
      ...{ rebalanceTriggers: yes, averageLatency: yes, successRate: yes },
    }),
  ],
];

interface Described {
  readonly properties: Readonly<Record<string, AnySchemaObject>>;
  readonly $defs: Readonly<Record<string, Described>>;
}

test.each(described)("%s has the keys of its type, each with its description", (_, name, keys) => {
  const root = schema as unknown as Described;
  const { properties } = name === "" ? root : (root.$defs[name] ?? root);
  expect(Object.keys(properties).sort()).toEqual(keys);
  for (const [key, value] of Object.entries(properties))
    expect([key, typeof value["description"]]).toEqual([key, "string"]);
});

test("events and operations are those of the types", () => {
  const { properties } = schema as unknown as Described;
  const events: Readonly<Record<AuditEvent, true>> = {
    ...{ "run.started": yes, "validation.failed": yes, "run.finished": yes, "change.intended": yes },
    ...{ "change.applied": yes, "change.failed": yes, "change.recovered": yes },
  };
  const operations: Readonly<Record<Action, true>> = { create: yes, update: yes, delete: yes, adopt: yes };
  expect((properties["event"]?.["enum"] as string[]).toSorted()).toEqual(Object.keys(events).sort());
  expect(properties["operation"]?.["enum"]).toEqual([...Object.keys(operations), null]);
});
