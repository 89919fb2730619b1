// Requests through a proxy: a real one on loopback, in front of a platform with TLS.
import { builtInKinds } from "../../../src/kinds/registry.ts";
import type { RequestListener } from "node:http";
import { inspect } from "node:util";
import { afterEach, expect, test } from "vitest";
import { makeApi } from "../../../src/genesys/client/api.ts";
import { makeSend, type SendOptions } from "../../../src/genesys/client/send.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import { makeFakeClock } from "../../support/fake-clock.ts";
import { certificate, startProxy, startTlsPlatform, type Listening } from "../../support/proxy.ts";
import { failureOf } from "../fake-send.ts";

const opened: Listening[] = [];
afterEach(() => {
  for (const { close } of opened.splice(0)) close();
});

async function serve(
  given: {
    listener?: RequestListener;
    answer?: Parameters<typeof startProxy>[1];
    credentials?: string;
    variables?: Record<string, string>;
    options?: SendOptions;
  } = {},
) {
  const requests: string[] = [];
  const platform = await startTlsPlatform((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    expect(request.headers["proxy-authorization"]).toBeUndefined();
    if (given.listener) given.listener(request, response);
    else response.end("hello");
  });
  const proxy = await startProxy(platform, given.answer);
  opened.push(platform, proxy);
  const address = `http://${given.credentials ?? ""}127.0.0.1:${proxy.port}`;
  const proxies = given.variables ?? { HTTPS_PROXY: address };
  const send = makeSend({ trusted: certificate, proxies, ...given.options });
  const get = (url = "https://platform.example.com/x?q=1") =>
    send({ method: "GET", url, headers: { authorization: "Bearer t0ken" } });
  return { platform, proxy, address, requests, send, get };
}

test("the proxy learns the host and nothing else, and the connection is kept", async () => {
  const { proxy, requests, get } = await serve();
  expect([(await get()).body, (await get()).body]).toEqual(["hello", "hello"]);
  expect(requests).toEqual(["GET /x?q=1 Bearer t0ken", "GET /x?q=1 Bearer t0ken"]);
  expect(proxy.connects).toEqual(["platform.example.com:443"]);
  expect(proxy.authorizations).toEqual([undefined]);
  expect(proxy.seen().length).toBeGreaterThan(500);
  expect(proxy.seen()).not.toMatch(/t0ken|GET \/x/);
});

test("credentials in the proxy's URL go to the proxy, decoded, and not to the platform", async () => {
  const { proxy, get } = await serve({ credentials: "us%40er:pass%3Aword%C3%BC@" });
  expect((await get()).status).toBe(200);
  expect(proxy.authorizations).toEqual([
    `Basic ${Buffer.from("us@er:pass:wordü", "utf8").toString("base64")}`,
  ]);
});

test.each(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])(
  "%s names the proxy, with or without http://",
  async (name) => {
    const { platform, address } = await serve();
    for (const value of [address, address.replace("http://", "")]) {
      const proxy = await startProxy(platform);
      opened.push(proxy);
      const send = makeSend({
        trusted: certificate,
        proxies: { [name]: value.replace(/\d+$/, String(proxy.port)) },
      });
      await send({ method: "GET", url: "https://platform.example.com/x", headers: {} });
      expect(proxy.connects).toEqual(["platform.example.com:443"]);
    }
  },
);

test("the narrower variable wins over ALL_PROXY, and http_proxy is for no address of ours", async () => {
  const { platform, address, proxy } = await serve();
  const url = "https://platform.example.com/x";
  const dead = "http://127.0.0.1:1";
  const proxies = { HTTPS_PROXY: address, ALL_PROXY: dead, all_proxy: dead, HTTP_PROXY: dead };
  await makeSend({ trusted: certificate, proxies })({ method: "GET", url, headers: {} });
  expect(proxy.connects).toEqual(["platform.example.com:443"]);
  const straight = makeSend({
    trusted: certificate,
    proxies: { HTTP_PROXY: address, http_proxy: address },
  });
  expect(
    (await straight({ method: "GET", url: `https://localhost:${platform.port}/x`, headers: {} })).status,
  ).toBe(200);
  expect(proxy.connects).toHaveLength(1);
});

