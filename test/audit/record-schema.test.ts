// schemas/audit-record.v1.json and what the readers of a trail believe: no reader takes what the schema refuses.
import { readFileSync } from "node:fs";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findRecordFault } from "../../src/audit/parse-record.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { invariant } from "../../src/model/errors.ts";
import {
  auditSource,
  metrics as metricsSchema,
  publishedAuditRecord,
} from "../../src/model/schema/audit-record.ts";
import { patchStep } from "../../src/model/schema/operation.ts";
import { kinds } from "../support/kinds.ts";
import { oddities, spoil } from "../support/odd-json.ts";
import { brokenOff, manifest, runWorld, type TestWorld } from "../support/world.ts";

const schema = JSON.parse(
  readFileSync(new URL("../../schemas/audit-record.v1.json", import.meta.url), "utf8"),
) as AnySchemaObject;

const ajv = new Ajv2020({ allowUnionTypes: true, strictRequired: false });
const isValid = ajv.compile(schema);

function recordsIn({ files }: TestWorld): readonly AuditRecord[] {
  const lines = files.text("audit-logs/subscription_audit.log").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as AuditRecord);
}

/** Runs of every event: made, changed, refused, failed, recovered, adopted, deleted, taken back. */
async function runsOf(kind: (typeof kinds)[number]): Promise<readonly AuditRecord[]> {
  const tail =
    kind.options?.key === "trigger"
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

/** Returns the keys that the readers look up in a record, such as `metrics.successRate`. */
function keysRead(record: AuditRecord): ReadonlySet<string> {
  const keys = new Set<string>();
  const watch = <T extends object>(value: T, path: string): T =>
    new Proxy(value, {
      getOwnPropertyDescriptor: (target, key) => {
        keys.add(`${path}${String(key)}`);
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
    });
  const { source, metrics, patch } = record;
  const watched = {
    ...record,
    source: source && watch(source, "source."),
    metrics: watch(metrics, "metrics."),
    patch: patch?.map((step) => watch(step, "patch.")),
  };
  expect(findRecordFault(watch(watched, ""))).toBe(null);
  return keys;
}

test("the schema and the readers have the same keys", async () => {
  const [kind] = kinds;
  const records = kind ? await runsOf(kind) : [];
  const record = records.find(({ source, patch, after }) => source && patch && patch.length > 0 && after);
  invariant(record, "a run records a change with its manifest and its patch");
  const keysOf = ({ properties }: { readonly properties: object }, path = ""): string[] =>
    Object.keys(properties).map((key) => `${path}${key}`);
  expect([...keysRead(record)].sort()).toEqual(
    [
      ...keysOf(publishedAuditRecord),
      ...keysOf(auditSource, "source."),
      ...keysOf(metricsSchema, "metrics."),
      ...keysOf(patchStep, "patch."),
    ].sort(),
  );
});

describe.each(kinds)("of $nouns", (kind) => {
  test("every record of a run is one to the schema and to the readers", async () => {
    const records = await runsOf(kind);
    expect(new Set(records.map(({ event }) => event)).size).toBeGreaterThan(4);
    for (const record of records) expect([isValid(record), findRecordFault(record)]).toEqual([true, null]);
  });

  test("whatever stands in a field, the readers believe nothing that the schema refuses", async () => {
    const records = await runsOf(kind);
    let refused = 0;
    const property = fc.property(fc.constantFrom(...records), oddities, (record, oddity) => {
      const odd = spoil(record, oddity);
      if (isValid(odd)) return;
      refused += 1;
      expect(findRecordFault(odd)).toEqual(expect.any(String));
    });
    fc.assert(property, { numRuns: 2_000 });
    expect(refused).toBeGreaterThan(500);
  });
});
