// Names the archives of a shared store: files that held the records of several trails, and that nothing is appended to.
import { ReconcileError } from "../model/errors.ts";
import type { StateKey, TrailHead } from "./shared-store.ts";

/** No organisation's id has this form. */
const archives = "archive";
const nameLength = 16;

/** The key of the archive that ends with this record. */
export function archiveKey({ hash }: TrailHead): StateKey {
  return { organization: archives, owner: hash.slice(0, nameLength) };
}

/** Whether the key is that of an archive, whose records name other owners and organisations. */
export function isArchive({ organization }: Partial<StateKey>): boolean {
  return organization === archives;
}

/** Throws ReconcileError `state/archived`. */
export function refuseArchive(key: StateKey): void {
  if (!isArchive(key)) return;
  throw new ReconcileError(
    "state/archived",
    `archive ${key.owner} is only read: nothing is appended to it`,
    {
      hint: "name the owner and the organisation whose trail goes on",
    },
  );
}
