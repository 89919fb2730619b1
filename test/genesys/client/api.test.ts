import { builtInKinds } from "../../../src/kinds/registry.ts";
import { describe, expect, test } from "vitest";
import { makeApi, type ApiOptions, type MadeRequest } from "../../../src/genesys/client/api.ts";
import { logRequests } from "../../../src/genesys/client/log-requests.ts";
import { ReconcileError } from "../../../src/model/errors.ts";
import type { HttpRequest } from "../../../src/model/http.ts";
import { isVersionMismatch } from "../../../src/genesys/version-conflict.ts";
import { makeFakeClock } from "../../support/fake-clock.ts";
import { failureOf, makeFakeSend, rateHeaders, reply, tokenReply, type Answer } from "../fake-send.ts";

const path = "/api/v2/webhooks";
const unauthorised = reply(401, { message: "bad token" });

/** `answerTo` gets the API's requests, counted from 0; token requests get token-1, token-2, … */
function setUp(
  answerTo: (index: number, request: HttpRequest) => Answer | Promise<Answer>,
  more: Partial<ApiOptions> = {},
) {
  const clock = makeFakeClock(0);
  clock.autoAdvance();
  let logins = 0;
  let calls = 0;
  const fake = makeFakeSend((request) =>
    request.url.endsWith("/oauth/token")
      ? tokenReply(`token-${(logins += 1)}`)
      : answerTo(calls++, request),
  );
  const api = makeApi({
    kinds: builtInKinds,
    send: fake.send,
    clock,
    random: { next: () => 0, id: () => "id" },
    apiUrl: "https://api.example.com",
    tokenUrl: "https://login.example.com/oauth/token",
    credentials: { clientId: "my-client", clientSecret: "s3cr3t" },
    rateShare: 1,
    readOnly: false,
    ...more,
  });
  const apiRequests = () => fake.requests.filter(({ url }) => !url.endsWith("/oauth/token"));
  return { api, clock, apiRequests, requests: fake.requests };
}

const network = (problem: string) => new ReconcileError(`network/${problem}`, `${problem} happened`);

test("a read carries the token and returns the JSON body", async () => {
  const { api, apiRequests } = setUp(() => reply(200, { total: 0 }));
  expect(await api.request("GET", `${path}?pageSize=100`)).toEqual({
    status: 200,
    body: { total: 0 },
    sizeBytes: 11,
  });
  expect(apiRequests()).toEqual([
    {
      method: "GET",
      url: "https://api.example.com/api/v2/webhooks?pageSize=100",
      headers: { accept: "application/json", authorization: "Bearer token-1" },
    },
  ]);
  expect(api.traffic()).toEqual({ requests: 2, retries: 0, throttledMs: 0 });
});

test("a write sends JSON; an empty answer has no body", async () => {
  const { api, apiRequests } = setUp(() => reply(204));
  expect(await api.request("PUT", path, { a: 1 })).toEqual({ status: 204, body: undefined, sizeBytes: 0 });
  expect(apiRequests()[0]).toMatchObject({
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: '{"a":1}',
  });
});

test("one token serves all requests", async () => {
  const { api } = setUp(() => reply(200, {}));
  await Promise.all(Array.from({ length: 10 }, () => api.request("GET", path)));
  expect(api.traffic().requests).toBe(11);
});

test.each([
  ["PUT", "test"],
  ["DELETE", "test"],
  ["POST", "test"],
  ["POST", "a/b/test"],
] as const)(
  "a read-only client sends no %s of a trigger %s, which is no test of an event",
  async (method, id) => {
    const { api, requests } = setUp(() => reply(200, {}), { readOnly: true });
    const at = `/api/v2/processautomation/triggers/${id}`;
    await expect(api.request(method, at)).rejects.toThrow("a read-only client was asked to write");
    expect(requests).toEqual([]);
    await api.request("POST", "/api/v2/processautomation/triggers/t1/test", {});
    expect(requests.map((request) => request.method)).toEqual(["POST", "POST"]);
  },
);

