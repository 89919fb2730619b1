// What the daemon answers over HTTP: probes, the state, headers, and what it refuses.
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import type { Access } from "../../src/daemon/access.ts";
import { hideQueries, shownJson } from "../../src/lib/hide-queries.ts";
import type { Listening } from "../../src/app/world.ts";
import { listen } from "../../src/daemon/listen.ts";
import type { ServerOptions } from "../../src/daemon/server.ts";
import type { DaemonView, PassResults } from "../../src/daemon/view.ts";
import { nowhere } from "../../src/model/diagnostic.ts";
import { bearer, guarded, loopback, makeTestApp, open, said, view } from "./asking.ts";

const invalid: DaemonView = {
  ...view,
  conditions: view.conditions.map((condition) =>
    condition.type === "ManifestsValid"
      ? {
          ...condition,
          status: "False",
          reason: "InvalidManifests",
          message: "subscriptions/a.yaml:5: https://a.example.com/x?key='s3cret' is there twice",
        }
      : condition,
  ),
};

describe("probes", () => {
  test("come without a token, by any host name", async () => {
    const { ask } = makeTestApp(guarded);
    const headers = { host: "10.1.2.3:9464" };
    expect(await said(ask("/healthz", { headers }))).toBe("200 ok");
    expect(await said(ask("/readyz", { headers }))).toBe("200 ready");
  });

  test("whoever has no token hears the reason, and nothing of the manifests", async () => {
    const { ask } = makeTestApp(open, { view: () => invalid });
    expect(await said(ask("/readyz"))).toBe("503 not ready: InvalidManifests");
    expect(await said(ask("/readyz", { headers: bearer }))).toBe(
      "503 not ready: InvalidManifests: subscriptions/a.yaml:5: https://a.example.com/x?… is there twice",
    );
    const local = makeTestApp(loopback, { view: () => invalid });
    expect(await said(local.ask("/readyz"))).toContain("subscriptions/a.yaml:5");
    const rebound = await said(local.ask("/readyz", { headers: { host: "evil.example" } }));
    expect(rebound).toBe("503 not ready: InvalidManifests");
  });

  test("one on standby is healthy and not ready", async () => {
    const { ask } = makeTestApp(open, { view: () => ({ ...view, phase: "standby" }) });
    expect(await said(ask("/healthz"))).toBe("200 ok");
    expect(await said(ask("/readyz"))).toBe("503 not ready: on standby");
    expect(await said(ask("/readyz?standby=no"))).toBe("503 not ready: on standby");
    expect(await said(ask("/readyz?standby=ok"))).toBe("200 not ready: on standby");
    const atWork = makeTestApp(open, { view: () => invalid });
    expect(await said(atWork.ask("/readyz?standby=ok"))).toBe("503 not ready: InvalidManifests");
  });
});

