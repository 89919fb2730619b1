// Makes the error of a trail that does not verify: it names the line, both heads and the way out.
import { ReconcileError } from "../model/errors.ts";
import { findBeside } from "./find-beside.ts";
import type { TrailCheck, TrailFault } from "./check-trail.ts";
import { keyMissing, sayOtherKey, type KeyNames } from "./key-errors.ts";
import { findPlace, readLines } from "./read-trail.ts";
import { directoryOf, type TrailFiles } from "./trail-parts.ts";
import { findHead, findSeal, type Head } from "./record.ts";

interface FaultPlace {
  readonly wish: {
    readonly path: string;
    readonly copyOf?: string | undefined;
    readonly key: string | undefined;
    /** `sandbox` for the trail of runs with `--sandbox`. */
    readonly environment: string;
    readonly dryRun: boolean;
    readonly names?: KeyNames | undefined;
  };
  readonly files: TrailFiles;
}

export async function describeFault(
  fault: TrailFault,
  check: TrailCheck,
  { wish, files }: FaultPlace,
): Promise<ReconcileError> {
  const { path, environment } = wish;
  const isLost = ["audit/gone", "audit/cut", "audit/replaced"].includes(fault.code);
  const beside = isLost && check.lastSeen ? await findBeside(files, path, check.lastSeen) : null;
  const [lastSeen, found] = [nameHead(check.lastSeen), nameHead(check.found)];
  const heads =
    `this machine last saw ${lastSeen}, ${found === lastSeen ? "which" : `and ${found}`} stands there now` +
    (beside === null ? "" : `; ${beside} holds the record that this machine last saw`);
  const command = `reconcile sync${environment === "sandbox" ? " --sandbox" : ""} --accept-head ${check.found.hash}`;
  const away = fault.code === "audit/gone" ? fault.absent : null;
  const trail = nameTrail(wish);
  const restore = wish.copyOf
    ? sayRestoreThere(beside)
    : sayRestore(beside, away ? directoryOf(path) + away.file : path);
  const hint = `${restore}, or go on from what stands there, on record: \`${command}\``;
  if (fault.code === "audit/gone") {
    const what = fault.absent
      ? `${fault.absent.file}, which holds the records before number ${fault.absent.seq + 1} of ${trail},`
      : trail;
    return new ReconcileError("audit/gone", `${what} is gone: ${heads}`, { hint });
  }
  if (fault.code === "audit/cut")
    return new ReconcileError("audit/cut", `the end of ${trail} is missing: ${heads}`, {
      hint,
    });
  if (fault.code === "audit/replaced") {
    const message = `${trail} verifies, but it is not the one that this machine saw last: ${heads}`;
    return new ReconcileError("audit/replaced", message, { hint });
  }
  return describeLine(fault, check, { wish, files, heads, hint });
}

async function describeLine(
  fault: Extract<TrailFault, { readonly line: number }>,
  check: TrailCheck,
  { wish, files, heads, hint }: FaultPlace & { readonly heads: string; readonly hint: string },
): Promise<ReconcileError> {
  const { path, key } = wish;
  const { reason, isSeal } = fault;
  const { file, line } = await findPlace(files, path, fault.line);
  const where = wish.copyOf
    ? `record ${fault.line} of ${nameTrail(wish)} (here line ${line} of ${file})`
    : `line ${line} of the audit trail ${file}`;
  if (fault.code === "audit/malformed")
    return new ReconcileError("audit/malformed", `${where} is not a sound record: ${reason}; ${heads}`, {
      hint,
    });
  if (key === undefined && isSeal && (await isUnknownSignature(fault.line, check, { path, files })))
    return keyMissing(wish);
  const toDo = key !== undefined && isSeal ? `${sayOtherKey(wish.names)}; otherwise ${hint}` : hint;
  return new ReconcileError("audit/broken", `${where} breaks its chain: ${reason}; ${heads}`, {
    hint: toDo,
  });
}

/** Names the trail where a person looks for it: a shared one is in its store, and not in this machine's copy. */
function nameTrail({ path, copyOf }: Pick<FaultPlace["wish"], "path" | "copyOf">): string {
  return copyOf === undefined ? `the audit trail ${path}` : `the audit trail in ${copyOf}`;
}

function sayRestoreThere(beside: string | null): string {
  if (beside === null) return "restore the trail there from a sound copy";
  return `put the missing records of ${beside} back (docs/retention.md)`;
}

/** `to` is where the file belongs. */
function sayRestore(beside: string | null, to: string): string {
  if (beside === null) return "restore the trail from a sound copy";
  return (
    `put the file back: keep a copy of what stands at ${to}, if anything does, then \`mv ${beside} ${to}\`; ` +
    "if logrotate moved it, take the trail out of its rules and use `reconcile audit rotate`"
  );
}

/** The error of a person who accepts a head that does not stand in the trail. */
export function otherHead(
  { found, lastSeen }: TrailCheck,
  wish: Pick<FaultPlace["wish"], "path" | "copyOf"> & { readonly acceptHead: string },
): ReconcileError {
  const message =
    `--accept-head names ${wish.acceptHead}, but the head of ${nameTrail(wish)} is ${found.hash} ` +
    `(this machine last saw ${nameHead(lastSeen)})`;
  return new ReconcileError("audit/otherHead", message, {
    hint: "look at the trail once more (`reconcile audit log`), and give the head that `reconcile audit head` prints",
  });
}

export function nameHead(head: Head | null): string {
  if (head === null) return "no head";
  return head.seq === 0 ? "no record" : `record ${head.seq} (${head.hash})`;
}

/** Whether a record that does not have the hash of its content may be signed, and was not changed. */
async function isUnknownSignature(
  line: number,
  { lastSeen }: TrailCheck,
  { path, files }: { readonly path: string; readonly files: TrailFiles },
): Promise<boolean> {
  if (lastSeen && line <= lastSeen.line) return lastSeen.isSigned;
  return isSignedFrom(line, path, files);
}

/** Enough records to tell a signed trail from one in which a record was changed. */
const mostCompared = 20;

/** Whether the records from a line on are signed: without the key, none of them has the hash of its content. */
async function isSignedFrom(line: number, path: string, files: TrailFiles): Promise<boolean> {
  let [at, compared] = [0, 0];
  for await (const bytes of readLines(files, path)) {
    at += 1;
    const found = at > line && bytes ? findHead(bytes) : null;
    if (!found) continue;
    if (findSeal(found.record) !== "broken") return false;
    compared += 1;
    if (compared === mostCompared) break;
  }
  return compared > 0;
}
