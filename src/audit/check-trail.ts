// Checks a trail before anything in it counts: what follows the head that this machine proved last, or all of it.
import { makeDigest } from "../lib/hash.ts";
import type { Files } from "../lib/files.ts";
import type { AuditRecord, Continued } from "../model/audit-record.ts";
import { findStart, type Mark, type Remembered, type Start } from "./find-start.ts";
import type { KeyNames } from "./key-errors.ts";
import { readLastRecord } from "./head.ts";
import { invariant } from "../model/errors.ts";
import { readKeptHead, writeKeptHead, type KeptHead } from "./kept-head.ts";
import { digestStart, findTrailBytes, readLines } from "./read-trail.ts";
import type { ProvenHead } from "./checkpoint.ts";
import { genesis, type Head, type Seal } from "./record.ts";
import type { TrailFiles } from "./trail-parts.ts";
import { provenNothing, walkChain, type Acceptance, type BrokenChain, type Proven } from "./walk-chain.ts";

export interface TrailPlace {
  readonly path: string;
  /** As in `StatePaths`. */
  readonly copyOf?: string | undefined;
  /** The file that keeps the head. */
  readonly headPath: string;
  /** `RECONCILE_AUDIT_KEY`. */
  readonly key: string | undefined;
  /** `RECONCILE_AUDIT_KEY_PREVIOUS`. */
  readonly formerKeys?: readonly string[] | undefined;
  readonly names?: KeyNames | undefined;
}

export interface TrailCheck {
  readonly mark: Mark;
  /** Null if the trail verifies and holds the head that this machine saw last. */
  readonly fault: TrailFault | null;
  /** The head that this machine saw last; null if it kept none. */
  readonly lastSeen: KeptHead | null;
  /** Whether the mark's head is kept already. */
  readonly isKept: boolean;
  /** The last record that stands in the trail, proven or not; `genesis` if there is none. */
  readonly found: Head;
  /**
   * The run that accepted a trail without the head that this machine saw last, and named that head; null if the trail holds
   * the head itself.
   */
  readonly passedBy: Acceptance | null;
  /** The index and the checkpoint that still fit the trail. */
  readonly fitting: Pick<Start, "index" | "point">;
}

export type TrailFault =
  | {
      readonly code: "audit/gone";
      /** The closed file that is gone; null for the trail itself. */ readonly absent: Continued | null;
    }
  | { readonly code: "audit/cut" }
  | { readonly code: "audit/replaced" }
  | LineFault;

interface LineFault {
  readonly code: "audit/broken" | "audit/malformed";
  /** From 1. */
  readonly line: number;
  readonly reason: string;
  /** Only its hash is wrong, as it would be without the key of a signed trail. */
  readonly isSeal: boolean;
}

type CheckFiles = TrailFiles & Pick<Files, "read">;

/** Throws ReconcileError `audit/unreadable`, `state/unreadable`. */
export async function checkTrail(
  files: CheckFiles,
  place: TrailPlace,
  remembered: Remembered | null = null,
): Promise<TrailCheck> {
  const seen = await readKeptHead(files, place);
  const { record } = await readLastRecord(files, place.path);
  const found = record ? { seq: record.seq, hash: record.hash } : genesis;
  const kept = seen?.kept ?? null;
  const heads = { lastSeen: kept, found };
  const isGone = kept !== null && kept.seq > 0 && (await findTrailBytes(files, place.path)) === null;
  if (isGone) {
    const fault = { code: "audit/gone", absent: null } as const;
    return { mark: newMark(), fault, isKept: false, ...heads, passedBy: null, fitting: nothing };
  }
  const { mark: start, ...fitting } = await findStart(files, { path: place.path, seen }, remembered);
  let { index } = fitting;
  const onProven = ({ timestamp }: Pick<AuditRecord, "timestamp">): void => {
    // An index leaves out runs that are too old to matter, as long as the clocks of later ones go on from there.
    if (index && !(Date.parse(timestamp) >= index.newestMs)) index = null;
  };
  const walked = start
    ? { ...(await walk(files, place, { start, onProven })), holdsKept: true, passedBy: null }
    : await walkAll(files, place, kept);
  const { mark, passedBy } = walked;
  const isKept = start !== null && kept?.hash === mark.proven.head.hash;
  const fault = findFault(walked, { kept, found });
  return { mark, fault, isKept, ...heads, passedBy, fitting: start ? { ...fitting, index } : nothing };
}