describe("methods, paths and sizes", () => {
  test.each([
    ["POST", "/api/status", "GET, HEAD"],
    ["PUT", "/metrics", "GET, HEAD"],
    ["DELETE", "/", "GET, HEAD"],
    ["POST", "/healthz", "GET, HEAD"],
    ["GET", "/api/reconcile", "POST"],
    ["HEAD", "/api/reconcile", "POST"],
  ])("%s %s is 405, and says what is allowed", async (method, path, allowed) => {
    const { ask, woken } = makeTestApp(loopback);
    const answer = await ask(path, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, allowed]);
    expect(woken).toEqual([]);
  });

  test("HEAD is GET without a body", async () => {
    const { ask } = makeTestApp(loopback);
    expect(await said(ask("/metrics", { method: "HEAD" }))).toBe("200 ");
  });

  test("a proxy is asked to hand the stream on at once", async () => {
    const { ask } = makeTestApp(loopback);
    for (const method of ["GET", "HEAD"])
      expect((await ask("/events", { method })).headers.get("x-accel-buffering")).toBe("no");
  });

  test("HEAD /events opens no stream, however often it is asked for", async () => {
    const { ask, listeners } = makeTestApp(loopback);
    for (let one = 0; one < 1001; one += 1) {
      const answer = await ask("/events", { method: "HEAD" });
      expect([answer.status, answer.body]).toEqual([200, null]);
    }
    expect(listeners()).toBe(0);
    const { headers } = await ask("/events", { method: "HEAD" });
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect((await ask("/events")).status).toBe(200);
    expect(listeners()).toBe(1);
  });

  test.each([
    "/nothing",
    "/api",
    "/api/",
    "/metrics/",
    "//",
    "/*",
    "/.env",
    "/%2e%2e/reconcile.yaml",
    "/API/STATUS",
  ])("%s is 404", async (path) => {
    const { ask } = makeTestApp(loopback);
    expect(await said(ask(path))).toBe('404 {"error":"this path does not exist"}');
  });

  test.each([
    "after=-1",
    "limit=0",
    "limit=1001",
    "limit=1e3",
    "after=1;2",
    "limit=",
    "after=9999999999999999",
  ])("/api/audit?%s is 400", async (query) => {
    const { ask } = makeTestApp(loopback);
    expect((await ask(`/api/audit?${query}`)).status).toBe(400);
  });

  test("a body of more than a kilobyte is refused", async () => {
    const { ask, woken } = makeTestApp(loopback);
    const post = (length: number, more = {}) => {
      const headers = { "content-length": String(length), ...more };
      return ask("/api/reconcile", { method: "POST", body: "x".repeat(length), headers });
    };
    expect((await post(1025)).status).toBe(413);
    expect(woken).toEqual([]);
    expect((await post(1024)).status).toBe(202);
  });
});

describe("headers", () => {
  test("every answer, whatever it is, forbids the browser what the page does not need", async () => {
    const { ask } = makeTestApp(loopback);
    for (const path of ["/", "/metrics", "/api/status", "/nothing", "/healthz"]) {
      const { headers } = await ask(path);
      expect(
        Object.fromEntries([...headers].filter(([name]) => name !== "content-type")),
        path,
      ).toMatchObject({
        "content-security-policy":
          "default-src 'none'; script-src 'sha256-c2NyaXB0'; style-src 'sha256-c3R5bGU='; connect-src 'self'; " +
          "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "cross-origin-opener-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cache-control": "no-store",
      });
    }
    const refused = await ask("/", { headers: { host: "evil.example" } });
    expect(refused.headers.get("x-frame-options")).toBe("DENY");
  });

  test("an error inside is told without a query string", async () => {
    const fault = new Error("https://a.example.com/x?key=s3cret cannot be read");
    const { ask } = makeTestApp(loopback, { figures: () => Promise.reject(fault) });
    expect(await said(ask("/metrics"))).toBe('500 {"error":"https://a.example.com/x?… cannot be read"}');
  });
});

test("the state is told anew when either half of it is, and packed for who takes gzip", async () => {
  let now = { view, results: shownWith("https://a.example.com/x?key=s3cret is odd") };
  const { ask } = makeTestApp(loopback, { view: () => now.view, results: () => now.results });
  const packed = async () => {
    const answer = await ask("/api/status", { headers: { "accept-encoding": "br, gzip" } });
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect(answer.headers.get("vary")).toBe("accept-encoding");
    return gunzipSync(Buffer.from(await answer.arrayBuffer())).toString();
  };
  for (const next of [
    now,
    { ...now, view: { ...view, passes: view.passes + 1 } },
    { ...now, results: shownWith("another one") },
  ]) {
    now = next;
    const plain = await ask("/api/status");
    expect(plain.headers.get("content-encoding")).toBeNull();
    const text = await plain.text();
    expect(text).toBe(shownJson({ ...now.view, ...now.results }));
    expect(await packed()).toBe(text);
    expect(text).not.toContain("s3cret");
  }
});

function shownWith(message: string): PassResults {
  const diagnostic = { severity: "warning", code: "a/b", message, hint: null, ...nowhere } as const;
  return { result: null, lastChange: null, diagnostics: [diagnostic], driftLog: [] };
}

