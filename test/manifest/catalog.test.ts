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
  const { has } = makeCatalogMatcher(["a.{id}.c", "a.b.d", "a.b", "a.{queueId}.c.{id}"]);
  const known = ["a.b", "a.b1.c", "a.b.d", "a.4f-x.c", "a.{id}.c", "a.{queueId}.c.7", "a.{id}.c.{id}"].map(
    has,
  );
  const unknown = ["a", "a.x", "a.7.d", "a.b1.c.d", "a.{queueId}.c", "", "\0any.b"].map(has);
  expect([known, unknown]).toEqual([Array(7).fill(true), Array(7).fill(false)]);
});

test("what is no identifier in the place of a placeholder is near an entry, and none", () => {
  const { has, findLike } = makeCatalogMatcher(["v2.users.{id}.presence", "v2.users.all"]);
  const slips = ["{ID}", "{user}", "*", "id", "{id", "{1}"].map((part) => `v2.users.${part}.presence`);
  expect(slips.map((slip) => [has(slip), findLike(slip)])).toEqual(
    slips.map(() => [false, "v2.users.{id}.presence"]),
  );
  expect(["v2.users.x", "v2.users.4f1c"].map(findLike)).toEqual([undefined, undefined]);
});
