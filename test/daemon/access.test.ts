// Who may ask the daemon over HTTP: by the host name, the origin and the token.
import { describe, expect, test } from "vitest";
import { makeAccess } from "../../src/daemon/access.ts";
import { bearer, guarded, home, loopback, makeTestApp, open, said, token } from "./asking.ts";

const guardedPaths = ["/metrics", "/api/status", "/api/plan", "/api/audit", "/events", "/nothing"] as const;

const probes = ["/healthz", "/readyz"] as const;

describe("by the host name", () => {
  test.each([
    ...["127.0.0.1:9464", "127.0.0.1", "127.1.2.3:9464", "127.255.255.255", "127.0.0.0:80"],
    ...["localhost:1", "LOCALHOST", "[::1]:9464", "[::1]"],
  ])("on loopback, %s is let in", async (host) => {
    const { ask } = makeTestApp(loopback);
    expect((await ask("/api/status", { headers: { host } })).status).toBe(200);
  });

  test.each([
    "evil.example:9464",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1:9464@evil",
    "",
    "0.0.0.0",
    ...["127.999.1.1", "127.0.0.256", "127.0.0.1.", "127.0.0.01", "127.0.0", "127.0.0.1.1", "0127.0.0.1"],
    ...["localhost.", "localhost:", "localhost:x", "127.0.0.1:", "127.0.0.1, evil.example"],
    ...["[::1]:x", "::1", "[::1]evil.example", "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1%25eth0]", "[::2]"],
    ...["evil.example#127.0.0.1", "127.0.0.1/evil.example", "evil@127.0.0.1", "2130706433", "0x7f.1"],
  ])("on loopback, a page that calls this machine %j is not", async (host) => {
    const { ask, woken } = makeTestApp(loopback);
    for (const path of ["/", ...guardedPaths])
      expect((await ask(path, { headers: { host } })).status, path).toBe(403);
    expect((await ask("/api/reconcile", { method: "POST", headers: { host } })).status).toBe(403);
    expect(woken).toEqual([]);
  });

  test("elsewhere any name will do, with the token", async () => {
    const { ask } = makeTestApp(open);
    const headers = { ...bearer, host: "reconcile.monitoring.svc:9464" };
    expect((await ask("/api/status", { headers })).status).toBe(200);
  });
});

describe("by the origin", () => {
  test.each([
    "https://evil.example",
    "null",
    "http://localhost:9465",
    "http://127.0.0.1",
    "http://127.0.0.1:94640",
  ])("a page of %s cannot start a pass, nor read", async (origin) => {
    for (const access of [loopback, guarded, open]) {
      const { ask, woken } = makeTestApp(access);
      const headers = { ...bearer, origin };
      expect((await ask("/api/reconcile", { method: "POST", headers })).status).toBe(403);
      expect((await ask("/api/status", { headers })).status).toBe(403);
      expect(woken).toEqual([]);
    }
  });

  test("the daemon's own page can", async () => {
    const { ask, woken } = makeTestApp(loopback);
    const headers = { origin: `http://${home}` };
    expect(await said(ask("/api/reconcile", { method: "POST", headers }))).toBe('202 {"accepted":true}');
    expect(woken).toEqual(["request"]);
  });

  describe("through a proxy that gives the name under which the page was loaded", () => {
    const origin = "https://ops.example.com";

    test.each(["ops.example.com", "OPS.example.com", "ops.example.com, inner.example.com"])(
      "with the token, the page of %s is the daemon's own",
      async (forwarded) => {
        for (const access of [guarded, open]) {
          const { ask, woken } = makeTestApp(access);
          const headers = { ...bearer, origin, "x-forwarded-host": forwarded };
          expect((await ask("/api/reconcile", { method: "POST", headers })).status).toBe(202);
          expect(woken).toEqual(["request"]);
        }
      },
    );

    test.each([
      ["another name", bearer, "evil.example"],
      ["the name in another place", bearer, "evil.example, ops.example.com"],
      ["another port", bearer, "ops.example.com:8443"],
      ["no name", bearer, ""],
      ["a wrong token", { authorization: "Bearer a-long-token-of-these-testS" }, "ops.example.com"],
      ["no token", {}, "ops.example.com"],
    ])("with %s, it is not", async (_what, given, forwarded) => {
      for (const access of [loopback, guarded, open]) {
        const { ask, woken } = makeTestApp(access);
        const headers = { ...given, origin, "x-forwarded-host": forwarded };
        expect((await ask("/api/reconcile", { method: "POST", headers })).status).toBe(403);
        expect(woken).toEqual([]);
      }
    });

    test("a daemon without a token believes no such header", async () => {
      const { ask } = makeTestApp(loopback);
      const headers = { ...bearer, origin, "x-forwarded-host": "ops.example.com" };
      expect((await ask("/api/status", { headers })).status).toBe(403);
    });
  });

  test("no answer invites another page to read it", async () => {
    const { ask } = makeTestApp(loopback);
    for (const path of ["/", ...guardedPaths, ...probes]) {
      const { headers } = await ask(path);
      expect(headers.get("access-control-allow-origin"), path).toBeNull();
      expect(headers.get("cross-origin-resource-policy"), path).toBe("same-origin");
    }
    expect((await ask("/api/reconcile", { method: "OPTIONS" })).status).toBe(405);
  });
});

