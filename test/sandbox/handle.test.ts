import { expect, test } from "vitest";
import { handle } from "../../src/sandbox/handle.ts";
import { makeState } from "../../src/sandbox/state.ts";
import { makeIds, makeSandboxClient, tokenRequest, webhookBody } from "./sandbox-client.ts";

test("API answers carry the time, the rate limit and a correlation id of their own", () => {
  const client = makeSandboxClient();
  const first = client.call("GET", "/api/v2/webhooks");
  const { nowMs } = client;
  client.nowMs += 1_001;
  const second = client.call("GET", "/api/v2/webhooks/none");
  expect(first.headers).toEqual({
    "content-type": "application/json",
    date: new Date(nowMs).toUTCString(),
    "inin-correlation-id": "id-3",
    "inin-ratelimit-count": "1",
    "inin-ratelimit-allowed": "300",
    "inin-ratelimit-reset": "60",
  });
  expect(second.headers).toMatchObject({
    date: new Date(nowMs + 1_001).toUTCString(),
    "inin-correlation-id": "id-4",
    "inin-ratelimit-count": "2",
    "inin-ratelimit-reset": "59",
  });
});

test("the 301st request of a token in a minute is 429 and changes nothing", () => {
  const client = makeSandboxClient();
  for (let i = 0; i < 300; i++) expect(client.call("GET", "/api/v2/webhooks").status).toBe(200);
  client.nowMs += 10_500;
  const reply = client.call("POST", "/api/v2/webhooks", webhookBody());
  expect(reply).toMatchObject({
    status: 429,
    headers: { "retry-after": "50", "inin-ratelimit-count": "300", "inin-ratelimit-reset": "50" },
    json: { code: "too.many.requests", status: 429 },
    changed: false,
  });
  expect(client.state.webhooks.size).toBe(0);

  client.nowMs += 50_000;
  expect(client.call("POST", "/api/v2/webhooks", webhookBody()).status).toBe(201);
});

test("all tokens of a client share 3,000 requests a minute", () => {
  const client = makeSandboxClient();
  for (let i = 0; i < 3_000; i++) {
    if (i % 300 === 0) client.renewToken();
    expect(client.call("GET", "/api/v2/webhooks").status).toBe(200);
  }
  client.renewToken();
  expect(client.call("GET", "/api/v2/webhooks")).toMatchObject({
    status: 429,
    headers: { "inin-ratelimit-allowed": "3000", "inin-ratelimit-count": "3000", "retry-after": "60" },
  });
});

test.each(["/", "/api/v2/webhook", "/api/v2/webhooks/", "/api/v2/webhooks/a/b", "/api/v1/webhooks"])(
  "an unknown path is 404: %s",
  (path) => {
    const reply = makeSandboxClient().call("GET", path);
    expect(reply).toMatchObject({ status: 404, json: { code: "not.found" } });
  },
);

test.each([
  ["PUT", "/api/v2/webhooks", "GET, POST"],
  ["HEAD", "/api/v2/webhooks", "GET, POST"],
  ["PATCH", "/api/v2/webhooks/id-1", "GET, PUT, DELETE"],
  ["OPTIONS", "/api/v2/webhooks/id-1", "GET, PUT, DELETE"],
])("another method is 405: %s %s", (method, path, allow) => {
  const reply = makeSandboxClient().call(method, path, webhookBody());
  expect(reply).toMatchObject({ status: 405, headers: { allow }, json: { code: "method.not.allowed" } });
});

test("a URL that is none is 400", () => {
  expect(makeSandboxClient().call("GET", "http://[").status).toBe(400);
});

test("a body may have 512,000 bytes, and not one more", () => {
  const client = makeSandboxClient();
  const empty = JSON.stringify(webhookBody({ description: "" }));
  const roomFor = 512_000 - Buffer.byteLength(empty);
  const fits = webhookBody({ description: "é".repeat(roomFor / 2) + "e".repeat(roomFor % 2) });
  expect(Buffer.byteLength(JSON.stringify(fits))).toBe(512_000);
  expect(client.call("POST", "/api/v2/webhooks", fits).status).toBe(201);
  const tooLarge = `${JSON.stringify(fits)} `;
  expect(client.call("PUT", "/api/v2/webhooks/id-4", tooLarge)).toMatchObject({
    status: 413,
    json: { code: "request.entity.too.large" },
  });
  const form = tokenRequest();
  const reply = client.send("POST", "/oauth/token", { ...form, body: form.body.padEnd(512_001, "&") });
  expect(reply.status).toBe(413);
});

test("the same state, requests, times and identifiers give the same responses", () => {
  const run = () => {
    const state = makeState();
    const random = makeIds();
    const authorization = "Bearer id-2";
    const body = JSON.stringify(webhookBody());
    return [
      { method: "POST", url: "/oauth/token", ...tokenRequest() },
      { method: "POST", url: "/api/v2/webhooks", headers: { authorization }, body },
      { method: "POST", url: "/api/v2/webhooks", headers: { authorization }, body },
      { method: "GET", url: "/api/v2/webhooks", headers: { authorization } },
    ].map((request, index) => handle(state, request, { nowMs: index, random }));
  };
  const responses = run();
  expect(responses.map(({ response }) => response.status)).toEqual([200, 201, 409, 200]);
  expect(run()).toEqual(responses);
});