/** The results of a pass over so many groups, with 1 KB each. */
function resultsOf(groups: number): PassResults {
  const told = Array.from({ length: groups }, (_, index) => ({
    group: `group-${index}`,
    endpoints: [{ url: `https://a.example.com/${index}?key=s3cret`, eventTypes: ["x".repeat(900)] }],
    none: undefined,
  }));
  const result = { ok: true, dryRun: true, groups: told, operations: told, drift: [], orphans: [] };
  return { ...shownWith("fine"), result: result as unknown as NonNullable<PassResults["result"]> };
}

test.each(["/api/status", "/api/plan"])("%s of 5,000 groups is made in slices, once", async (path) => {
  const results = resultsOf(5000);
  const { ask } = makeTestApp(loopback, { results: () => results });
  const expected = shownJson(
    path === "/api/status"
      ? { ...view, ...results }
      : { formatVersion: 1, ...(results.result as object), ok: undefined },
  );
  const countTurns = async (asking: () => Promise<string>): Promise<readonly [string, number]> => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const text = await asking();
    isOver = true;
    return [text, turns];
  };
  const get = async (): Promise<Response> => ask(path);
  const [text, turns] = await countTurns(async () => (await get()).text());
  expect(JSON.parse(text)).toEqual(JSON.parse(expected));
  expect(text).not.toContain("s3cret");
  // Some 10 MB in slices of 256 KiB.
  expect(turns).toBeGreaterThan(30);
  // All further answers are there at once.
  const [, again] = await countTurns(async () => {
    await Promise.all(Array.from({ length: 20 }, get));
    return "";
  });
  expect(again).toBeLessThan(10);
});

test("however many clients ask for records, one answer is made at a time", async () => {
  let [running, most] = [0, 0];
  const readRecords = async (): Promise<readonly []> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return [];
  };
  const { ask } = makeTestApp(loopback, { readRecords });
  const answers = await Promise.all(Array.from({ length: 20 }, () => said(ask("/api/audit?limit=1000"))));
  expect(new Set(answers)).toEqual(new Set(['200 {"records":[]}']));
  expect(most).toBe(1);
});

test("records that cannot be read are said so, and the next client is answered", async () => {
  let isBroken = true;
  const readRecords = (): Promise<readonly []> =>
    isBroken ? Promise.reject(new Error("the trail cannot be read")) : Promise.resolve([]);
  const { ask } = makeTestApp(loopback, { readRecords });
  expect(await said(ask("/api/audit"))).toBe('500 {"error":"the trail cannot be read"}');
  isBroken = false;
  expect(await said(ask("/api/audit"))).toBe('200 {"records":[]}');
});

test("query strings are hidden wherever they stand, whatever they hold", () => {
  expect(
    shownJson({ a: ["https://a.example.com/x?k='s3'<cret>\"&b=?", { b: "HTTP://b.example.com?s3" }] }),
  ).toBe('{"a":["https://a.example.com/x?…",{"b":"HTTP://b.example.com?…"}]}');
  expect(hideQueries('is "https://a.example.com/x?k=1", and why? https://b.example.com/ is not')).toBe(
    'is "https://a.example.com/x?… and why? https://b.example.com/ is not',
  );
  expect(hideQueries("https://user:s3cret@a.example.com/x?k=1 of ada@example.com")).toBe(
    "https://…@a.example.com/x?… of ada@example.com",
  );
  expect(hideQueries("https://user:s3@cr#et/s3?cret@a.example.com/x of ada@example.com")).toBe(
    "https://…@a.example.com/x of ada@example.com",
  );
  // What is hidden already keeps its closing quote, and nobody passes a secret off as hidden.
  expect(hideQueries('"https://a.example.com/x?…" has a query string')).toBe(
    '"https://a.example.com/x?…" has a query string',
  );
  expect(hideQueries("https://a.example.com/x?…s3cret and https://b.example.com/?…'s3cret")).toBe(
    "https://a.example.com/x?… and https://b.example.com/?…",
  );
});

