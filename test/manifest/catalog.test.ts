// The catalogue's text.
import { describe, expect, test } from "vitest";
import { makeCatalogMatcher } from "../../src/manifest/catalog-matcher.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { catalogMembership } from "../../src/manifest/rules/catalog-membership.ts";
import type { RuleOptions } from "../../src/manifest/rules/rule.ts";
import { parseCatalog } from "../../src/manifest/catalog.ts";
import { catalogOf } from "./manifest-text.ts";

test("one event type a line; comments, blank lines, repeats, BOM and CRLF do no harm", () => {
  const text =
    "\uFEFF# topics\r\n\r\nv2.users.{id}.presence  # per user\r\n  routing.queue.created\r\nrouting.queue.created";
  expect(parseCatalog(text, "topics.txt")).toEqual({
    ok: true,
    value: catalogOf("v2.users.{id}.presence", "routing.queue.created"),
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
  const { find } = makeCatalogMatcher(["a.{id}.c", "a.b.d", "a.b", "a.{queueId}.c.{id}"]);
  const known = ["a.b", "a.b1.c", "a.b.d", "a.4f-x.c", "a.{id}.c", "a.{queueId}.c.7", "a.{id}.c.{id}"];
  const unknown = ["a", "a.x", "a.7.d", "a.b1.c.d", "a.{queueId}.c", "", "\0any.b"];
  expect([known.map(find), unknown.map(find)]).toEqual([
    [...["a.b", "a.{id}.c", "a.b.d", "a.{id}.c", "a.{id}.c", "a.{queueId}.c.{id}"], "a.{queueId}.c.{id}"],
    Array(7).fill(undefined),
  ]);
});

test("what is no identifier in the place of a placeholder is near an entry, and none", () => {
  const { find, findLike } = makeCatalogMatcher(["v2.users.{id}.presence", "v2.users.all"]);
  const slips = ["{ID}", "{user}", "*", "id", "{id", "{1}"].map((part) => `v2.users.${part}.presence`);
  expect(slips.map((slip) => [find(slip), findLike(slip)])).toEqual(
    slips.map(() => [undefined, "v2.users.{id}.presence"]),
  );
  expect(["v2.users.x", "v2.users.4f1c"].map(findLike)).toEqual([undefined, undefined]);
});

describe("a hostile catalogue takes no long time", () => {
  /** Far longer than it takes, and far shorter than before: it took minutes. */
  const mostMs = 3_000;
  const timed = (action: () => void): number => {
    const startedMs = performance.now();
    action();
    return performance.now() - startedMs;
  };

  test("of placeholders of many spellings", () => {
    // 13 placeholders below each other, each of two spellings: 8,192 entries.
    const entries = Array.from({ length: 2 ** 13 }, (_, number) =>
      Array.from({ length: 13 }, (_, bit) => ((number >> bit) & 1 ? "{a}" : "{b}")).join("."),
    );
    const asked = Array.from({ length: 20_000 }, (_, index) => `${"x1.".repeat(12)}y${index}`);
    const took = timed(() => {
      const { find, findLike } = makeCatalogMatcher(entries);
      expect(asked.every((one) => find(one) !== undefined)).toBe(true);
      expect(asked.some((one) => find(`${one}.z`) !== undefined)).toBe(false);
      expect(findLike(`${"x.".repeat(12)}y`)).toBeDefined();
    });
    expect(took).toBeLessThan(mostMs);
  });

  test("whose parts are both written out and placeholders", () => {
    const entries = Array.from({ length: 2 ** 11 }, (_, number) =>
      Array.from({ length: 11 }, (_, bit) => ((number >> bit) & 1 ? "{a}" : "a1")).join("."),
    );
    const asked = Array.from({ length: 2 ** 11 }, (_, number) =>
      Array.from({ length: 11 }, (_, bit) => ((number >> bit) & 1 ? "b1" : "a1")).join("."),
    );
    expect(
      timed(() => {
        const { find } = makeCatalogMatcher(entries);
        expect(asked.every((one) => find(one) !== undefined)).toBe(true);
      }),
    ).toBeLessThan(mostMs);
  });

  test("of comments of line separators", () => {
    const text = `${"#".repeat(500_000)}\u2028${"#".repeat(500_000)}`;
    expect(timed(() => void parseCatalog(text, "topics.txt"))).toBeLessThan(mostMs);
  });

  test("of a MiB of lines that are near nothing", () => {
    const ids = Array.from({ length: 11_000 }, (_, index) => `a.${index}${"x".repeat(90)}`);
    const rule = catalogMembership({
      catalog: catalogOf(...ids),
      kinds: builtInKinds,
    } as unknown as RuleOptions);
    const eventTypes = Array.from({ length: 200 }, (_, index) => ({
      ...{ value: `b.${index}${"y".repeat(90)}`, place: { file: "a.yaml", line: 1, column: 1 } },
    }));
    const draft = { eventTypes, endpoints: [] } as unknown as Parameters<typeof rule>[0];
    const took = timed(() => {
      expect(rule(draft)).toHaveLength(200);
    });
    expect(took).toBeLessThan(mostMs);
  });
});
