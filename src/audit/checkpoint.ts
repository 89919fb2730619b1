// `.reconcile/checkpoint.json` lets a pass read a long trail from near its end: it keeps what was proven of the trail, what the
// disk said of its files then, and an index. It is used only while it fits the trail, and made anew from the trail whenever
// it does not, so it may be removed at any time.
import type { Files } from "../lib/files.ts";
import { hmacSha256Hex, sha256Hex } from "../lib/hash.ts";
import { systemErrorCode } from "../model/errors.ts";
import { keptHeadShape, type KeptHead } from "./kept-head.ts";
import type { Head } from "./record.ts";
import { isIndex, type TrailIndex } from "./trail-index.ts";

/** The proven part of a trail up to one of its records, without the digest of its bytes. */
export type ProvenHead = Omit<KeptHead, "formatVersion" | "trail" | "sha256">;

export interface Checkpoint {
  /** Grows when the index comes to hold other lines, or the readers to need others. */
  readonly formatVersion: 1;
  /** The trail's path; the checkpoint of another trail says nothing of this one. */
  readonly trail: string;
  /** A part of the trail whose bytes were read and proven. */
  readonly read: KeptHead;
  /** The whole trail when the disk said `files` of it; `read` is its beginning, or all of it. */
  readonly whole: ProvenHead;
  /** As in `TrailIdentity`. */
  readonly files: readonly string[];
  /** The head of `.reconcile/head.json` which the trail held then; null without one. */
  readonly lastSeen: Head | null;
  /** Null for a trail that can have none. */
  readonly index: TrailIndex | null;
}

export interface FoundCheckpoint extends Checkpoint {
  /** Whether a key has sealed it. */
  readonly isSealed: boolean;
}

export interface CheckpointPlace {
  readonly path: string;
  /** Absent where a command reads the whole trail. */
  readonly checkpointPath?: string | undefined;
  /** The size from which on a trail gets a checkpoint; tests may set it. */
  readonly leastTrailBytes?: number | undefined;
  readonly key: string | undefined;
  readonly formerKeys?: readonly string[] | undefined;
}

const formatVersion = 1;
const checkpointMode = 0o600;
/** Far more than an index of the most lines takes. */
const maxCheckpointBytes = 64 * 1024 * 1024;

/**
 * Null if there is none that is whole, of this format, of this trail and, with a key, sealed under it. A file that cannot be
 * read is none: the trail itself is read then.
 */
export async function readCheckpoint(
  files: Pick<Files, "read">,
  { path, checkpointPath, key, formerKeys = [] }: CheckpointPlace,
): Promise<FoundCheckpoint | null> {
  if (checkpointPath === undefined) return null;
  const text = await readText(files, checkpointPath);
  const newline = text.indexOf("\n");
  const content = text.slice(newline + 1);
  const { sha256, seal } = parse(text.slice(0, Math.max(0, newline))) as Partial<Record<string, unknown>>;
  if (sha256 !== sha256Hex(content)) return null;
  const isRightlySealed =
    key === undefined || [key, ...formerKeys].some((one) => seal === hmacSha256Hex(content, one));
  const found = parse(content);
  if (!isRightlySealed || !isCheckpoint(found) || found.trail !== path) return null;
  return { ...found, isSealed: seal !== "" };
}

async function readText(files: Pick<Files, "read">, path: string): Promise<string> {
  try {
    return Buffer.from(await files.read(path, maxCheckpointBytes)).toString("latin1");
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return "";
  }
}

function parse(json: string): object {
  try {
    return Object(JSON.parse(json)) as object;
  } catch {
    return {};
  }
}

function isCheckpoint(value: object): value is Checkpoint {
  const found = value as Partial<Record<keyof Checkpoint, unknown>>;
  const { whole, read, files, lastSeen, index } = found;
  return (
    found.formatVersion === formatVersion &&
    keptHeadShape(read, "") === null &&
    keptHeadShape({ ...(read as KeptHead), ...(whole as object) }, "") === null &&
    Array.isArray(files) &&
    typeof lastSeen === "object" &&
    (index === null || isIndex(index))
  );
}

/** Rejects with Node's errors. */
export async function writeCheckpoint(
  files: Pick<Files, "write">,
  checkpoint: Omit<Checkpoint, "formatVersion">,
  { checkpointPath, key }: CheckpointPlace,
): Promise<void> {
  if (checkpointPath === undefined) return;
  // Its bytes are counted as they are read: one for each character.
  const content = asAscii(JSON.stringify({ formatVersion, ...checkpoint }));
  const seal = key === undefined ? "" : hmacSha256Hex(content, key);
  const header = JSON.stringify({ sha256: sha256Hex(content), seal });
  await files.write(checkpointPath, `${header}\n${content}`, { mode: checkpointMode });
}

function asAscii(json: string): string {
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
