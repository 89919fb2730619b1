// Closes the file of a trail, and goes on in a new one.
import type { Clock } from "../lib/clock.ts";
import type { Files } from "../lib/files.ts";
import type { AuditRun, Metrics } from "../model/audit-record.ts";
import { invariant } from "../model/errors.ts";
import { readLastRecord } from "./head.ts";
import type { Head } from "./record.ts";
import type { CheckedTrail } from "./require-trail.ts";
import { runEntry } from "./run-entry.ts";
import { openTrail, type TrailOptions } from "./trail.ts";
import { findTrailParts } from "./trail-parts.ts";
import type { Mark } from "./check-trail.ts";

export interface Rotation {
  readonly path: string;
  /** A check that found no fault. */
  readonly checked: CheckedTrail;
  readonly run: AuditRun;
  /** The figures of the owner whose rotation it is. */
  readonly metrics: Metrics;
  readonly key: string | undefined;
  /** The key that signed the file so far: the previous one if the key changes here. */
  readonly closingKey: string | undefined;
}

export interface Rotated {
  /** The path of the file that was closed; null in a shared store, where the trail is one. */
  readonly closed: string | null;
  readonly mark: Mark;
  readonly head: Head;
  readonly notices: readonly string[];
}

interface RotatePorts extends Required<Pick<TrailOptions, "mayAppend">> {
  readonly files: Files;
  readonly clock: Clock;
  /** As in `TrailOptions`. */
  readonly store: TrailOptions["store"] | undefined;
}

/**
 * The file may be closed already, by a rotation that died: then this one only goes on. So does each run that writes, which is
 * why a rotation may die at any moment. Throws ReconcileError as `openTrail` does.
 */
export async function rotateTrail(
  { path, checked, run, metrics, key, closingKey }: Rotation,
  { store, ...ports }: RotatePorts,
): Promise<Rotated> {
  const common = { ...ports, ...(store ? { store } : {}), path, run, metrics };
  const options = { ...common, ...(key === undefined ? {} : { key }) };
  const { record } = await readLastRecord(ports.files, path);
  const ended =
    record?.event === "trail.closed"
      ? { mark: checked.mark, notices: [] }
      : await close({
          ...common,
          checked,
          ...(closingKey === undefined ? {} : { key: closingKey }),
        });
  const next = await openTrail({ ...options, checked: { mark: ended.mark, accepted: null } });
  await next.close();
  const mark = next.mark();
  const before = (await findTrailParts(ports.files, path)).at(-2)?.path;
  invariant(
    mark !== null && (before !== undefined || store !== undefined),
    "a trail that was rotated is proven, and follows a closed file",
  );
  return { closed: before ?? null, mark, head: next.head(), notices: [...ended.notices, ...next.notices] };
}

async function close(
  options: TrailOptions,
): Promise<{ readonly mark: Mark | null; readonly notices: readonly string[] }> {
  const trail = await openTrail(options);
  try {
    await trail.append({ ...runEntry, event: "trail.closed" });
    return { mark: trail.mark(), notices: trail.notices };
  } finally {
    await trail.close();
  }
}
