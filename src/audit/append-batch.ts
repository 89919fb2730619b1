// Appends sealed records: to the shared store, if there is one, and to the file.
import type { AppendFile } from "../lib/files.ts";
import type { OwnChanges } from "../lib/own-changes.ts";
import type { AuditRecord } from "../model/audit-record.ts";
import type { StoredRecord } from "../state/shared-store.ts";
import type { HeldLease } from "../state/state.ts";
import { takenOver, writtenByAnother } from "./trail-errors.ts";

interface Sealed {
  readonly record: AuditRecord;
  /** Its line in the trail, with the newline. */
  readonly line: string;
}

interface Appending {
  readonly path: string;
  readonly mayAppend: () => Promise<boolean>;
  /** A shared store takes the records first; absent if the file is the trail itself. */
  readonly store: HeldLease["append"] | undefined;
  /** The size that the file is to have. */
  readonly sizeBytes: number;
  readonly changes: OwnChanges;
}

/** Returns the new size of the file. */
export async function appendBatch(
  batch: readonly Sealed[],
  file: AppendFile,
  { path, mayAppend, store, sizeBytes, changes }: Appending,
): Promise<number> {
  const mayGoOn = async (): Promise<void> => {
    if (!(await mayAppend())) throw takenOver(path);
    if ((await file.sizeBytes()) !== sizeBytes) throw writtenByAnother(path);
  };
  if (store) {
    await mayGoOn();
    await store(batch.map(asStored));
  }
  const text = batch.map(({ line }) => line).join("");
  // Nothing waits between this check and the bytes: a run that is suspended may have been followed when it wakes.
  const append = async (): Promise<void> => {
    await mayGoOn();
    try {
      await file.append(text);
      await file.sync();
    } catch (error) {
      // A full disk takes a part. No intent whose append failed is to stand there: its request is never sent.
      if (await mayAppend()) await file.truncate(sizeBytes).catch(() => undefined);
      throw error;
    }
  };
  await changes.make(append, Buffer.byteLength(text));
  return sizeBytes + Buffer.byteLength(text);
}

function asStored({ record: { seq, hash }, line }: Sealed): StoredRecord {
  return { seq, hash, line: line.slice(0, -1) };
}
