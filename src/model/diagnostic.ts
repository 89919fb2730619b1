// A diagnostic describes a fault of the user's input, its place, and the way out.
import { compareText } from "../lib/compare.ts";
import type * as schema from "./schema/diagnostic.ts";
import type { TypeOf } from "./schema/type-of.ts";

export type Diagnostic = TypeOf<typeof schema.diagnostic>;

/** A place in a file; line and column count from 1. */
export type Place = TypeOf<typeof schema.place>;

/** A diagnostic without its place. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  /** The way out; without one, null. */
  readonly hint?: string | null | undefined;
}

/** The place of a diagnostic that concerns no file. */
export const nowhere = { file: null, line: null, column: null } as const;

/** Either the whole value or the reasons why there is none; warnings may come with a value. */
export type Loaded<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}

/** The order of every list of diagnostics: by file, line, column, then code; those without a file first. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.toSorted(
    (a, b) =>
      compareText(a.file ?? "", b.file ?? "") ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
}
