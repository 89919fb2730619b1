// `.reconcile/head.json` keeps the head of the trail that this machine proved last, so that a later pass notices a trail
// that is gone, shorter or changed, and has to prove only what is new.
import type { Files } from "../lib/files.ts";
import { canonicalJson } from "../lib/canonical-json.ts";
import { hmacSha256Hex } from "../lib/hash.ts";
import { object, optional, text, textLike, truth, wholeFrom } from "../lib/shape.ts";
import type { Continued } from "../model/audit-record.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";
import type { Head } from "./record.ts";

export interface KeptHead extends Head {
  readonly formatVersion: 1;
  /** The trail's path; the head of another trail says nothing of this one. */
  readonly trail: string;
  /** The line of the head's record, from 1. */
  readonly line: number;
  /** The byte after that line. */
  readonly sizeBytes: number;
  /** SHA-256 of all bytes up to there. */
  readonly sha256: string;
  /** As in `Proven`. */
  readonly records: number;
  readonly signed: number;
  readonly isSigned: boolean;
  /** The closed file that preceded the trail's first record and was not there; not set if the trail was whole. */
  readonly absent?: Continued;
}

interface KeptHeadPlace {
  readonly path: string;
  readonly headPath: string;
  readonly key: string | undefined;
  /** A head that was kept before the key changed is sealed under one of these. */
  readonly formerKeys?: readonly string[] | undefined;
}

const headMode = 0o600;
/** Many times what is written. */
const maxKeptBytes = 64 * 1024;

const hash = textLike(/^[0-9a-f]{64}$/, "64 hexadecimal digits");
const headFields = {
  formatVersion: wholeFrom(1),
  trail: text,
  seq: wholeFrom(0),
  hash,
  line: wholeFrom(0),
  sizeBytes: wholeFrom(0),
  sha256: hash,
  records: wholeFrom(0),
  signed: wholeFrom(0),
  isSigned: truth,
  absent: optional(
    object({ file: text, seq: wholeFrom(1), hash } satisfies Record<keyof Continued, unknown>),
  ),
} satisfies Record<keyof KeptHead, unknown>;
export const keptHeadShape = object(headFields);
const keptShape = object({ ...headFields, seal: text } satisfies Record<
  keyof (KeptHead & Sealed),
  unknown
>);

interface Sealed {
  /** An HMAC under `RECONCILE_AUDIT_KEY`; empty without a key. */
  readonly seal: string;
}

/**
 * Returns null if there is none for this trail. With a key, only a head that is sealed under it is proven: a process that
 * can change the trail can change this file as well. Throws ReconcileError `state/unreadable`.
 */
export async function readKeptHead(
  files: Pick<Files, "read">,
  { path, headPath, key, formerKeys = [] }: KeptHeadPlace,
): Promise<{ readonly kept: KeptHead; readonly isProven: boolean } | null> {
  const found = parseKept(await readText(files, headPath));
  if (found?.trail !== path) return null;
  const { seal, ...kept } = found;
  return {
    kept,
    isProven: key === undefined || [key, ...formerKeys].some((one) => seal === sealOf(kept, one)),
  };
}

async function readText(files: Pick<Files, "read">, path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await files.read(path, maxKeptBytes));
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return "";
    const message = `${path}, which keeps the head of the audit trail, cannot be read: ${errorText(error)}`;
    throw new ReconcileError("state/unreadable", message, {
      hint: "give this user read permission on it; without it, a trail that was changed is not noticed",
      cause: error,
    });
  }
}

/** A file that someone damaged keeps nothing. */
function parseKept(json: string): (KeptHead & Sealed) | null {
  try {
    const found: unknown = JSON.parse(json);
    return keptShape(found, "") === null ? (found as KeptHead & Sealed) : null;
  } catch {
    return null;
  }
}

/** Rejects with Node's errors. */
export async function writeKeptHead(
  files: Pick<Files, "write">,
  head: KeptHead,
  { headPath, key }: Omit<KeptHeadPlace, "path">,
): Promise<void> {
  const seal = key === undefined ? "" : sealOf(head, key);
  await files.write(headPath, `${JSON.stringify({ ...head, seal }, null, 2)}\n`, { mode: headMode });
}

function sealOf(head: KeptHead, key: string): string {
  return hmacSha256Hex(canonicalJson(head), key);
}
