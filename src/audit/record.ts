// The chain: seals each record to the one before it, and checks that.
import { canonicalJson, halfPair } from "../lib/canonical-json.ts";
import { hmacSha256Hex, sha256Hex } from "../lib/hash.ts";
import type { AuditRecord } from "../model/audit-record.ts";
import { decodeLine } from "./lines.ts";
import { findRecord, findRecordFault, type FoundRecord } from "./parse-record.ts";

export const genesisHash = "0".repeat(64);

/** An edited line may hold anything as its hash, and people pass the printed hash to other commands. */
export function isHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

/** The end of a chain, to which the next record is sealed. */
export interface Head {
  /** 0 before the first record. */
  readonly seq: number;
  readonly hash: string;
}

export const genesis: Head = { seq: 0, hash: genesisHash };

/**
 * Finds the number and the hash that a line states, whether or not they are right; null if it states none, so that no
 * record can follow it.
 */
export function findHead(line: Uint8Array): { readonly record: FoundRecord; readonly head: Head } | null {
  const record = findRecord(decodeLine(line) ?? "");
  const { seq, hash } = record ?? {};
  const isNumber = Number.isSafeInteger(seq) && Number(seq) > 0 && Number(seq) < Number.MAX_SAFE_INTEGER;
  return record && isNumber && isHash(hash) ? { record, head: { seq: Number(seq), hash } } : null;
}

/**
 * Returns the record with its hash: SHA-256 over its canonical JSON, or with a key an HMAC-SHA-256; and its line in the
 * trail, newline included. A reader of the trail gets back exactly this record.
 */
export function sealRecord(
  content: Omit<AuditRecord, "hash">,
  key?: string,
): { readonly record: AuditRecord; readonly line: string } {
  const found = JSON.stringify(inOrder(content));
  const whole = withWholePairs(found);
  const readable = JSON.parse(whole) as Omit<AuditRecord, "hash">;
  // Keys that differed in half a pair have become one.
  const json = whole === found ? found : JSON.stringify(readable);
  const hash = digest(readable, key);
  return { record: { ...readable, hash }, line: `${json.slice(0, -1)},"hash":"${hash}"}\n` };
}

export type Seal = "signed" | "unsigned" | "broken";

/** Which hash the record carries: the HMAC under `key`, the plain one, or neither. */
export function findSeal(record: FoundRecord, key?: string): Seal {
  const { hash, ...content } = record;
  try {
    if (key !== undefined && hash === digest(content, key)) return "signed";
    return hash === digest(content) ? "unsigned" : "broken";
  } catch {
    return "broken"; // The record holds a text or a nesting that reconcile never writes.
  }
}

export type Checked =
  | { readonly ok: true; readonly record: AuditRecord; readonly seal: "signed" | "unsigned" }
  | {
      readonly ok: false;
      readonly reason: string;
      /**
       * `seal`: the record's seq and prevHash are right, and only its hash is wrong. `content`: the chain is right, but a
       * field of the record is not valid.
       */
      readonly fault?: "seal" | "content";
    };

/** Checks whether the line (without its newline) is the record that follows `previous`; `reason` says why it is not. */
export function checkRecord(line: string, previous: Head, key?: string): Checked {
  const record = findRecord(line);
  if (!record) return { ok: false, reason: "it is not an audit record in JSON" };
  const dueSeq = previous.seq + 1;
  if (record.seq !== dueSeq) {
    return { ok: false, reason: `its seq is ${JSON.stringify(record.seq)} where ${dueSeq} is due` };
  }
  if (record.prevHash !== previous.hash) {
    return { ok: false, reason: "its prevHash is not the hash of the record before it" };
  }
  const seal = findSeal(record, key);
  if (seal === "broken") {
    const otherKey =
      key === undefined ? "it is signed, and no key is set" : "it is signed with another key";
    const reason = `its hash does not match its content: it was changed, or ${otherKey}`;
    return { ok: false, reason, fault: "seal" };
  }
  // The hash covers the meaning only. A second `after` before the real one, for example, shows only in the spelling.
  if (JSON.stringify(record) !== line) {
    return {
      ok: false,
      reason: "its spelling was changed, though the hash of what it means still matches",
    };
  }
  if (!isInOrder(record))
    return { ok: false, reason: "its keys are not in the order in which reconcile writes them" };
  const fault = findRecordFault(record);
  if (fault !== null) return { ok: false, reason: `its ${fault}`, fault: "content" };
  return { ok: true, record: record as unknown as AuditRecord, seal };
}

/** The keys of a record in the contract's order, which code that searches raw lines relies on. */
const sealedKeys: readonly (keyof AuditRecord)[] = [
  // These three stand side by side, so that a search of raw lines finds the records of one owner in one organisation.
  ...(["seq", "timestamp", "runId", "environment", "owner", "organization"] as const),
  ...(["event", "operation", "group", "endpoint"] as const),
  ...(["webhookId", "before", "after", "patch", "success", "latencyMs", "error", "metrics"] as const),
  ...(["actor", "source", "intent", "rollbackOf", "keptHealing", "attempted"] as const),
  ...(["carried", "platformTime", "provenance"] as const),
  ...(["accepted", "olderThan", "unsignedBefore", "continues", "archive", "claims", "prevHash"] as const),
];

const placeOfKey: ReadonlyMap<string, number> = new Map(
  [...sealedKeys, "hash"].map((key, index) => [key, index]),
);

/** Later versions may add keys, which may stand anywhere. */
function isInOrder(record: FoundRecord): boolean {
  const places = Object.keys(record).flatMap((key) => placeOfKey.get(key) ?? []);
  return places.every((place, index) => index === 0 || place > (places[index - 1] ?? 0));
}

/** Matches every escape in turn, so that a backslash before a plain `ud800` is not taken for half a pair. */
const escapes = /\\(?:(ud[89a-f][0-9a-f]{2})|.)/g;

function inOrder(content: FoundRecord): FoundRecord {
  const ordered: Partial<Record<keyof AuditRecord, unknown>> = {};
  for (const key of sealedKeys) if (content[key] !== undefined) ordered[key] = content[key];
  return ordered;
}

/** Replaces half surrogate pairs in JSON, which could not be hashed. */
function withWholePairs(json: string): string {
  if (!json.includes(halfPair)) return json;
  return json.replace(escapes, (escape, half) => (half ? "\ufffd" : escape));
}

function digest(content: object, key?: string): string {
  const text = canonicalJson(content);
  return key === undefined ? sha256Hex(text) : hmacSha256Hex(text, key);
}
