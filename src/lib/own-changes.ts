// Follows what the disk says of a file while this process changes it, to notice whether anything else did so, too.
import type { AppendFile } from "./files.ts";

export interface OwnChanges {
  /** Makes a change that lets the file grow by so many bytes. Rejects as the change does. */
  readonly make: (change: () => Promise<void>, addedBytes: number) => Promise<void>;
  /** The file's id, as in `FileIdentity`, after the last change; null once something else changed the file. */
  readonly last: () => string | null;
}

/** `first` is the file's id before the first change; null if that is not known, and then nothing is followed. */
export function followOwnChanges(file: Pick<AppendFile, "identify">, first: string | null): OwnChanges {
  let known = first;
  return {
    make: async (change, addedBytes) => {
      if (known === null) return change();
      const before = await file.identify();
      const isSame = before.id === known;
      known = null;
      await change();
      const after = isSame ? await file.identify() : before;
      if (isSame && after.sizeBytes === before.sizeBytes + addedBytes) known = after.id;
    },
    last: () => known,
  };
}
