// Reads where a page of a list with cursors says that the next one begins.
import { expected, type Parsed } from "./parsed.ts";

/** Servers take no longer request line. */
const maxUriLength = 8_000;

/** Returns the cursor of the next page; null after the last. */
export function parseCursor(page: Readonly<Record<string, unknown>>): Parsed<string | null> {
  const nextUri = page["nextUri"] ?? "";
  if (typeof nextUri !== "string") return expected("nextUri to be text");
  if (nextUri.length > maxUriLength) return expected(`nextUri to have at most ${maxUriLength} characters`);
  const queryAt = nextUri.indexOf("?");
  const next = queryAt < 0 ? null : new URLSearchParams(nextUri.slice(queryAt)).get("after");
  if (nextUri !== "" && next === null) return expected("nextUri to have a cursor");
  return { ok: true, value: next };
}