const nothing = { index: null, point: null };

/** Keeps the head of the mark. Rejects with Node's errors. */
export async function keepHead(files: Pick<Files, "write">, mark: Mark, place: TrailPlace): Promise<void> {
  const head = headOf(mark, place);
  invariant(head !== null, "a head is kept once the bytes of its trail were read");
  await writeKeptHead(files, head, place);
}

/** The head of a mark, to be kept; null if the bytes of the trail were not read. */
export function headOf({ proven, digest }: Mark, { path }: Pick<TrailPlace, "path">): KeptHead | null {
  if (!digest) return null;
  return { formatVersion: 1, trail: path, ...provenHead(proven), sha256: digest.hex() };
}

export function provenHead(proven: Proven): ProvenHead {
  const { line, head, sizeBytes, records, signed, isSigned, absent } = proven;
  return { ...head, line, sizeBytes, records, signed, isSigned, ...(absent ? { absent } : {}) };
}

function newMark(): Mark {
  return { proven: provenNothing, digest: makeDigest() };
}

interface Walked {
  readonly mark: Mark;
  readonly broken: BrokenChain | null;
}

interface WalkedAll extends Walked, Pick<TrailCheck, "passedBy"> {
  readonly holdsKept: boolean;
}

async function walk(
  files: CheckFiles,
  { path, key, formerKeys }: TrailPlace,
  {
    start,
    onProven = () => undefined,
  }: { readonly start: Mark; readonly onProven?: (record: AuditRecord, seal: Seal) => void },
): Promise<Walked> {
  const { digest } = start;
  let lines = start.proven.line;
  const { proven, broken } = await walkChain(readLines(files, path, start.proven.sizeBytes), start.proven, {
    ...{ key, formerKeys },
    onProven: (line, record, seal) => {
      lines += 1;
      digest?.update(line);
      digest?.update("\n");
      onProven(record, seal);
    },
  });
  if (!digest || lines === proven.line) return { mark: { proven, digest }, broken };
  // Lines before an acceptance are not proven, but they are bytes of the trail.
  const whole = makeDigest();
  await digestStart(files, { path, endBytes: proven.sizeBytes }, whole);
  return { mark: { proven, digest: whole }, broken };
}

/** Proves the whole trail, and finds out whether it holds the kept head or names it where it was accepted. */
async function walkAll(files: CheckFiles, place: TrailPlace, kept: KeptHead | null): Promise<WalkedAll> {
  const named = { asRecord: kept === null || kept.seq === 0, inAcceptance: false };
  const isKept = (head: Head | null | undefined): boolean =>
    head?.hash === kept?.hash && head?.seq === kept?.seq;
  const walked = await walk(files, place, {
    start: newMark(),
    onProven: ({ seq, hash, accepted }, seal) => {
      named.asRecord ||= isKept({ seq, hash });
      // The head is no secret, so where it is signed, only who has the key can have accepted a trail without it.
      const counts = seal === "signed" || kept?.isSigned === false;
      named.inAcceptance ||= counts && (isKept(accepted?.lastSeen) || isKept(accepted?.found));
    },
  });
  // The head may be the last record of a file that was closed and put away since.
  named.asRecord ||= isKept(walked.mark.proven.absent);
  const passedBy = !named.asRecord && named.inAcceptance ? walked.mark.proven.acceptance : null;
  return { ...walked, holdsKept: named.asRecord || named.inAcceptance, passedBy };
}

function findFault(
  { mark, broken, holdsKept }: Walked & { readonly holdsKept: boolean },
  { kept, found }: { readonly kept: Head | null; readonly found: Head },
): TrailFault | null {
  // A line that a crash left at the end of the file is no record; the next run sets it aside.
  const isTornOnly = broken !== null && !broken.isRecord && found.hash === mark.proven.head.hash;
  if (broken && !isTornOnly) {
    const { line, reason, fault } = broken;
    return {
      code: fault === "content" ? "audit/malformed" : "audit/broken",
      line,
      reason,
      isSeal: fault === "seal",
    };
  }
  if (holdsKept) return null;
  const { absent } = mark.proven;
  if (absent && (kept?.seq ?? 0) <= absent.seq) return { code: "audit/gone", absent };
  return { code: found.seq < (kept?.seq ?? 0) ? "audit/cut" : "audit/replaced" };
}
