// This machine's copy of a shared trail: a file of the same bytes, which every reader reads as if it were the trail itself.
// The store stays the only truth; a copy that does not fit it is read anew.
import type { AppendFile, Files } from "../../lib/files.ts";
import { followOwnChanges } from "../../lib/own-changes.ts";
import { systemErrorCode } from "../../model/errors.ts";
import type { Growth } from "../state.ts";
import type { SharedStore, StateKey, TrailHead } from "../shared-store.ts";

/** Only this user may read it, as a trail. */
const copyMode = 0o600;
const newline = 0x0a;
/** A record has 1 to 4 KiB, so one read nearly always finds the last one. */
const firstWindowBytes = 64 * 1024;

export interface Copying {
  readonly store: Pick<SharedStore, "read">;
  readonly key: StateKey;
  readonly files: Pick<Files, "openAppend" | "readRange" | "stat" | "identify" | "remove" | "rename">;
  /** The copy's file. */
  readonly path: string;
}

/**
 * Appends what is new in the store, or reads all of it anew if the copy does not fit. Returns what the disk said of the copy
 * before and after it appended; null if it appended nothing, or if another process changed the copy. Throws ReconcileError
 * `state/…`.
 */
export async function updateCopy(head: TrailHead, copying: Copying): Promise<Growth | null> {
  const held = await readCopyHead(copying);
  if (held.seq === head.seq && held.hash === head.hash) return null;
  const growth = held.seq === 0 || held.seq >= head.seq ? "misfit" : await fetchAfter(held, copying);
  if (growth !== "misfit") return growth;
  await readAnew(head, copying);
  return null;
}

/** Throws ReconcileError `state/…`. */
export async function readAnew(head: TrailHead, copying: Copying): Promise<void> {
  const { files, path } = copying;
  const held = await readCopyHead(copying);
  // A store that was restored from a backup lacks records which may be nowhere else by now.
  if (await isLost(held, head, copying))
    await files.rename(path, `${path}.until-${held.seq}-${held.hash.slice(0, 8)}`);
  else await files.remove(path);
  if (head.seq > 0) await fetchAfter({ seq: 0, hash: "" }, copying);
}

/** Whether the store does not hold the copy's last record. */
async function isLost(held: TrailHead, head: TrailHead, { store, key }: Copying): Promise<boolean> {
  if (held.seq === 0 || held.hash === head.hash) return false;
  if (held.seq >= head.seq) return true;
  for await (const lines of store.read(key, held.seq - 1)) return firstOf(lines)?.["hash"] !== held.hash;
  return true;
}

/** `misfit` if the store's next record does not follow the copy's last one; else as `updateCopy`. */
async function fetchAfter(
  held: TrailHead,
  { store, key, files, path }: Copying,
): Promise<Growth | "misfit" | null> {
  let file: AppendFile | null = null;
  const from = held.seq > 0 ? (await files.identify(path)).id : null;
  let changes = null;
  try {
    for await (const lines of store.read(key, held.seq)) {
      if (!file) {
        if (held.seq > 0 && !follows(lines, held)) return "misfit";
        file = await files.openAppend(path, copyMode);
      }
      const open = file;
      changes ??= followOwnChanges(open, from);
      await changes.make(() => open.append(lines), lines.length);
    }
    const to = changes?.last() ?? null;
    return from !== null && to !== null ? { from, to } : null;
  } finally {
    await file?.close();
  }
}

function follows(lines: Uint8Array, { hash }: TrailHead): boolean {
  return firstOf(lines)?.["prevHash"] === hash;
}

function firstOf(lines: Uint8Array): Readonly<Record<string, unknown>> | null {
  return parse(lines.subarray(0, lines.indexOf(newline)));
}

/** The last whole record of the copy; cuts off what an interrupted run left behind it. */
async function readCopyHead({ files, path }: Copying): Promise<TrailHead> {
  const sizeBytes = await sizeOf(path, files);
  if (sizeBytes === 0) return none;
  const file = await files.openAppend(path, copyMode);
  try {
    const { line, endBytes } = await findLastLine(file, sizeBytes);
    if (endBytes < sizeBytes) await file.truncate(endBytes);
    const { seq, hash } = parse(line) ?? {};
    return typeof seq === "number" && typeof hash === "string" ? { seq, hash } : none;
  } finally {
    await file.close();
  }
}

const none: TrailHead = { seq: 0, hash: "" };

/** The last line that ends with a newline, without it, and the byte after that. */
async function findLastLine(
  file: Pick<AppendFile, "readRange">,
  sizeBytes: number,
): Promise<{ readonly line: Uint8Array; readonly endBytes: number }> {
  for (let windowBytes = firstWindowBytes; ; windowBytes *= 2) {
    const start = Math.max(0, sizeBytes - windowBytes);
    const bytes = await file.readRange(start, sizeBytes);
    const end = bytes.lastIndexOf(newline);
    const before = end <= 0 ? -1 : bytes.lastIndexOf(newline, end - 1);
    if (end >= 0 && (before >= 0 || start === 0))
      return { line: bytes.subarray(before + 1, end), endBytes: start + end + 1 };
    if (start === 0) return { line: bytes.subarray(0, 0), endBytes: 0 };
  }
}

async function sizeOf(path: string, files: Pick<Files, "stat">): Promise<number> {
  try {
    return (await files.stat(path)).sizeBytes;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return 0;
    throw error;
  }
}

function parse(line: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    return Object(JSON.parse(new TextDecoder().decode(line))) as Record<string, unknown>;
  } catch {
    return null;
  }
}
