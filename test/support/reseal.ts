// Numbers, chains and seals a trail's records anew after a test has edited them, as if they had been written so.
import { genesisHash, sealRecord } from "../../src/audit/record.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";

/**
 * `change` returns keys to add to a record. A test may have removed lines, so outcomes get the new numbers of their
 * intents.
 */
export function reseal(
  text: string,
  change: (record: AuditRecord) => object = () => ({}),
  key?: string,
): string {
  const numbers = new Map<number, number>();
  let prevHash = genesisHash;
  const lines = text
    .split("\n")
    .filter(Boolean)
    .map((line, index) => {
      const record = JSON.parse(line) as AuditRecord;
      numbers.set(record.seq, index + 1);
      const intent = record.intent === null ? null : (numbers.get(record.intent) ?? record.intent);
      const content = { ...record, seq: index + 1, intent, ...change(record), prevHash };
      const { record: sealed, line: resealed } = sealRecord(content, key);
      prevHash = sealed.hash;
      return resealed;
    });
  return lines.join("");
}
