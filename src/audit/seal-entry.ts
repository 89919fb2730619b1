// Makes the record of an entry: adds what all records of its run have in common, and seals it to the record before it.
import type { Clock } from "../lib/clock.ts";
import type { AuditEntry, AuditRecord, AuditRun, Continued, Metrics } from "../model/audit-record.ts";
import type { Mark } from "./find-start.ts";
import { sealRecord, type Head } from "./record.ts";
import type { CheckedTrail } from "./require-trail.ts";
import { unsignedOf } from "./walk-chain.ts";

/** A longer error text, such as all faults of a thousand manifests, is cut; the console shows it whole. */
const maxErrorLength = 16_384;

type Statement = Pick<AuditRecord, "accepted" | "olderThan" | "unsignedBefore" | "continues" | "archive">;

interface Beginning {
  /** The check of the trail before this run. */
  readonly checked?: { readonly mark: Mark | null; readonly accepted: CheckedTrail["accepted"] };
  readonly olderThan?: AuditRecord["olderThan"];
  readonly archive?: AuditRecord["archive"];
  readonly key?: string;
  /** The closed file before the trail's; null if there is none. */
  readonly continues: Continued | null;
}

/** Makes the statement of a run's first record about what was before it. */
export function firstStatement({ checked, olderThan, archive, key, continues }: Beginning): Statement {
  const turned = {
    ...(continues ? { continues } : {}),
    ...(olderThan ? { olderThan } : {}),
    ...(archive ? { archive } : {}),
  };
  if (checked?.accepted) return { accepted: checked.accepted, ...turned };
  const proven = checked?.mark?.proven;
  const isFirstSigned = key !== undefined && proven && proven.records > 0 && !proven.isSigned;
  return isFirstSigned ? { unsignedBefore: unsignedOf(proven), ...turned } : turned;
}

interface Sealing {
  readonly clock: Pick<Clock, "now">;
  readonly run: AuditRun;
  readonly key?: string;
  readonly previous: Head;
  readonly metrics: Metrics;
}

export function sealEntry(
  entry: AuditEntry & Statement & Pick<AuditRecord, "claims">,
  { clock, run, key, previous, metrics }: Sealing,
): ReturnType<typeof sealRecord> {
  const content = {
    ...entry,
    ...run,
    seq: previous.seq + 1,
    timestamp: new Date(clock.now()).toISOString(),
    error: entry.error === null ? null : shorten(entry.error),
    metrics,
    prevHash: previous.hash,
  };
  return sealRecord(content, key);
}

function shorten(text: string): string {
  const excess = text.length - maxErrorLength;
  return excess <= 0 ? text : `${text.slice(0, maxErrorLength)}… (${excess} more characters)`;
}
