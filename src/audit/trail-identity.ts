// What the disk says of a trail's files. While that stays the same, nobody has changed the trail.
import type { Files } from "../lib/files.ts";
import { systemErrorCode } from "../model/errors.ts";
import { findTrailParts, type TrailFiles } from "./trail-parts.ts";

export interface TrailIdentity {
  /** One text for each file, oldest first: equal texts stand for the same files, unchanged. */
  readonly files: readonly string[];
  readonly sizeBytes: number;
}

export type IdentityFiles = TrailFiles & Pick<Files, "identify">;

/** Null if there is no trail, if a file went away at this moment, or if the disk cannot tell two changes of a file apart. Throws ReconcileError `audit/unreadable`. */
export async function identifyTrail(files: IdentityFiles, path: string): Promise<TrailIdentity | null> {
  const parts = await findTrailParts(files, path);
  if (parts.length === 0) return null;
  try {
    const found = await Promise.all(parts.map((part) => files.identify(part.path)));
    if (!found.every(({ isFine }) => isFine)) return null;
    return {
      files: found.map(({ id }, place) => nameIdentity(parts[place]?.path ?? "", id)),
      sizeBytes: found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    };
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return null;
  }
}

export function nameIdentity(path: string, id: string): string {
  return `${id} ${path}`;
}

/** What the disk says of the trail's own file, the last one; null if that is not known. */
export function idIn(files: readonly string[] | null | undefined, path: string): string | null {
  const own = files?.at(-1);
  return own?.endsWith(nameIdentity(path, "")) ? own.slice(0, -nameIdentity(path, "").length) : null;
}

/** The same files, the last of which has changed; null if its id is not known. */
export function withOwn(
  files: readonly string[] | null | undefined,
  path: string,
  id: string | null,
): readonly string[] | null {
  return files && id !== null ? [...files.slice(0, -1), nameIdentity(path, id)] : null;
}

export function isSameIdentity(one: readonly string[], other: readonly string[] | undefined): boolean {
  return one.length === other?.length && one.every((text, place) => text === other[place]);
}