describe("on a real port", () => {
  let http: Listening | null = null;
  afterEach(async () => {
    await http?.close();
    http = null;
  });

  async function serve(access: Access, more: Partial<ServerOptions> = {}) {
    const made = makeTestApp(access, more);
    http = await listen(made.app.fetch, { host: "127.0.0.1", port: 0 });
    return { ...made, url: http.url, port: Number(new URL(http.url).port) };
  }

  /** All that comes back for these bytes, until the other side closes. */
  function send(port: number, text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(text));
      let received = "";
      socket.on("data", (chunk) => (received += chunk.toString()));
      socket.on("close", () => {
        resolve(received);
      });
      socket.on("error", reject);
    });
  }

  test("headers of more than 16 KiB are refused before anything looks at them", async () => {
    const { port } = await serve(loopback);
    const huge = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(17_000)}\r\n\r\n`;
    expect(await send(port, huge)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test("a request without a host, or with two, is refused", async () => {
    const { port } = await serve(loopback);
    expect(await send(port, "GET /api/status HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    const two = `GET /api/status HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
    const answer = await send(port, two);
    expect(answer).not.toMatch(/^HTTP\/1\.1 200 /);
  });

  test("whose address the request line names, its host header counts for nothing", async () => {
    const { port } = await serve(loopback);
    const text = `GET http://evil.example/api/status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
    expect(await send(port, text)).toMatch(/^HTTP\/1\.1 403 /);
  });

  test("a body without a length is cut off at a kilobyte", async () => {
    const { port, woken } = await serve(loopback);
    const status = await new Promise((resolve, reject) => {
      const sent = httpRequest({ port, method: "POST", path: "/api/reconcile" }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on("error", reject);
      sent.write("x".repeat(600));
      sent.write("x".repeat(600));
      sent.end();
    });
    expect(status).toBe(413);
    expect(woken).toEqual([]);
  });

  test("a thousand listeners are told; the next one is turned away, and a place is free when one leaves", async () => {
    const { url, listeners } = await serve(loopback);
    const leaving: AbortController[] = [];
    const open = async (): Promise<Response> => {
      const leave = new AbortController();
      leaving.push(leave);
      return fetch(`${url}/events`, { signal: leave.signal });
    };
    // Kept: an answer that nobody holds any more is closed.
    const answers: Response[] = [];
    for (let batch = 0; batch < 20; batch += 1)
      answers.push(...(await Promise.all(Array.from({ length: 50 }, open))));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(listeners()).toBe(1000);
    const turnedAway = await open();
    expect([turnedAway.status, await turnedAway.text()]).toEqual([503, '{"error":"too many listeners"}']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    leaving[0]?.abort();
    while (listeners() === 1000) await new Promise((resolve) => setImmediate(resolve));
    const another = await open();
    expect(another.status).toBe(200);
    const reader = another.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('event: view\ndata: {"revision":1}\n\n');
    for (const leave of leaving) leave.abort();
    expect(answers).toHaveLength(1000);
    while (listeners() > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test("the end of the daemon ends the streams", async () => {
    const { url, stopper, listeners } = await serve(loopback);
    const answer = await fetch(`${url}/events`);
    stopper.abort();
    expect(await answer.text()).toBe('event: view\ndata: {"revision":1}\n\n');
    expect(listeners()).toBe(0);
  });

  test("a port in use is said so", async () => {
    const { port } = await serve(loopback);
    await expect(listen(() => new Response(), { host: "127.0.0.1", port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: another program uses it`,
    );
  });
});

test("all clients share the bytes of the page, so that those that do not read it take no memory", async () => {
  const { ask } = makeTestApp(loopback);
  const read = async (): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    const { body } = await ask("/");
    const { value } = (await body?.getReader().read()) as { value?: Uint8Array<ArrayBuffer> };
    return value;
  };
  const [one, other] = [await read(), await read()];
  expect(new TextDecoder().decode(one)).toContain("<!doctype html>");
  expect(other).toBe(one);
});