test.each([
  ["platform.invalid", true],
  [".invalid", true],
  ["*.invalid", true],
  ["other.example.com, platform.invalid", true],
  ["platform.invalid:443", true],
  ["*", true],
  ["platform.invalid:8443", false],
  ["invalid", true],
  ["INVALID.", true],
  ["form.invalid", false],
  ["other.platform.invalid", false],
  ["", false],
])("NO_PROXY=%s: %s goes without the proxy", async (list, isDirect) => {
  const { address, proxy } = await serve();
  for (const name of ["NO_PROXY", "no_proxy"]) {
    const send = makeSend({ trusted: certificate, proxies: { HTTPS_PROXY: address, [name]: list } });
    const failure = await failureOf(
      send({ method: "GET", url: "https://platform.invalid/x", headers: {} }),
    );
    // Nobody has this name, and the platform's certificate has another.
    expect(failure.code).toBe("network/unreachable");
    expect(failure.message.includes("the proxy")).toBe(!isDirect);
  }
  expect(proxy.connects).toHaveLength(isDirect ? 0 : 2);
});

test("a loopback address is never asked for through a proxy, whatever NO_PROXY says", async () => {
  const { platform, proxy, address } = await serve();
  const send = makeSend({ trusted: certificate, proxies: { https_proxy: address, no_proxy: "nothing" } });
  for (const host of ["127.0.0.1", "localhost", "LOCALHOST"])
    expect(
      (await send({ method: "GET", url: `https://${host}:${platform.port}/x`, headers: {} })).status,
    ).toBe(200);
  for (const host of ["[::1]", "127.1.2.3", "sandbox.localhost"])
    await failureOf(send({ method: "GET", url: `https://${host}:1/x`, headers: {} }));
  expect(proxy.connects).toEqual([]);
});

test("process.env itself names no proxy, and is as it was afterwards", async () => {
  const { platform, proxy, address } = await serve({ variables: {} });
  const before = process.env;
  before["HTTPS_PROXY"] = "http://127.0.0.1:1";
  try {
    const proxies = { HTTPS_PROXY: address };
    const send = makeSend({ trusted: certificate, proxies });
    await send({ method: "GET", url: "https://platform.example.com/x", headers: {} });
    expect(process.env).toBe(before);
    expect(process.env["HTTPS_PROXY"]).toBe("http://127.0.0.1:1");
  } finally {
    delete before["HTTPS_PROXY"];
  }
  expect([proxy.connects.length, platform.port > 0]).toEqual([1, true]);
});

test.each([
  ["http://", "proxy/malformedUrl"],
  ["http://proxy:99999", "proxy/malformedUrl"],
  ["http://user:pass%zz@proxy:3128", "proxy/malformedUrl"],
  ["http://user:hidden@pro xy", "proxy/malformedUrl"],
  ["http://user:p@hidden#word@proxy:3128", "proxy/malformedUrl"],
  ["user:p@hidden?word@proxy:3128", "proxy/malformedUrl"],
  ["http://hidden:12/word@proxy:3128", "proxy/malformedUrl"],
  ["http://user:#hidden@proxy:3128", "proxy/malformedUrl"],
  ["socks5://user:hidden@proxy:1080", "proxy/notSupported"],
])("%s is refused before anything is sent, without being repeated", async (value, code) => {
  const { requests, get } = await serve({ variables: { HTTPS_PROXY: value } });
  const failure = await failureOf(get());
  expect(failure.code).toBe(code);
  expect(failure.message).toMatch(/^HTTPS_PROXY is n/);
  expect(failure.hint).toContain("http://host:port");
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/hidden|pass%zz/);
  expect(requests).toEqual([]);
});

test.each([
  [407, "", "proxy/refused", "asks for a user and a password (407)"],
  [407, "me:hidden@", "proxy/refused", "did not accept its user and password (407)"],
  [403, "me:hidden@", "proxy/refused", "refuses to connect to platform.example.com (403)"],
  [429, "", "network/unreachable", "could not connect to platform.example.com (429)"],
  [502, "", "network/unreachable", "could not connect to platform.example.com (502)"],
  [302, "", "network/unreachable", "could not connect to platform.example.com (302)"],
])("a proxy that answers %i (%o): %s", async (answer, credentials, code, message) => {
  const { proxy, requests, get } = await serve({ answer, credentials });
  const failure = await failureOf(get());
  expect(failure.code).toBe(code);
  expect(failure.message).toBe(`GET /x: the proxy 127.0.0.1:${proxy.port} ${message}`);
  expect(failure.hint).toContain("HTTPS_PROXY");
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(
    /hidden|t0ken|bWU6aGlkZGVu|words of the proxy/,
  );
  expect(requests).toEqual([]);
});

