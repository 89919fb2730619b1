// Decides what becomes of an append to the trail of a Git store.
import type { StoredRecord } from "../shared-store.ts";
import { readHashes, readLastSegment, withObjects, type State } from "./content.ts";
import type { OwnRepository } from "./own-repository.ts";
import { findHash } from "./read-trail.ts";
import { extendSegments, follows, hashesFile, namedHash, segmentPath } from "./segments.ts";
import type { Decision } from "./state-keeper.ts";

/** The answer is that of `SharedStore.append`. `records` holds at least one. */
export async function decideAppend(
  repository: OwnRepository,
  { commit, tip }: State,
  { fence, records }: { readonly fence: number; readonly records: readonly StoredRecord[] },
): Promise<Decision<boolean>> {
  if (tip.holder === null || tip.fence !== fence) return { answer: false };
  const standing = records.filter(({ seq }) => seq <= tip.head.seq).at(-1);
  if (standing) {
    const isLast = standing.seq === tip.head.seq;
    const hash = isLast ? tip.head.hash : await findHash(repository, { commit, tip }, standing.seq);
    if (hash !== standing.hash) return { answer: false };
  }
  const fresh = records.filter(({ seq }) => seq > tip.head.seq);
  const [first, last] = [fresh[0], fresh.at(-1)];
  if (!first || !last) return { answer: true };
  if (fresh.some(({ seq }, index) => seq !== tip.head.seq + 1 + index)) return { answer: false };
  if (!follows(first.line, tip.head.hash)) return { answer: false };
  return {
    tip: { ...tip, head: { seq: last.seq, hash: last.hash } },
    files: await filesWith(repository, commit, fresh),
    subject: fresh.length === 1 ? `record ${first.seq}` : `records ${first.seq} to ${last.seq}`,
    then: true,
  };
}

async function filesWith(
  repository: OwnRepository,
  commit: string | null,
  fresh: readonly StoredRecord[],
): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const unnamed = fresh.filter(({ line, hash }) => namedHash(line) !== hash);
  const { last, hashes } = await readPresent(repository, commit, unnamed.length > 0);
  const files = new Map<string, string | Uint8Array>();
  for (const segment of extendSegments(last, fresh)) files.set(segmentPath(segment.first), segment.lines);
  if (unnamed.length > 0) {
    const added = Object.fromEntries(unnamed.map(({ seq, hash }) => [String(seq), hash]));
    files.set(hashesFile, `${JSON.stringify({ ...hashes, ...added })}\n`);
  }
  return files;
}

async function readPresent(
  repository: OwnRepository,
  commit: string | null,
  isHashWanted: boolean,
): Promise<{
  readonly last: Awaited<ReturnType<typeof readLastSegment>>;
  readonly hashes: Readonly<Record<string, string>>;
}> {
  if (commit === null) return { last: null, hashes: {} };
  return withObjects(repository, async (objects) => ({
    last: await readLastSegment(objects, commit),
    hashes: isHashWanted ? await readHashes(objects, commit) : {},
  }));
}
