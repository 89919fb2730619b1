// Finds the file beside a trail that holds a record which the trail lacks, such as the one that logrotate moved it to.
import { bufferOf } from "./lines.ts";
import { readLines } from "./read-trail.ts";
import type { Head } from "./record.ts";
import { directoryOf, fileNameOf, listBeside, type TrailFiles } from "./trail-parts.ts";

/** A folder with more copies than this is not searched through. */
const mostSearched = 20;

/** Returns the path of a file whose name begins with the trail's; null if none holds the record. Throws `audit/unreadable`. */
export async function findBeside(files: TrailFiles, path: string, head: Head): Promise<string | null> {
  const own = fileNameOf(path);
  const names = (await listBeside(files, path)) ?? [];
  const copies = names.filter((name) => name !== own && name.startsWith(own));
  const wanted = `"hash":"${head.hash}"`;
  for (const name of copies.slice(0, mostSearched)) {
    const copy = directoryOf(path) + name;
    for await (const line of readLines(files, copy))
      if (line && bufferOf(line).includes(wanted)) return copy;
  }
  return null;
}
