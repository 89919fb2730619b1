// Finds from where on a trail has to be proven: after the head that this machine keeps, or after its checkpoint.
import { makeDigest, type Digest } from "../lib/hash.ts";
import type { Checkpoint, FoundCheckpoint, ProvenHead } from "./checkpoint.ts";
import type { KeptHead } from "./kept-head.ts";
import { digestStart } from "./read-trail.ts";
import type { Head } from "./record.ts";
import type { Growth } from "../state/state.ts";
import { isSameIdentity, nameIdentity, type TrailIdentity } from "./trail-identity.ts";
import type { TrailIndex } from "./trail-index.ts";
import type { TrailFiles } from "./trail-parts.ts";
import { provenNothing, type Proven } from "./walk-chain.ts";

/** The proven part of a trail, and a digest of its bytes; null if they were not read, because the disk says that none changed. */
export interface Mark {
  readonly proven: Proven;
  readonly digest: Digest | null;
}

/** What a check may use beside the kept head. */
export interface Remembered {
  readonly point: FoundCheckpoint | null;
  /** What the disk says of the trail now. */
  readonly identity: TrailIdentity | null;
  /** What this process has appended to its copy of a shared trail, by what the disk said of the file before and after. */
  readonly growth: Growth | null;
  /** Whether the run only reads, so that it need not keep the head that it finds. */
  readonly onlyReads: boolean;
}

export interface Start {
  /** Null if the trail has to be proven from its first record. */
  readonly mark: Mark | null;
  /** The index of the checkpoint, if the part of the trail that it covers is unchanged. */
  readonly index: TrailIndex | null;
  /** The checkpoint, if the trail begins with what it has read. */
  readonly point: FoundCheckpoint | null;
}

interface Keeping {
  readonly path: string;
  readonly seen: { readonly kept: KeptHead; readonly isProven: boolean } | null;
}

const fromNothing: Start = { mark: null, index: null, point: null };

/** Throws ReconcileError `audit/unreadable`. */
export async function findStart(
  files: TrailFiles,
  { path, seen }: Keeping,
  remembered: Remembered | null,
): Promise<Start> {
  if (seen && !seen.isProven) return fromNothing;
  const kept = seen?.kept ?? null;
  const point = remembered?.point ?? null;
  const follows = point && (kept === null || holds(point, kept)) ? point : null;
  if (remembered && follows && isUnchanged(path, { kept, point: follows }, remembered))
    return { mark: { proven: provenAt(follows.whole), digest: null }, index: follows.index, point };
  return readStart(files, path, { kept, point, follows });
}

/** Whether the checkpoint was made of a trail that held the kept head. */
function holds({ read, whole, lastSeen }: Checkpoint, kept: Head): boolean {
  return [read, whole, lastSeen].some((head) => head?.hash === kept.hash && head.seq === kept.seq);
}

/** Whether the disk says that nobody else changed the trail. A run that writes needs its head to be the kept one, too. */
function isUnchanged(
  path: string,
  { kept, point }: { readonly kept: KeptHead | null; readonly point: Checkpoint },
  { identity, growth, onlyReads }: Remembered,
): boolean {
  if (!identity) return false;
  if (isSameIdentity(point.files, identity.files)) return onlyReads || kept?.hash === point.whole.hash;
  const grown = [...point.files.slice(0, -1), nameIdentity(path, growth?.to ?? "")];
  const isOwn = point.files.at(-1) === nameIdentity(path, growth?.from ?? "");
  return onlyReads && isOwn && isSameIdentity(grown, identity.files);
}

interface Heads {
  readonly kept: KeptHead | null;
  readonly point: FoundCheckpoint | null;
  /** The checkpoint, if it was made of a trail that held the kept head. */
  readonly follows: Checkpoint | null;
}

/** Reads the bytes of the trail, up to the kept head and to what the checkpoint has read. */
async function readStart(files: TrailFiles, path: string, { kept, point, follows }: Heads): Promise<Start> {
  const heads = [...(kept ? [kept] : []), ...(point ? [point.read] : [])];
  const byPlace = heads.sort((a, b) => a.sizeBytes - b.sizeBytes);
  let digest = makeDigest();
  let atBytes = 0;
  const unchanged = new Set<KeptHead>();
  let last: { readonly head: KeptHead; readonly digest: Digest } | null = null;
  for (const head of byPlace) {
    await digestStart(files, { path, fromBytes: atBytes, endBytes: head.sizeBytes }, digest);
    atBytes = head.sizeBytes;
    if (digest.hex() !== head.sha256) break;
    unchanged.add(head);
    if (head === kept || follows) last = { head, digest };
  }
  if (kept && !unchanged.has(kept)) return fromNothing;
  if (last && atBytes > last.head.sizeBytes) {
    digest = makeDigest();
    await digestStart(files, { path, endBytes: last.head.sizeBytes }, digest);
    last = { ...last, digest };
  }
  const mark = last && { proven: provenAt(last.head), digest: last.digest };
  return { mark, ...fitting(point && unchanged.has(point.read) ? point : null) };
}

/** The index of a checkpoint may cover more than the bytes that were read for it. */
function fitting(point: FoundCheckpoint | null): Omit<Start, "mark"> {
  const index = point?.index ?? null;
  return { point, index: point && index && index.endBytes <= point.read.sizeBytes ? index : null };
}

function provenAt(head: ProvenHead): Proven {
  const { seq, hash, line, sizeBytes, records, signed, isSigned, absent = null } = head;
  return { ...provenNothing, line, head: { seq, hash }, sizeBytes, records, signed, isSigned, absent };
}
