// The lines of a trail that a reader needed and could not believe: gathered by their text, named by their number.
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { decodeLine } from "./lines.ts";
import { readLines, type TrailFiles } from "./read-trail.ts";

export interface UnsoundLine {
  /** From 1. */
  readonly line: number;
  /** Which field is not what it should be, in words. */
  readonly fault: string;
}

/** By the text of a line, what is wrong with it: who reads from the end of a trail does not know its number. */
export type UnsoundTexts = Map<string, string>;

/** A trail that was changed everywhere is not to be held in memory for its messages. */
const maxHeld = 1_000;

export function noteUnsound(unsound: UnsoundTexts, text: string, fault: string): void {
  if (unsound.size < maxHeld) unsound.set(text, fault);
}

/** Reads the trail once more, where there are any. Throws ReconcileError `audit/unreadable`. */
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
  return found;
}

/** More lines than these help nobody: `audit verify` names the first, from which on nothing is proven. */
const maxNamed = 10;

export function describeUnsound(lines: readonly UnsoundLine[], path: string): readonly Diagnostic[] {
  const more = lines.length - maxNamed;
  const messages = [
    ...lines
      .slice(0, maxNamed)
      .map(({ line, fault }) => `line ${line} of ${path} is no sound record: ${fault}`),
    ...(more > 0 ? [`${more} more lines of ${path} are no sound records`] : []),
  ];
  const hint =
    "somebody changed it, so what it records counts as unknown; `reconcile audit verify` names the first such line";
  return messages.map((message) => ({
    ...{ severity: "warning", code: "audit/malformed", message, hint },
    ...nowhere,
  }));
}