test("a proxy that nobody runs, that says nothing, or that hangs up is unreachable", async () => {
  const options = { connectTimeoutMs: 40 };
  const silent = await serve({ answer: "silent", options });
  expect((await failureOf(silent.get())).message).toBe(
    `GET /x: could not connect to the proxy 127.0.0.1:${silent.proxy.port} (ETIMEDOUT)`,
  );
  const closing = await serve({ answer: "closes" });
  expect((await failureOf(closing.get())).message).toMatch(
    /: could not connect to the proxy 127\.0\.0\.1:\d+ \((ECONNRESET|the connection broke off)\)$/,
  );
  const dead = await serve({ variables: { ALL_PROXY: "http://me:hidden@127.0.0.1:1" } });
  const failure = await failureOf(dead.get());
  expect(failure).toMatchObject({
    code: "network/unreachable",
    message: "GET /x: could not connect to the proxy 127.0.0.1:1 (ECONNREFUSED)",
    hint: "check ALL_PROXY; NO_PROXY lists the hosts that are reached without a proxy",
  });
});

test("a certificate that is not trusted ends the tunnel before the request leaves", async () => {
  const { platform, proxy, requests, address } = await serve();
  const send = makeSend({ proxies: { HTTPS_PROXY: address } });
  const failure = await failureOf(
    send({ method: "POST", url: "https://platform.example.com/x", headers: {}, body: "{}" }),
  );
  expect(failure).toMatchObject({
    code: "network/unreachable",
    message: `POST /x: could not connect to platform.example.com through the proxy 127.0.0.1:${proxy.port} (DEPTH_ZERO_SELF_SIGNED_CERT)`,
  });
  expect(failure.hint).toContain("NODE_EXTRA_CA_CERTS");
  const direct = `https://localhost:${platform.port}/x`;
  expect(await failureOf(makeSend()({ method: "GET", url: direct, headers: {} }))).toMatchObject({
    code: "network/unreachable",
    hint:
      "if a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to the file of its certificate authority; " +
      "otherwise have the certificate renewed, or set this machine's clock",
  });
  expect(requests).toEqual([]);
});

test("a platform that is silent during the handshake is given up, and its connection closed", async () => {
  const { proxy, get } = await serve({ options: { connectTimeoutMs: 50 } });
  const { proxy: inner, address } = await serve({ answer: "silent" });
  // A proxy behind the proxy: it takes the handshake for words to itself, and says nothing.
  const silent = await startProxy(inner);
  opened.push(silent);
  const send = makeSend({
    proxies: { HTTPS_PROXY: address.replace(/\d+$/, String(silent.port)) },
    connectTimeoutMs: 50,
  });
  const failure = await failureOf(
    send({ method: "GET", url: "https://platform.example.com/x", headers: {} }),
  );
  expect(failure.code).toBe("network/unreachable");
  expect((await get()).status).toBe(200);
  expect(proxy.connects).toHaveLength(1);
});

test("what breaks off behind the tunnel may have arrived", async () => {
  const reset = await serve({ listener: (_request, response) => response.destroy() });
  expect((await failureOf(reset.get())).code).toBe("network/reset");
  const silent = await serve({ listener: () => undefined, options: { responseTimeoutMs: 50 } });
  expect(await failureOf(silent.get())).toMatchObject({
    code: "network/timeout",
    message: "GET /x: no complete answer from platform.example.com in time",
  });
  // More than fits on the way: it never leaves as a whole.
  const stuck = await serve({
    listener: (request, response) => {
      if (request.method === "GET") response.end();
      else request.socket.pause();
    },
    options: { requestTimeoutMs: 3_000 },
  });
  // Its connection is open before the time of the next one begins.
  await stuck.get();
  const body = "x".repeat(50_000_000);
  const half = stuck.send({ method: "PUT", url: "https://platform.example.com/x", headers: {}, body });
  expect((await failureOf(half)).code).toBe("network/timeout");
});

test.each([
  [403, "proxy/refused", 1],
  [503, "network/unreachable", 3],
])("a write that a proxy answers with %i has not left: %s", async (answer, code, attempts) => {
  const { proxy, requests, send } = await serve({ answer });
  const clock = makeFakeClock();
  clock.autoAdvance();
  const api = makeApi({
    kinds: builtInKinds,
    send: (request) =>
      request.url.endsWith("/oauth/token")
        ? Promise.resolve({ status: 200, headers: {}, body: '{"access_token":"t0ken","expires_in":86400}' })
        : send(request),
    clock,
    random: systemRandom,
    apiUrl: "https://platform.example.com",
    tokenUrl: "https://platform.example.com/oauth/token",
    credentials: { clientId: "id", clientSecret: "secret" },
    rateShare: 1,
    readOnly: false,
  });
  expect((await failureOf(api.request("POST", "/api/v2/webhooks", {}))).code).toBe(code);
  expect([proxy.connects.length, requests.length]).toEqual([attempts, 0]);
});
