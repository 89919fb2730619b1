// A trail as if its records had been written so: numbered, chained and sealed anew after a test has edited them.
import { formatRecord, genesisHash, sealRecord } from "../../src/audit/record.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";

/**
 * `change`: what a record gets beside what it has. Lines may have been taken out: outcomes follow their intents to
 * the new numbers.
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
      const sealed = sealRecord({ ...record, seq: index + 1, intent, ...change(record), prevHash }, key);
      prevHash = sealed.hash;
      return formatRecord(sealed);
    });
  return lines.join("");
}
