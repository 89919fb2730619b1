// Where the events of an endpoint go: to this machine, where a route leads, or to a host that was named.
import { describe, expect, test } from "vitest";
import { findWay, isHost, parseWay, type Way } from "../../../src/sandbox/deliver/ways.ts";

function route(text: string): Way {
  const way = parseWay(text);
  if (typeof way === "string") throw new Error(way);
  return way;
}

const here = "http://127.0.0.1:8080";
const endpoint = "https://hooks.example.com/team/a?key=1";

describe("a route", () => {
  test.each([
    ["hooks.example.com", endpoint, `${here}/team/a?key=1`],
    ["HOOKS.example.com", endpoint, `${here}/team/a?key=1`],
    ["hooks.example.com:443", endpoint, `${here}/team/a?key=1`],
    ["https://hooks.example.com", endpoint, `${here}/team/a?key=1`],
    ["https://hooks.example.com/", endpoint, `${here}/team/a?key=1`],
    [endpoint, endpoint, `${here}/`],
    ["hooks.example.com", "https://hooks.example.com:8443/x", `${here}/x`],
    ["hooks.example.com:443", "https://hooks.example.com:8443/x", null],
    ["https://hooks.example.com", "https://hooks.example.com:8443/x", null],
    ["https://hooks.example.com/team/a", endpoint, null],
    ["example.com", endpoint, null],
    ["hooks.example.com", "not a url", null],
  ])("from %s takes %s to %s", (from, given, to) => {
    expect(findWay(given, { routes: [route(`${from}=${here}`)], hosts: [] })).toBe(to);
  });

  test("keeps the path of its end in front of the endpoint's", () => {
    const routes = [route(`hooks.example.com=${here}/base/`)];
    expect(findWay(endpoint, { routes, hosts: [] })).toBe(`${here}/base/team/a?key=1`);
  });

  test("is the longest of those that fit, and goes before a host that was named", () => {
    const routes = [
      `hooks.example.com=${here}/host`,
      `${endpoint}=${here}/whole`,
      `https://hooks.example.com=${here}/origin`,
    ];
    const ways = { routes: routes.map(route), hosts: ["hooks.example.com"] };
    expect(findWay(endpoint, ways)).toBe(`${here}/whole`);
    expect(findWay("https://hooks.example.com/b", ways)).toBe(`${here}/origin/b`);
  });

  test("is split at the first =http, so that an endpoint may hold a =", () => {
    expect(route(`https://a.example.com/x?to=b=${here}/c`)).toEqual({
      from: "https://a.example.com/x?to=b",
      to: new URL(`${here}/c`),
    });
  });

  test.each([
    ["hooks.example.com", "must be FROM=TO"],
    [`=${here}`, "must be FROM=TO"],
    ["hooks.example.com=https://collector.example.com", "must lead to this machine"],
    ["hooks.example.com=http://127.0.0.1.example.com", "must lead to this machine"],
    ["hooks.example.com=http://10.0.0.1", "must lead to this machine"],
    ["hooks.example.com=http://a:b@127.0.0.1:80", "must have no login"],
    ["hooks.example.com=http://", "has no valid URL"],
    [`a b=${here}`, "must begin with an endpoint's URL"],
    [`hooks.example.com/path=${here}`, "must begin with an endpoint's URL"],
  ])("is refused as %s", (text, why) => {
    expect(parseWay(text)).toContain(why);
  });
});

describe("a host that was named", () => {
  test("gets its own events, as they are, and no other host's", () => {
    const ways = { routes: [], hosts: ["hooks.example.com", "[::1]:8443"] };
    expect(findWay(endpoint, ways)).toBe(endpoint);
    expect(findWay("https://[::1]:8443/x", ways)).toBe("https://[::1]:8443/x");
    expect(findWay("https://hooks.example.com.evil.example/x", ways)).toBeNull();
    expect(findWay("https://other.example.com/x", ways)).toBeNull();
  });

  test.each([
    ["hooks.example.com", true],
    ["hooks.example.com:8443", true],
    ["hooks.example.com:443", true],
    ["https://hooks.example.com", false],
    ["hooks.example.com/x", false],
    ["user@hooks.example.com", false],
    ["", false],
  ])("%j is one: %s", (text, is) => {
    expect(isHost(text)).toBe(is);
  });
});
