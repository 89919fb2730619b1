// Closes the file of a trail, and goes on in a new one.
import type { Clock } from "../lib/clock.ts";
import type { Files } from "../lib/files.ts";
import type { AuditRun } from "../model/audit-record.ts";
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
  readonly key: string | undefined;
  /** The key that signed the file so far: the previous one if the key changes here. */
  readonly closingKey: string | undefined;
}

export interface Rotated {
  /** The path of the file that was closed. */
  readonly closed: string;
  readonly mark: Mark;
  readonly head: Head;
  readonly notices: readonly string[];
}

type RotatePorts = { readonly files: Files; readonly clock: Clock } & Required<
  Pick<TrailOptions, "mayAppend">
>;

/**
 * The file may be closed already, by a rotation that died: then this one only goes on. So does each run that writes, which is
 * why a rotation may die at any moment. Throws ReconcileError as `openTrail` does.
 */
export async function rotateTrail(
  { path, checked, run, key, closingKey }: Rotation,
  ports: RotatePorts,
): Promise<Rotated> {
  const options = { ...ports, path, run, ...(key === undefined ? {} : { key }) };
  const { record } = await readLastRecord(ports.files, path);
  const ended =
    record?.event === "trail.closed"
      ? { mark: checked.mark, notices: [] }
      : await close({
          ...ports,
          path,
          run,
          checked,
          ...(closingKey === undefined ? {} : { key: closingKey }),
        });
  const next = await openTrail({ ...options, checked: { mark: ended.mark, accepted: null } });
  await next.close();
  const mark = next.mark();
  const closed = (await findTrailParts(ports.files, path)).at(-2)?.path;
  invariant(
    mark !== null && closed !== undefined,
    "a trail that was rotated is proven, and follows a closed file",
  );
  return { closed, mark, head: next.head(), notices: [...ended.notices, ...next.notices] };
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
