// Follows the trail: fetches new records, one request at a time, without skipping any.
import type { AuditRecord } from "../../model/audit-record.ts";
import { request } from "./request.ts";

const pageLength = 200;
/** Only this many of the newest records are kept; `reconcile audit log` shows all. */
const mostKept = 500;

export interface TrailFeed {
  /** Fetches new records. A call during a fetch makes it fetch once more. Rejects with what `request` throws. */
  readonly look: () => Promise<void>;
  /** Begins from the start, because another daemon may have another trail. */
  readonly restart: () => void;
}

/** `onRecords` gets all kept records, oldest first, and how many of them are new (0 after the first fetch). */
export function makeTrailFeed(
  onRecords: (records: readonly AuditRecord[], news: number) => void,
): TrailFeed {
  let records: readonly AuditRecord[] = [];
  let isFirst = true;
  let isLooking = false;
  let isAsked = false;
  const lookOnce = async (): Promise<void> => {
    const last = records.at(-1)?.seq;
    const after = last === undefined ? "" : `&after=${last}`;
    const response = await request(`api/audit?limit=${pageLength}${after}`);
    const found = ((await response.json()) as { records: readonly AuditRecord[] }).records;
    if (found.length === 0 && !isFirst) return;
    records = [...records, ...found].slice(-mostKept);
    onRecords(records, isFirst ? 0 : found.length);
    isFirst = false;
    if (found.length === pageLength && last !== undefined) isAsked = true;
  };
  return {
    look: async () => {
      isAsked = true;
      if (isLooking) return;
      isLooking = true;
      try {
        while (isAsked) {
          isAsked = false;
          await lookOnce();
        }
      } finally {
        isLooking = false;
      }
    },
    restart: () => {
      records = [];
      isFirst = true;
    },
  };
}