test.each(["POST", "PUT", "DELETE", "PATCH"] as const)("a read-only client sends no %s", async (method) => {
  const { api, requests } = setUp(() => reply(200, {}), { readOnly: true });
  await expect(api.request(method, path)).rejects.toThrow("a read-only client was asked to write");
  await api.request("GET", path);
  expect(requests.map((request) => request.method)).toEqual(["POST", "GET"]);
  expect(requests[0]?.url).toBe("https://login.example.com/oauth/token");
});

test.each([
  "//evil.example/x",
  "https://evil.example/x",
  "/\\evil.example/x",
  "api/v2",
  "",
  "@evil.example/",
  "/api/v2/webhooks/../users",
  "/api/v2/webhooks/%2e%2e",
  "/api#x",
])("the path %j is not sent anywhere", async (bad) => {
  const { api, requests } = setUp(() => reply(200, {}));
  await expect(api.request("GET", bad)).rejects.toThrow("bug in reconcile");
  expect(requests).toEqual([]);
});

test("401 renews the token once and tries once more", async () => {
  const { api, apiRequests } = setUp((index) => (index === 0 ? unauthorised : reply(200, {})));
  await api.request("POST", path, {});
  expect(apiRequests().map(({ headers }) => headers["authorization"])).toEqual([
    "Bearer token-1",
    "Bearer token-2",
  ]);
  expect(api.traffic()).toMatchObject({ requests: 4, retries: 1 });
});

test("callers whose token is refused together share one new token", async () => {
  const { api } = setUp((_index, { headers }) =>
    headers["authorization"] === "Bearer token-1" ? unauthorised : reply(200, {}),
  );
  await Promise.all([api.request("GET", path), api.request("GET", path), api.request("GET", path)]);
  expect(api.traffic()).toMatchObject({ requests: 8, retries: 3 });
});

test("a second 401 names the credentials and the scopes", async () => {
  const { api, requests } = setUp(() =>
    reply(401, { message: "bad token" }, { "inin-correlation-id": "c-1" }),
  );
  const failure = await failureOf(api.request("POST", path, {}));
  expect(failure).toMatchObject({
    code: "api/unauthorized",
    message: "POST /api/v2/webhooks: not authorised, even with a new token (401): bad token",
    correlationId: "c-1",
  });
  expect(failure.hint).toMatch(/GENESYS_CLIENT_ID.*GENESYS_CLIENT_SECRET.*webhook:read webhook:write/);
  expect(requests).toHaveLength(4);
});

test.each([
  [400, "api/rejected"],
  [403, "api/forbidden"],
  [404, "api/notFound"],
  [409, "api/conflict"],
  [413, "api/rejected"],
  [422, "api/rejected"],
])("%i is %s, for reads and writes, without another attempt", async (status, code) => {
  const { api, apiRequests } = setUp(() => reply(status, { message: "no", contextId: "ctx" }));
  for (const method of ["GET", "POST"] as const) {
    const failure = await failureOf(api.request(method, `${path}?secret=1`));
    expect(failure).toMatchObject({ code, correlationId: "ctx" });
    expect(failure.message).toMatch(new RegExp(`^${method} /api/v2/webhooks: .*\\(${status}\\): no$`));
  }
  expect(apiRequests()).toHaveLength(2);
});

