// Follows the trail: what is new is fetched, one request at a time, and nothing is left out.
import type { AuditRecord } from "../../model/audit-record.ts";
import { request } from "./door.ts";

const pageLength = 200;
/** Of a longer trail the newest are kept; `reconcile audit log` has them all. */
const mostKept = 500;

export interface TrailFeed {
  /** Looks for more; while it looks, it remembers to look again. Rejects with what `request` throws. */
  readonly look: () => Promise<void>;
  /** The trail may be another one: from the start. */
  readonly restart: () => void;
}

/** `onRecords`: all that are kept, oldest first, and how many of them are new; 0 of the first look. */
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
    const response = await request(`/api/audit?limit=${pageLength}${after}`);
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
