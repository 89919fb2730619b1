// Appends the records of a trail that a shared store lacks, a batch at a time.
import { decodeLine } from "../audit/lines.ts";
import { readLines } from "../audit/read-trail.ts";
import { findHead } from "../audit/record.ts";
import { invariant } from "../model/errors.ts";
import type { Files } from "../lib/files.ts";
import type { StoredRecord } from "../state/shared-store.ts";

const mebibyte = 1024 * 1024;
/** An append of records that wait for each other, such as a push, costs much more than the records do. */
const batchOf = {
  alone: { bytes: mebibyte, records: 500 },
  gathered: { bytes: 16 * mebibyte, records: 20_000 },
};

export interface Appending {
  readonly files: Files;
  /** The trail, whose lines are the records of a chain. */
  readonly from: string;
  /** The size of what the store has already. */
  readonly doneBytes: number;
  /** Called before each batch; throws if the move must end here. */
  readonly mayGoOn: () => Promise<void>;
}

interface IntoStore extends Appending {
  /** As in `HeldLease`. */
  readonly gathers: boolean;
  /** Called with the number of the last record that the store has. */
  readonly onProgress: (seq: number) => void;
}

/** Throws as `append` and `mayGoOn` do. */
export async function moveIntoStore(
  append: (records: readonly StoredRecord[]) => Promise<void>,
  { files, from, doneBytes, gathers, mayGoOn, onProgress }: IntoStore,
): Promise<void> {
  const most = gathers ? batchOf.gathered : batchOf.alone;
  let batch: StoredRecord[] = [];
  let batchBytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await mayGoOn();
    await append(batch);
    onProgress(batch.at(-1)?.seq ?? 0);
    [batch, batchBytes] = [[], 0];
  };
  for await (const bytes of readLines(files, from, doneBytes)) {
    const found = bytes && findHead(bytes);
    const line = bytes && decodeLine(bytes);
    invariant(found && line !== null && line !== undefined, "a trail that is moved holds records alone");
    if (batchBytes + bytes.length > most.bytes || batch.length === most.records) await flush();
    batch.push({ ...found.head, line });
    batchBytes += bytes.length;
  }
  await flush();
}
