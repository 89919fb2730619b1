import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyMetrics } from "../../src/audit/metrics.ts";
import { checkRecord, findSeal, genesis, genesisHash, sealRecord } from "../../src/audit/record.ts";
import { formatRecord } from "../support/format-record.ts";
import { findRecord } from "../../src/audit/parse-record.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { makeEntry, run } from "./samples.ts";

const content: Omit<AuditRecord, "hash"> = {
  prevHash: genesisHash,
  metrics: emptyMetrics,
  seq: 1,
  timestamp: "2026-01-02T03:04:05.006Z",
  ...run,
  ...makeEntry(),
};

const contractKeys =
  "seq, timestamp, runId, environment, event, operation, group, endpoint, webhookId, before, after, patch, " +
  "success, latencyMs, error, metrics, actor, source, intent, attempted, prevHash, hash";

function lineOf(record: AuditRecord): string {
  return formatRecord(record).slice(0, -1);
}

test("a line has the contract's keys in the contract's order, whatever the order it was built in", () => {
  const line = sealRecord(content).line;
  expect(Object.keys(JSON.parse(line) as object).join(", ")).toBe(contractKeys);
  expect(line.endsWith("}\n")).toBe(true);
});

test("the hash is SHA-256 over the canonical JSON of the record without it", () => {
  const canonical =
    '{"actor":"ada@host","after":{"description":"Consumer group: g | Managed by: reconcile (default)",' +
    '"endpoint":"https://a.example.com/x","eventTypes":["routing.queue.conversation.created"],' +
    '"name":"g-1a2b3c4d","retryPolicy":{"retryCount":3,"retryInterval":"PT1M","retryOnTimeout":true},' +
    '"state":"enabled"},"attempted":null,"before":null,"endpoint":"https://a.example.com/x","environment":"sandbox",' +
    '"error":null,"event":"change.intended","group":"g","intent":null,"latencyMs":null,"metrics":{"averageLatency":0,' +
    '"failedRegistrations":0,"rebalanceTriggers":0,"successRate":100,"successfulRegistrations":0,' +
    '"totalAttempts":0,"validationFailures":0},"operation":"create","patch":[],"prevHash":"' +
    `${"0".repeat(64)}","runId":"run-1","seq":1,"source":{"commit":null,"file":"subscriptions/a.yaml",` +
    '"line":1},"success":null,"timestamp":"2026-01-02T03:04:05.006Z","webhookId":null}';
  expect(sealRecord(content).record.hash).toBe(createHash("sha256").update(canonical).digest("hex"));
  expect(sealRecord(content, "k").record.hash).toBe(
    createHmac("sha256", "k").update(canonical).digest("hex"),
  );
});

test("any text survives: what is sealed is what is read back, and it verifies", () => {
  const anyText = fc.string({ unit: "binary" });
  const loneHalves = fc.string({ unit: fc.constantFrom("\ud83d", "\ude00", "\\", "u", "d83d", '"', "x") });
  fc.assert(
    fc.property(fc.oneof(anyText, loneHalves), (error) => {
      const { record, line: written } = sealRecord({ ...content, error });
      const line = lineOf(record);
      expect(written).toBe(formatRecord(record));
      expect(record.error).toBe(Buffer.from(error).toString());
      expect(findRecord(line)).toEqual(record);
      expect(checkRecord(line, genesis)).toEqual({ ok: true, record, seal: "unsigned" });
    }),
  );
});

test.each<[what: string, value: unknown]>([
  ["numbers that JSON does not have", { a: [Infinity, NaN] }],
  ["keys that differ in half a surrogate pair", { "\ud800": 1, "\ud801": 2 }],
  ["half a pair as a key beside the character that takes its place", { "\ufffd": 1, "\udc00": 2 }],
  ["keys that objects treat in another way", JSON.parse('{"b":1,"__proto__":{"x":1},"10":1,"9":2}')],
  ["fields without a value", { a: undefined, b: [undefined] }],
])("a record with %s is one that a reader gets back, and it verifies", (_, value) => {
  const { record, line } = sealRecord({ ...content, patch: [{ op: "add", path: "/x", value }] });
  expect(checkRecord(line.slice(0, -1), genesis)).toEqual({ ok: true, record, seal: "unsigned" });
  expect(JSON.stringify(findRecord(line))).toBe(JSON.stringify(record));
});

test("a seal is told apart by its key", () => {
  const { record: unsigned } = sealRecord(content);
  const { record: signed } = sealRecord(content, "k");
  expect([
    findSeal(unsigned),
    findSeal(unsigned, "k"),
    findSeal(signed, "k"),
    findSeal(signed),
    findSeal(signed, "other"),
    findSeal({ ...signed, group: "h" }, "k"),
  ]).toEqual(["unsigned", "unsigned", "signed", "broken", "broken", "broken"]);
});

test("a record that cannot be hashed at all is broken, not a crash", () => {
  const line = lineOf(sealRecord(content).record).replace('"error":null', '"error":"\\ud83d"');
  expect(checkRecord(line, genesis)).toEqual({
    ok: false,
    reason: "its hash does not match its content: it was changed, or it is signed, and no key is set",
    fault: "seal",
  });
});

const { record: sound } = sealRecord(content);
const refused: readonly (readonly [string, string, string])[] = [
  ["text that is no JSON", "not json", "it is not an audit record in JSON"],
  ["JSON that is no object", "17", "it is not an audit record in JSON"],
  ["null", "null", "it is not an audit record in JSON"],
  ["an object that is no record", '{"seq":1}', "it is not an audit record in JSON"],
  ["another number", lineOf(sealRecord({ ...content, seq: 3 }).record), "its seq is 3 where 1 is due"],
  [
    "a number that is none",
    lineOf({ ...sound, seq: "1" as unknown as number }),
    'its seq is "1" where 1 is due',
  ],
  [
    "another past",
    lineOf(sealRecord({ ...content, prevHash: "f".repeat(64) }).record),
    "its prevHash is not the hash of the record before it",
  ],
  [
    "another content",
    lineOf({ ...sound, group: "h" }),
    "its hash does not match its content: it was changed, or it is signed, and no key is set",
  ],
  [
    "another spelling",
    lineOf(sound).replace('"seq":1', '"seq": 1'),
    "its spelling was changed, though the hash of what it means still matches",
  ],
  [
    "a key that is there twice",
    lineOf(sound).replace('"group":"g"', '"group":"evil","group":"g"'),
    "its spelling was changed, though the hash of what it means still matches",
  ],
];

test.each(refused)("%s is refused", (_, line, reason) => {
  const fault = reason.startsWith("its hash does not match") ? { fault: "seal" } : {};
  expect(checkRecord(line, genesis)).toEqual({ ok: false, reason, ...fault });
});

test("with a key, a record under another key is refused", () => {
  expect(checkRecord(lineOf(sealRecord(content, "other").record), genesis, "k")).toEqual({
    ok: false,
    reason: "its hash does not match its content: it was changed, or it is signed with another key",
    fault: "seal",
  });
});