describe("by the token", () => {
  test.each([
    ["none", {}],
    ["a wrong one", { authorization: "Bearer a-long-token-of-these-testS" }],
    ["a part of it", { authorization: `Bearer ${token.slice(0, -1)}` }],
    ["more than it", { authorization: `Bearer ${token}x` }],
    ["an empty one", { authorization: "Bearer " }],
    ["another scheme", { authorization: `Basic ${Buffer.from(`:${token}`).toString("base64")}` }],
    ["it without a scheme", { authorization: token }],
  ])("with %s, nothing but the page and the probes is served", async (_what, headers) => {
    for (const access of [open, guarded]) {
      const { ask, woken } = makeTestApp(access);
      for (const path of guardedPaths) {
        const answer = await ask(path, { headers });
        expect(answer.status, path).toBe(401);
        expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="reconcile"');
      }
      expect((await ask("/api/reconcile", { method: "POST", headers })).status).toBe(401);
      expect(woken).toEqual([]);
      for (const path of ["/", ...probes]) expect((await ask(path, { headers })).status, path).toBe(200);
    }
  });

  test.each(["Bearer", "bearer"])("with %s and the right one, all is", async (scheme) => {
    const { ask } = makeTestApp(open);
    const headers = { authorization: `${scheme} ${token}` };
    expect(await said(ask("/metrics", { headers }))).toBe("200 up 1");
    expect((await ask("/nothing", { headers })).status).toBe(404);
  });

  test("it is not taken from the query string, where logs and histories would keep it", async () => {
    const { ask } = makeTestApp(open);
    expect((await ask(`/metrics?token=${token}&access_token=${token}`)).status).toBe(401);
  });

  test("an address that others can reach needs one, and a long one", () => {
    for (const host of [
      ...["0.0.0.0", "::", "10.0.0.1", "reconcile.example.com", "127.0.0.1.example.com"],
      ...["127.999.1.1", "127.0.0.01", "::ffff:127.0.0.1", "localhost."],
    ]) {
      expect(() => makeAccess(host, undefined)).toThrow("needs a token");
      expect(() => makeAccess(host, "")).toThrow("needs a token");
    }
    expect(() => makeAccess("0.0.0.0", "a-token-of-31-letters-and-digits".slice(1))).toThrow(
      "shorter than 32",
    );
    expect(makeAccess("0.0.0.0", token)).toEqual(open);
    expect(makeAccess("127.0.0.1", undefined)).toEqual(loopback);
    expect(makeAccess("::1", token)).toEqual(guarded);
  });
});