test("401 for this machine's address is final, and blames neither the credentials nor the role", async () => {
  const body = { code: "ip.not.authorized", message: "Not from here." };
  const { api, requests } = setUp(() => reply(401, body));
  const failure = await failureOf(api.request("GET", path));
  expect(failure).toMatchObject({ code: "api/addressRefused", platformCode: "ip.not.authorized" });
  expect(failure.problem).toBe("not allowed from this machine's address (401): Not from here.");
  expect(failure.hint).toMatch(/add this machine's public address/);
  expect(failure.hint).not.toMatch(/GENESYS_CLIENT|role|permission/);
  expect(requests).toHaveLength(2);
});

test.each([
  ["/api/v2/integrations/i1/config/current", "the scope integrations"],
  ["/api/v2/integrations", "the scope integrations"],
  ["/api/v2/processautomation/triggers", "the scope process-automation"],
  ["/api/v2/notifications/availabletopics", "the scope notifications"],
  ["/api/v2/integrationsx", "the scope of this request"],
  ["/api/v2/organizations/me", "the scope of this request"],
])("403 for a scope names it by the path: %s", async (asked, scope) => {
  const { api } = setUp(() => reply(403, { code: "app.not.authorized.for.scope" }));
  const failure = await failureOf(api.request("GET", asked));
  expect(failure.code).toBe("api/scopeMissing");
  expect(failure.problem).toBe(
    "outside the scopes of this OAuth client (403 app.not.authorized.for.scope)",
  );
  expect(failure.hint).toContain(scope);
});

test("a login over its limit is sent again, and then said", async () => {
  const limited = reply(400, { error: "invalid_request", description: "rate limit exceeded" });
  const { send, requests } = makeFakeSend(() => limited);
  const { api } = setUp(() => reply(200), { send });
  expect((await failureOf(api.request("GET", path))).code).toBe("auth/rateLimited");
  expect(requests).toHaveLength(3);
});

test("403 names the scopes", async () => {
  const { api } = setUp(() => reply(403));
  expect((await failureOf(api.request("GET", path))).hint).toContain("webhook:read webhook:write");
});

test("the faults of a refused body are kept as data and summed up", async () => {
  const fault = (field: string) => ({ field, message: `${field} is wrong` });
  const errors = [
    ...["a", "b", "c", "d"].map(fault),
    { message: "all wrong" },
    fault("f"),
    "text",
    { field: "g" },
  ];
  const { api } = setUp(() => reply(422, { message: "invalid", errors }));
  const failure = await failureOf(api.request("POST", path, {}));
  expect(failure.fields).toEqual([
    ...["a", "b", "c", "d"].map(fault),
    { field: "", message: "all wrong" },
    fault("f"),
  ]);
  expect(failure.message).toBe(
    "POST /api/v2/webhooks: refused (422): a: a is wrong; b: b is wrong; c: c is wrong; d: d is wrong; " +
      "all wrong; and 1 more",
  );
});

describe("what a refusal's body says", () => {
  const failureFor = async (status: number, body: unknown) => {
    const { api } = setUp(() => reply(status, body));
    return failureOf(api.request("PUT", path, {}));
  };

  test("its code is kept, and shown only where it has no better words", async () => {
    const code = "max.integrations.reached";
    const worded = await failureFor(400, { code, message: "The maximum is reached." });
    expect(worded).toMatchObject({ code: "api/rejected", platformCode: code });
    expect(worded.message).toBe("PUT /api/v2/webhooks: refused (400): The maximum is reached.");
    const bare = await failureFor(400, { code });
    expect(bare).toMatchObject({ platformCode: code, problem: `refused (400 ${code})` });
    expect((await failureFor(404, { code: "not.found" })).platformCode).toBe("not.found");
    expect((await failureFor(503, { code: "internal.server.error" })).platformCode).toBe(
      "internal.server.error",
    );
  });

  test.each([undefined, null, 7, "", "two words", "a\nb", "x".repeat(101), { a: 1 }])(
    "a code that is no plain word, such as %j, is none",
    async (code) => {
      expect((await failureFor(400, { code, message: "no" })).platformCode).toBeNull();
    },
  );

  test("the bodies in `errors` are read like the outer one", async () => {
    const inner = { message: "The flow is not published.", code: "flow.not.published" };
    const failure = await failureFor(400, {
      message: "Validation failed.",
      errors: [{ message: "Validation failed.", errors: [inner] }, { code: "bad.target" }],
    });
    expect(failure.platformCode).toBe("flow.not.published");
    expect(failure.problem).toBe(
      "refused (400): Validation failed.; The flow is not published.; bad.target",
    );
  });

  test("bodies within bodies without end are read to a limit", async () => {
    let body: Record<string, unknown> = { message: "the innermost" };
    for (let level = 0; level < 40; level += 1) body = { message: `level ${level}`, errors: [body] };
    const failure = await failureFor(400, body);
    expect(failure.fields.length).toBeLessThanOrEqual(50);
    expect(failure.message).not.toContain("the innermost");
  });

  test("the limit and the entity that it names are said", async () => {
    const limit = { key: "integrations.max", namespace: "integrations", value: 10 };
    const failure = await failureFor(400, { message: "Too many.", limit, entityId: "i-1" });
    expect(failure.problem).toBe(
      "refused (400): Too many.; limit integrations.max of namespace integrations is 10; entity i-1",
    );
    const odd = { key: "a b", namespace: "x", value: 1 };
    expect((await failureFor(400, { message: "No i-1.", limit: odd, entityId: "i-1" })).problem).toBe(
      "refused (400): No i-1.; entity i-1",
    );
    const bare = { key: "rate", namespace: 7, value: "x" };
    expect((await failureFor(400, { limit: bare, entityId: "a\nb" })).problem).toBe(
      "refused (400): limit rate",
    );
  });

  test("an error that is made of it keeps its code", async () => {
    const failure = await failureFor(503, { code: "service.unavailable", message: "down" });
    expect(failure).toMatchObject({ code: "api/outcomeUnknown", platformCode: "service.unavailable" });
  });
});

describe("a write that is refused for its outdated version", () => {
  const conflict = { code: "version.conflict", message: "Integration configuration update failed." };
  const words = { code: "bad.request", message: "The version DOES NOT match the current version 5." };
  test.each([
    [409, conflict],
    [409, words],
    [408, conflict],
    [408, words],
    [400, words],
    [400, conflict],
    [400, { message: "Failed.", errors: [words] }],
  ])("is a conflict that nothing came of: %i %j", async (status, body) => {
    const { api, apiRequests } = setUp(() => reply(status, body));
    const failure = await failureOf(api.request("PUT", path, {}));
    expect(failure).toMatchObject({ code: "api/conflict", class: "terminal" });
    expect(failure.problem).toContain(`is based on an outdated version (${status})`);
    expect(isVersionMismatch(failure)).toBe(true);
    expect(apiRequests()).toHaveLength(1);
  });

  test("is not any other conflict or timeout", async () => {
    for (const [status, code] of [
      [409, "api/conflict"],
      [408, "api/outcomeUnknown"],
    ] as const) {
      const { api } = setUp(() => reply(status, { code: "event.source.exists", message: "taken" }));
      const failure = await failureOf(api.request("PUT", path, {}));
      expect([failure.code, isVersionMismatch(failure)]).toEqual([code, false]);
    }
  });
});

test("of very many faults fifty are kept", async () => {
  const errors = Array.from({ length: 60 }, (_, index) => ({ field: `f${index}`, message: "is wrong" }));
  const { api } = setUp(() => reply(422, { errors: [null, ...errors] }));
  const failure = await failureOf(api.request("POST", path, {}));
  expect(failure.fields).toHaveLength(49);
  expect(failure.message).toMatch(/; and 44 more$/);
});

test("any 2xx is a success, and nothing else", async () => {
  for (const status of [200, 201, 299]) {
    const { api } = setUp(() => reply(status, {}));
    expect(await api.request("GET", path)).toEqual({ status, body: {}, sizeBytes: 2 });
  }
  const { api } = setUp(() => reply(199, {}));
  expect((await failureOf(api.request("GET", path))).code).toMatch(/^api\//);
});

test("the server's words are cleaned, cut and rid of the token", async () => {
  const message = `\u001b[31mBearer token-1\r\n::error::x\u202e ${"y".repeat(500)}`;
  const { api } = setUp(() => reply(400, { message }, { "inin-correlation-id": "a\nb" }));
  const failure = await failureOf(api.request("GET", path));
  expect(failure.message).toBe(
    `GET /api/v2/webhooks: refused (400): ${`[31mBearer *** ::error::x ${"y".repeat(500)}`.slice(0, 300)}…`,
  );
  expect(failure.correlationId).toBeNull();
});

test.each([
  ["https://portal.example/login?x=1", "portal.example"],
  ["/elsewhere", "another address"],
  [undefined, "another address"],
])("a redirect to %s is an error that names its host", async (location, place) => {
  const { api, apiRequests } = setUp(() => reply(302, "", location === undefined ? {} : { location }));
  const failure = await failureOf(api.request("POST", path, {}));
  expect(failure.code).toBe("api/redirected");
  expect(failure.message).toBe(
    `POST /api/v2/webhooks: redirected to ${place} (302), which reconcile does not follow`,
  );
  expect(apiRequests()).toHaveLength(1);
});

test("a read that fails three times is an error", async () => {
  const { api, apiRequests, clock } = setUp(() => reply(503, "<html>"));
  const failure = await failureOf(api.request("GET", path));
  expect(failure.code).toBe("api/unavailable");
  expect(failure.message).toBe("GET /api/v2/webhooks: the platform failed (503)");
  expect(apiRequests()).toHaveLength(3);
  expect(clock.monotonic()).toBe(3_000);
  expect(api.traffic()).toEqual({ requests: 4, retries: 2, throttledMs: 0 });
});

test("a read survives a timeout and a 408", async () => {
  const answers = [network("timeout"), reply(408), reply(200, { fine: true })];
  const { api } = setUp((index) => answers[index] ?? reply(500));
  expect((await api.request("GET", path)).body).toEqual({ fine: true });
});

test("a read's network failure is thrown as it is after three attempts", async () => {
  const lost = network("reset");
  const { api, apiRequests } = setUp(() => lost);
  expect(await failureOf(api.request("GET", path))).toBe(lost);
  expect(apiRequests()).toHaveLength(3);
});

test.each<[string, Answer]>([
  ["500", reply(500, { message: "oops" }, { "inin-correlation-id": "c-9" })],
  ["408", reply(408)],
  ["a timeout", network("timeout")],
  ["a reset", network("reset")],
  ["an answer too large", network("tooLarge")],
  ["a success without JSON", reply(200, "<html>")],
])("a write answered with %s is not sent again: its outcome is unknown", async (_what, answer) => {
  const { api, apiRequests } = setUp(() => answer);
  const failure = await failureOf(api.request("POST", path, {}));
  expect(failure.code).toBe("api/outcomeUnknown");
  expect(failure.message).toMatch(
    /^POST \/api\/v2\/webhooks: sent, but whether it took effect is unknown: /,
  );
  expect(failure.cause).toBeInstanceOf(ReconcileError);
  expect(failure.correlationId).toBe((failure.cause as ReconcileError).correlationId);
  expect(apiRequests()).toHaveLength(1);
});

test("a write that could not leave is sent again", async () => {
  const { api } = setUp((index) => (index < 2 ? network("unreachable") : reply(201, { id: "w" })));
  expect(await api.request("POST", path, {})).toEqual({ status: 201, body: { id: "w" }, sizeBytes: 10 });
  const down = setUp(() => network("unreachable"));
  expect((await failureOf(down.api.request("POST", path, {}))).code).toBe("network/unreachable");
  expect(down.apiRequests()).toHaveLength(3);
});

test("a read's body must be JSON", async () => {
  const { api } = setUp(() => reply(200, "<html>"));
  const failure = await failureOf(api.request("GET", path));
  expect(failure.code).toBe("api/malformed");
  expect(failure.message).toBe("GET /api/v2/webhooks: answered 200 without a JSON body");
});

test("a 429 makes all callers wait as Retry-After says", async () => {
  const clock = makeFakeClock(0);
  const { api, apiRequests } = setUp(
    (index) => (index === 0 ? reply(429, "", { "retry-after": "9" }) : reply(200, {})),
    { clock },
  );
  const first = api.request("POST", path, {});
  await clock.advance(0);
  const all = Promise.all([first, api.request("GET", path), api.request("GET", path)]);
  await clock.advance(8_999);
  expect(apiRequests()).toHaveLength(1);
  await clock.advance(1);
  expect(apiRequests()).toHaveLength(4);
  await all;
  expect(api.traffic()).toEqual({ requests: 5, retries: 1, throttledMs: 27_000 });
});

test("three 429s are an error", async () => {
  const { api, clock } = setUp(() => reply(429, { message: "slow down" }));
  const failure = await failureOf(api.request("DELETE", path));
  expect(failure).toMatchObject({
    code: "api/rateLimited",
    message: "DELETE /api/v2/webhooks: still over the rate limit (429): slow down",
  });
  expect(clock.monotonic()).toBe(3_000);
  expect(api.traffic()).toEqual({ requests: 4, retries: 2, throttledMs: 3_000 });
});

test("a used-up window is waited out before the next request", async () => {
  const { api, clock } = setUp((index) => reply(200, {}, index === 0 ? rateHeaders(300, 300, 42) : {}));
  await api.request("GET", path);
  await api.request("GET", path);
  expect(clock.monotonic()).toBe(42_000);
  expect(api.traffic()).toEqual({ requests: 3, retries: 0, throttledMs: 42_000 });
});

test("a token that runs out while the rate limit is waited for is not sent", async () => {
  const { send, requests } = makeFakeSend((request, index) =>
    request.url.endsWith("/oauth/token")
      ? tokenReply(`token-${index}`, 40)
      : reply(200, {}, index === 1 ? rateHeaders(300, 300, 60) : {}),
  );
  const { api } = setUp(() => reply(500), { send });
  await api.request("GET", path);
  await api.request("GET", path);
  const sent = requests.map(({ headers }) => headers["authorization"]?.replace(/^Basic .*/, "login"));
  expect(sent).toEqual(["login", "Bearer token-0", "login", "Bearer token-2"]);
});

describe("an answer that asks for a long wait", () => {
  const day = { "retry-after": "86400" };
  const hint = "try again after that time: reconcile waits for a request at most 300 s";

  test.each([
    [429, "auth/rateLimited", "receives too many requests (429), and asks to be left alone for 86400 s"],
    [503, "auth/unavailable", "is not available (503), and asks to be left alone for 86400 s"],
  ])("the login's %d ends with the seconds that it asks for", async (status, code, words) => {
    const fake = makeFakeSend(() => reply(status, "", day));
    const { api, clock } = setUp(() => reply(200, {}), { send: fake.send });
    const failure = await failureOf(api.request("GET", path));
    expect(failure).toMatchObject({ code, hint });
    expect(failure.message).toBe(`the login at login.example.com ${words}`);
    expect([clock.monotonic(), fake.requests.length]).toEqual([0, 1]);
  });

  test.each([
    [
      429,
      "api/rateLimited",
      "still over the rate limit (429), and asks to be left alone for 86400 s: later",
    ],
    [503, "api/unavailable", "the platform failed (503), and asks to be left alone for 86400 s: later"],
  ])("the API's %d does, too", async (status, code, words) => {
    const { api, clock } = setUp(() => reply(status, { message: "later" }, day));
    const failure = await failureOf(api.request("GET", path));
    expect(failure).toMatchObject({ code, hint, message: `GET /api/v2/webhooks: ${words}` });
    expect(clock.monotonic()).toBe(0);
  });

  test("is waited for if that is not too long, and said", async () => {
    const said: string[] = [];
    const onWait = (words: string) => void said.push(words);
    const answers = [
      reply(429, "", { "retry-after": "120" }),
      tokenReply("t"),
      reply(429, "", { "retry-after": "9" }),
      reply(503, "", { "retry-after": "60" }),
      reply(200, {}),
    ];
    const fake = makeFakeSend((_, index) => answers[index] ?? reply(500));
    const { api, clock } = setUp(() => reply(200, {}), { send: fake.send, onWait });
    await api.request("GET", path);
    expect(clock.monotonic()).toBe(189_000);
    expect(said).toEqual([
      "the login answered 429 and asks to be left alone for 120 s",
      "GET /api/v2/webhooks answered 503 and asks to be left alone for 60 s",
    ]);
  });
});

test("login is sent again while it is not available, and its refusal is final", async () => {
  const logins = [network("reset"), reply(503), tokenReply("t")];
  const fake = makeFakeSend((request, index) =>
    request.url.endsWith("/oauth/token") ? (logins[index] ?? reply(500)) : reply(200, {}),
  );
  const { api } = setUp(() => reply(200, {}), { send: fake.send });
  await api.request("GET", path);
  expect(api.traffic()).toMatchObject({ requests: 4, retries: 2 });

  const refusing = makeFakeSend(() => reply(401, { error: "invalid_client" }));
  const refused = setUp(() => reply(200, {}), { send: refusing.send });
  expect((await failureOf(refused.api.request("POST", path, {}))).code).toBe("auth/invalidClient");
  expect(refusing.requests).toHaveLength(1);

  const unreachable = makeFakeSend(() => network("unreachable"));
  const cut = setUp(() => reply(200, {}), { send: unreachable.send });
  expect((await failureOf(cut.api.request("POST", path, {}))).code).toBe("network/unreachable");
  expect(unreachable.requests).toHaveLength(3);
});

test("an interruption ends a wait for another attempt", async () => {
  const interruption = new AbortController();
  const { api, apiRequests } = setUp(
    () => {
      interruption.abort();
      return reply(503);
    },
    { interrupted: interruption.signal },
  );
  expect((await failureOf(api.request("GET", path))).code).toBe("api/interrupted");
  expect(apiRequests()).toHaveLength(1);
});

test("each request is logged in one line, without secrets", async () => {
  const lines: unknown[] = [];
  const answers = [network("reset"), reply(200, {}, { "inin-correlation-id": "c-2" })];
  const { api } = setUp((index) => answers[index] ?? reply(500), {
    onRequest: logRequests((level, message, fields) => lines.push([level, message, fields])),
  });
  await api.request("GET", `${path}?pageSize=100`);
  const asked = { method: "GET", path };
  expect(lines).toEqual([
    [
      "debug",
      "POST /oauth/token",
      { method: "POST", path: "/oauth/token", status: 200, latencyMs: 0, correlationId: null },
    ],
    [
      "debug",
      "GET /api/v2/webhooks",
      { ...asked, status: null, latencyMs: 0, correlationId: null, error: "network/reset" },
    ],
    ["debug", "GET /api/v2/webhooks", { ...asked, status: 200, latencyMs: 0, correlationId: "c-2" }],
  ]);
});

test("whoever listens gets each request as data, token requests and lost ones included", async () => {
  const requests: MadeRequest[] = [];
  const { api } = setUp((index) => (index === 0 ? network("reset") : reply(200, {})), {
    onRequest: (request) => requests.push(request),
  });
  await api.request("GET", `${path}?pageNumber=2`);
  expect(requests).toMatchObject([
    { method: "POST", path: "/oauth/token", page: null, status: 200, error: null },
    { method: "GET", path, page: "2", status: null, latencyMs: 0, error: "network/reset" },
    { method: "GET", path, page: "2", status: 200, latencyMs: 0, error: null },
  ]);
});

test("our own bugs pass through, and leave the pace as it was", async () => {
  const { api } = setUp((index) => {
    if (index === 0) throw new TypeError("a bug");
    return reply(200, {});
  });
  await expect(api.request("POST", path, {})).rejects.toThrow(TypeError);
  expect((await api.request("GET", path)).status).toBe(200);
});

describe("a write whose right may end", () => {
  const guardOf = (answers: { mayStart: () => boolean; confirm?: () => boolean }) => {
    const asked: string[] = [];
    const guard: ApiOptions["guard"] = {
      mayStart: () => {
        asked.push("mayStart");
        return answers.mayStart();
      },
      confirm: () => {
        asked.push("confirm");
        return Promise.resolve(answers.confirm?.() ?? false);
      },
      writeMs: 10_000,
    };
    return { asked, guard };
  };

  test("is asked for; a read, a login and the test of an event are not", async () => {
    const { guard } = guardOf({ mayStart: () => false });
    const { api, apiRequests } = setUp(() => reply(200, {}), { guard });
    await api.request("GET", path);
    await api.request("POST", "/api/v2/processautomation/triggers/t1/test", {});
    for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
      const failure = await failureOf(api.request(method, path));
      expect(failure).toMatchObject({ code: "lease/unsure", class: "retriable" });
      expect(failure.message).toContain(`${method} ${path}: not sent: `);
    }
    expect(apiRequests().map(({ method }) => method)).toEqual(["GET", "POST"]);
    expect(api.traffic().requests).toBe(3);
  });

  test("is given to the network, which asks last", async () => {
    const given: unknown[] = [];
    const { guard } = guardOf({ mayStart: () => true });
    const send: ApiOptions["send"] = (request, its) => {
      given.push([request.method, its]);
      return Promise.resolve(request.url.endsWith("/oauth/token") ? tokenReply("t") : reply(200, {}));
    };
    const { api } = setUp(() => reply(200), { guard, send });
    await api.request("GET", path);
    await api.request("PUT", path, {});
    expect(given).toEqual([
      ["POST", undefined],
      ["GET", undefined],
      ["PUT", guard],
    ]);
  });

  test("ends while the token is fetched: the write is not sent", async () => {
    let isHolder = true;
    const { guard } = guardOf({ mayStart: () => isHolder });
    const { send, requests } = makeFakeSend(() => {
      isHolder = false;
      return tokenReply("t");
    });
    const { api } = setUp(() => reply(200), { guard, send });
    expect((await failureOf(api.request("PUT", path, {}))).code).toBe("lease/unsure");
    expect(requests.map(({ url }) => url)).toEqual(["https://login.example.com/oauth/token"]);
  });

  test("ends while the pace waits: the write is not sent", async () => {
    const { guard } = guardOf({ mayStart: () => clock.monotonic() < 15_000 });
    const { api, clock, apiRequests } = setUp(() => reply(200, {}, rateHeaders(300, 300, 60)), { guard });
    await api.request("GET", path);
    expect((await failureOf(api.request("PUT", path, {}))).code).toBe("lease/unsure");
    expect(clock.monotonic()).toBeGreaterThanOrEqual(55_000);
    expect(apiRequests()).toHaveLength(1);
  });

  test.each([
    ["a rate limit", () => reply(429, "", { "retry-after": "20" })],
    ["a new token", () => unauthorised],
    ["a network that is back", () => network("unreachable")],
  ])("is asked for again after the wait for %s", async (_, first) => {
    let sent = 0;
    const { guard } = guardOf({ mayStart: () => sent === 0 });
    const { api, apiRequests } = setUp(
      () => {
        sent += 1;
        return first();
      },
      { guard },
    );
    expect((await failureOf(api.request("POST", path, {}))).code).toBe("lease/unsure");
    expect(apiRequests()).toHaveLength(1);
  });

  test("is confirmed, and the write sent after all", async () => {
    let confirmed = 0;
    const { guard, asked } = guardOf({
      mayStart: () => confirmed > 0,
      confirm: () => (confirmed += 1) > 0,
    });
    const { api, apiRequests } = setUp(() => reply(200, {}), { guard });
    expect((await api.request("POST", path, {})).status).toBe(200);
    expect(asked).toEqual(["mayStart", "confirm", "mayStart"]);
    expect(apiRequests()).toHaveLength(1);
    expect(api.traffic()).toMatchObject({ requests: 2, retries: 0 });
  });

  test("is confirmed three times at most", async () => {
    const { guard, asked } = guardOf({ mayStart: () => false, confirm: () => true });
    const { api, apiRequests } = setUp(() => reply(200, {}), { guard });
    expect((await failureOf(api.request("POST", path, {}))).code).toBe("lease/unsure");
    expect(asked.filter((one) => one === "confirm")).toHaveLength(3);
    expect(apiRequests()).toEqual([]);
  });

  test("is confirmed for what the network held back, too", async () => {
    let puts = 0;
    const { guard } = guardOf({ mayStart: () => true, confirm: () => true });
    const { api } = setUp(
      () => ((puts += 1) === 1 ? new ReconcileError("lease/unsure", "held back") : reply(200, {})),
      { guard },
    );
    expect((await api.request("PUT", path, {})).status).toBe(200);
    expect(puts).toBe(2);
  });
});
