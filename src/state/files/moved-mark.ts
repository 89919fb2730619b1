// Marks the trails of files that were moved to a shared store. Several configs may share a state directory, each with a trail
// of its own.
import type { Files } from "../../lib/files.ts";
import { listOf, object, oneOf, text, wholeFrom } from "../../lib/shape.ts";
import { errorText, ReconcileError, systemErrorCode } from "../../model/errors.ts";
import type { StatePaths, StoreKind } from "../state.ts";

type Marked = Pick<StatePaths, "trail" | "moved">;

interface MovedTrail {
  /** Its path. */
  readonly trail: string;
  readonly movedTo: StoreKind;
}

const maxBytes = 1024 * 1024;

/** Null if the trail was not moved. Throws ReconcileError `state/unreadable`. */
export async function readMoved(
  { trail, moved }: Marked,
  files: Pick<Files, "read">,
): Promise<StoreKind | null> {
  if (moved === undefined) return null;
  return (await readTrails(moved, files)).find((one) => one.trail === trail)?.movedTo ?? null;
}

/** Rejects with Node's errors, and ReconcileError `state/unreadable`. */
export async function writeMoved(
  movedTo: StoreKind | null,
  { trail, moved }: Marked,
  files: Pick<Files, "read" | "write" | "remove">,
): Promise<void> {
  if (moved === undefined) return;
  const others = (await readTrails(moved, files)).filter((one) => one.trail !== trail);
  const trails = movedTo === null ? others : [...others, { trail, movedTo }];
  if (trails.length === 0) await files.remove(moved);
  else
    await files.write(moved, `${JSON.stringify({ formatVersion: 1, trails }, null, 2)}\n`, { mode: 0o600 });
}

/** A damaged mark is an error: a pass without it would go on in the trail that was left behind. */
async function readTrails(path: string, files: Pick<Files, "read">): Promise<readonly MovedTrail[]> {
  try {
    const found: unknown = JSON.parse(new TextDecoder().decode(await files.read(path, maxBytes)));
    const fault = movedShape(found, "");
    if (fault !== null) throw new Error(fault);
    return (found as { readonly trails: readonly MovedTrail[] }).trails;
  } catch (cause) {
    if (systemErrorCode(cause) === "ENOENT") return [];
    const message = `${path}, which says where a trail was moved to, cannot be read: ${errorText(cause)}`;
    throw new ReconcileError("state/unreadable", message, {
      hint: "give this user read permission on it; if it is damaged and the trail is in files, remove it",
      cause,
    });
  }
}

const movedShape = object({
  formatVersion: wholeFrom(1),
  trails: listOf(object({ trail: text, movedTo: oneOf("files", "git", "postgres") })),
});
