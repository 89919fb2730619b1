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
