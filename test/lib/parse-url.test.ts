import { expect, test } from "vitest";
import { parseUrl } from "../../src/lib/parse-url.ts";

test("a URL with letters beyond ASCII is one, however often it is asked for", () => {
  const hosts = new Set(
    Array.from({ length: 20_000 }, () => parseUrl("https://bücher.example.com/x")?.hostname),
  );
  expect([...hosts]).toEqual(["xn--bcher-kva.example.com"]);
});

test.each(["", "bücher", "https://", "https://a b/"])("`%s` is none", (text) => {
  expect(parseUrl(text)).toBeNull();
});

test("of many texts, each is parsed as itself, also when it is asked for again", () => {
  const texts = Array.from({ length: 200 }, (_, index) => `https://h${index % 130}.example.com/${index}`);
  const shown = (text: string): string | undefined => parseUrl(text)?.href;
  expect([...texts, ...texts].map(shown)).toEqual([...texts, ...texts]);
  expect([parseUrl("no url"), parseUrl("no url")]).toEqual([null, null]);
});
