// Collects the lines of a trail that a reader needed and that are not sound records, and finds their line numbers.
import { count } from "../lib/count.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { decodeLine } from "./lines.ts";
import { findPlace, readLines } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";

export interface UnsoundLine {
  /** The closed file in which the line is; absent if that is the trail's own file. */
  readonly file?: string;
  /** From 1. */
  readonly line: number;
  /** Such as `after.retryPolicy is not an object`. */
  readonly fault: string;
}

/** The fault of each line, by its text: a reader that starts at the end of a trail does not have the line's number. */
export type UnsoundTexts = Map<string, string>;

/** This limit keeps a trail with very many changed lines out of memory. */
export const maxUnsound = 1_000;

export function noteUnsound(unsound: UnsoundTexts, text: string, fault: string): void {
  if (unsound.size < maxUnsound) unsound.set(text, fault);
}

/** Reads the trail once more to find the line numbers, if there are any lines. Throws ReconcileError `audit/unreadable`. */
export async function findLines(
  files: TrailFiles,
  path: string,
  unsound: UnsoundTexts,
): Promise<readonly UnsoundLine[]> {
  if (unsound.size === 0) return [];
  const found: UnsoundLine[] = [];
  let line = 0;
  for await (const bytes of readLines(files, path)) {
    line += 1;
    const fault = unsound.get(bytes === null ? "" : (decodeLine(bytes) ?? ""));
    if (fault !== undefined) found.push({ line, fault });
  }
  return placeUnsound(files, path, found);
}

/** Finds the files of those lines that are named. Throws ReconcileError `audit/unreadable`. */
export async function placeUnsound(
  files: TrailFiles,
  path: string,
  lines: readonly UnsoundLine[],
): Promise<readonly UnsoundLine[]> {
  const named = lines.slice(0, maxNamed).map(async ({ line, fault }): Promise<UnsoundLine> => {
    const place = await findPlace(files, path, line);
    return place.file === path ? { line: place.line, fault } : { ...place, fault };
  });
  return [...(await Promise.all(named)), ...lines.slice(maxNamed)];
}

/** More lines than this do not help: `audit verify` names the first broken line, and nothing after it is proven. */
const maxNamed = 10;

export function describeUnsound(lines: readonly UnsoundLine[], path: string): readonly Diagnostic[] {
  const more = lines.length - maxNamed;
  const messages = [
    ...lines
      .slice(0, maxNamed)
      .map(({ file = path, line, fault }) => `line ${line} of ${file} is not a sound record: ${fault}`),
    ...(more > 0 ? [`${count(more, "more line")} of ${path} ${more === 1 ? "is" : "are"} not sound`] : []),
  ];
  const hint =
    "someone changed it, so what it records counts as unknown; `reconcile audit verify` names the first such line";
  return messages.map((message) => ({
    ...{ severity: "warning", code: "audit/malformed", message, hint },
    ...nowhere,
  }));
}
