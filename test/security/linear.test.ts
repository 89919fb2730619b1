// Text from outside is looked at in a time that grows with its length, and not with the square of it.
import { expect, test } from "vitest";
import { hideQueries } from "../../src/lib/hide-queries.ts";
import { plain, plainLines } from "../../src/lib/plain.ts";
import { hideLogins } from "../../src/lib/url-login.ts";
import { readOwnership, stateFileOf } from "../../src/model/ownership.ts";
import { manifest, runWorld } from "../support/world.ts";

const letters = 100_000;
const of = (text: string): string => text.repeat(Math.ceil(letters / text.length));
/** A quadratic search of so many letters takes five seconds or more. */
const mostMs = 1_500;

test.each<[string, () => unknown]>([
  ["a server's text of line breaks", () => plainLines(`${of("\n")}x`)],
  ["a server's text of blanks", () => plain(`${of(" ")}x`)],
  ["a server's text of commands", () => plain(of("##a"))],
  ["a server's text of addresses", () => hideQueries(`${of("http://")} ?`)],
  ["a server's text of logins", () => hideQueries(`${of("http://a")}@ ?`)],
  ["a text of passwords", () => hideLogins(`${of("//a:")}@`)],
  ["a text of unfinished passwords", () => hideLogins(`@ ${of("//a:b")}`)],
  ["a description of fields", () => readOwnership(of(" | Managed by: reconcile ("))],
  ["a description of groups", () => readOwnership(of("Consumer group: "))],
  ["a description of state files", () => stateFileOf({ description: of("Offset tracking: | ") })],
])("%s", (_, look) => {
  const startedMs = performance.now();
  look();
  expect(performance.now() - startedMs).toBeLessThan(mostMs);
});

test.each(["https:", "", "a"])("an endpoint of dots after `%s`", async (start) => {
  const text = manifest("alpha").replace("https://events.example.com/alpha", `${start}${of(".")}`);
  const startedMs = performance.now();
  const { status } = await runWorld({ argv: "validate", files: { "subscriptions/a.yaml": text } });
  expect([status, performance.now() - startedMs < 2 * mostMs]).toEqual([1, true]);
});
