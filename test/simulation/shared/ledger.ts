// What the store holds in truth, as seen from outside of every machine: which process took which lease, and which process
// appended each record under which lease.
import type { AuditRecord } from "../../../src/model/audit-record.ts";
import type { Place } from "./place.ts";
import type { Sleeper } from "./sleeper.ts";

export interface Entry {
  readonly record: AuditRecord;
  readonly line: string;
  /** The process that appended it. */
  readonly by: string;
  /** The number of the store's last lease at that moment. */
  readonly fence: number;
}

export interface Ledger {
  readonly entries: readonly Entry[];
  /** The process that took the last lease; null before the first one. */
  readonly lastTaker: () => string | null;
  /** Notes what a call of this process has changed. */
  readonly observe: (sleeper: Pick<Sleeper, "name">) => Promise<void>;
}

export function makeLedger(read: Place["read"], complain: (fault: string) => void): Ledger {
  const entries: Entry[] = [];
  let [fence, taker]: [number, string | null] = [0, null];
  return {
    entries,
    lastTaker: () => taker,
    observe: async ({ name }) => {
      const found = await read(entries.length);
      if (found.fence < fence) complain(`lease ${found.fence} follows lease ${fence}`);
      if (found.fence !== fence) [fence, taker] = [found.fence, name];
      for (const line of found.lines) {
        const record = JSON.parse(line) as AuditRecord;
        const seq = entries.length + 1;
        if (record.seq !== seq) complain(`record ${record.seq} stands at place ${seq}`);
        if (taker !== name)
          complain(
            `${name} appended record ${record.seq} (${record.event}) after ${String(taker)} took lease ${fence}`,
          );
        entries.push({ record, line, by: name, fence });
      }
    },
  };
}
