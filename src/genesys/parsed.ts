// Checks the platform's answers. The result is the value, or in words what was expected in its place.
import { ReconcileError } from "../model/errors.ts";

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };

export function expected(words: string): { readonly ok: false; readonly expected: string } {
  return { ok: false, expected: words };
}

/** True if the id can stand in a URL's path as it is: it holds no slash, and is not `.` or `..`. */
export function isResourceId(value: unknown): value is string {
  return typeof value === "string" && /^(?!\.{1,2}$)[\w.:~-]{1,128}$/.test(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/**
 * The id may come from a saved plan, where `..` would lead to another address. Throws ReconcileError `api/invalidId`.
 */
export function pathOf(collectionPath: string, id: string, noun: string): string {
  if (isResourceId(id)) return `${collectionPath}/${encodeURIComponent(id)}`;
  throw new ReconcileError("api/invalidId", `${JSON.stringify(id)} is not a valid ${noun} id`);
}

/** The value of an answer to a GET. Throws ReconcileError `api/malformed`. */
export function believe<T>(parsed: Parsed<T>, request: string): T {
  if (parsed.ok) return parsed.value;
  throw new ReconcileError("api/malformed", `${request}: expected ${parsed.expected}`);
}

/**
 * The value of an answer to a successful write. Throws `api/outcomeUnknown`, because an unreadable answer does not
 * show what is stored.
 */
export function believeStored<T>(parsed: Parsed<T>, request: string): T {
  if (parsed.ok) return parsed.value;
  const cause = new ReconcileError("api/malformed", `${request}: expected ${parsed.expected}`);
  const message = `${request}: sent, but whether it took effect is unknown: expected ${parsed.expected}`;
  throw new ReconcileError("api/outcomeUnknown", message, { cause });
}

/** Null if the platform has no such resource. */
export async function orNotFound<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ReconcileError && error.code === "api/notFound") return null;
    throw error;
  }
}

/** Refuses an answer about another resource than was asked for. Throws ReconcileError `api/malformed`. */
export function requireId(found: string, asked: string, request: string): void {
  if (found === asked) return;
  throw new ReconcileError("api/malformed", `${request}: expected the resource that was asked for`);
}

export function isPresent<T>(value: T | null): value is T {
  return value !== null;
}
