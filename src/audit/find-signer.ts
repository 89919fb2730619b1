// Finds which of the keys signs a trail's file.
import type { Files } from "../lib/files.ts";
import type { TrailPlace } from "./check-trail.ts";
import { readLastRecord } from "./head.ts";
import { findSeal } from "./record.ts";

/**
 * Returns the place of the key that signs the trail's file, among the present key and the former ones; 0 also if the file is
 * closed or not signed, so that any key may sign what follows.
 */
export async function findSigner(
  { path, key, formerKeys = [] }: TrailPlace,
  files: Pick<Files, "list" | "stat" | "readRange">,
): Promise<number> {
  if (key === undefined || formerKeys.length === 0) return 0;
  const { record } = await readLastRecord(files, path);
  if (!record || record.event === "trail.closed") return 0;
  return Math.max(
    0,
    [key, ...formerKeys].findIndex((one) => findSeal(record, one) === "signed"),
  );
}
