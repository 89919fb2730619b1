// The catalogue's text.
import { expect, test } from "vitest";
import { makeCatalogMatcher, parseCatalog } from "../../src/manifest/catalog.ts";

test("one event type a line; comments, blank lines, repeats, BOM and CRLF do no harm", () => {
  const text =
    "\uFEFF# topics\r\n\r\nv2.users.{id}.presence  # per user\r\n  routing.queue.created\r\nrouting.queue.created";
  expect(parseCatalog(text, "topics.txt")).toEqual({
    ok: true,
    value: ["v2.users.{id}.presence", "routing.queue.created"],
    diagnostics: [],
  });
});

test("every line that is no event type is told", () => {
  const parsed = parseCatalog("a.b\n  not one\nnone\n", "topics.txt");
  expect(
    parsed.diagnostics.map(({ code, message, line, column }) => [code, message, line, column]),
  ).toEqual([
    ["catalog/malformed", "this line is not an event type", 2, 3],
    ["catalog/malformed", "this line is not an event type", 3, 1],
  ]);
  expect(parsed.ok).toBe(false);
});

test("a catalogue without entries is an error, because no manifest could be valid", () => {
  expect(parseCatalog("# nothing yet\n", "topics.txt")).toMatchObject({
    ok: false,
    diagnostics: [{ code: "catalog/empty", file: "topics.txt", line: 1, column: 1 }],
  });
});

test("a matcher finds entries that share parts, with a placeholder and without", () => {
  const isKnown = makeCatalogMatcher(["a.{id}.c", "a.b.d", "a.b"]);
  const known = ["a.b", "a.b.c", "a.b.d", "a.x.c", "a.{id}.c"].map(isKnown);
  const unknown = ["a", "a.x", "a.x.d", "a.b.c.d", "", "\0any.b"].map(isKnown);
  expect([known, unknown]).toEqual([Array(5).fill(true), Array(6).fill(false)]);
});
