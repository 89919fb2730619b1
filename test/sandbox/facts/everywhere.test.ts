// What holds for every request to the platform: one test a fact, and its title is the fact.
import { describe, expect, test } from "vitest";
import { makeApi } from "../../../src/genesys/client/api.ts";
import { builtInKinds } from "../../../src/kinds/registry.ts";
import { sandboxCredentials } from "../../../src/sandbox/context.ts";
import { handle } from "../../../src/sandbox/handle.ts";
import type { SandboxQuirks } from "../../../src/sandbox/quirks.ts";
import { makeState } from "../../../src/sandbox/state.ts";
import { failureOf } from "../../genesys/fake-send.ts";
import { makeFakeClock } from "../../support/fake-clock.ts";
import {
  makeSandboxClient,
  tokenRequest,
  webhookBody,
  type Reply,
  type SandboxClient,
} from "../sandbox-client.ts";

const webhooks = "/api/v2/webhooks";
const integrations = "/api/v2/integrations";
const triggers = "/api/v2/processautomation/triggers";
const topics = "/api/v2/notifications/availabletopics";

describe("logging in", () => {
  test("the answer has a token, its type and its life, which is 24 hours", () => {
    const { status, json } = makeSandboxClient().send("POST", "/oauth/token", tokenRequest());
    expect(status).toBe(200);
    expect(json).toMatchObject({ access_token: expect.any(String) as unknown, token_type: "bearer" });
    expect(json).toMatchObject({ expires_in: 86_400 });
  });

  test("a client may have tokens of another life, and expires_in tells it", () => {
    const client = makeSandboxClient({ tokenLifeSeconds: 120 });
    expect(client.send("POST", "/oauth/token", tokenRequest()).json).toMatchObject({ expires_in: 120 });
    client.nowMs += 120_000;
    expect(client.call("GET", webhooks).status).toBe(401);
  });

  test("the credentials come as HTTP Basic or in the body", () => {
    const { clientId, clientSecret } = sandboxCredentials;
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`;
    expect(makeSandboxClient().send("POST", "/oauth/token", { headers, body }).status).toBe(200);
  });

  test("credentials that are not known are answered 401 invalid_client, with a description in two keys", () => {
    const { headers, body } = tokenRequest();
    const wrong = { ...headers, Authorization: `Basic ${btoa("sandbox:wrong")}` };
    const { status, json } = makeSandboxClient().send("POST", "/oauth/token", { headers: wrong, body });
    expect(status).toBe(401);
    expect(json).toEqual({
      error: "invalid_client",
      description: expect.any(String) as unknown,
      error_description: expect.any(String) as unknown,
    });
  });

  test("a login over its rate limit is 400 invalid_request: rate limit exceeded", () => {
    const client = makeSandboxClient({ quirks: { loginsAMinute: 2 } });
    expect(client.send("POST", "/oauth/token", tokenRequest()).status).toBe(200);
    const { status, json } = client.send("POST", "/oauth/token", tokenRequest());
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: "invalid_request", description: "rate limit exceeded" });
  });
});

function spend(client: SandboxClient, requests: number): Reply {
  let last = client.call("GET", topics);
  for (let sent = 1; sent < requests; sent += 1) last = client.call("GET", topics);
  return last;
}

describe("limits", () => {
  test("a token has 300 requests a minute", () => {
    const client = makeSandboxClient();
    expect(spend(client, 300).status).toBe(200);
    expect(client.call("GET", topics).status).toBe(429);
    client.nowMs += 60_000;
    expect(client.call("GET", topics).status).toBe(200);
  });

  test("a client has 3,000 requests a minute in an organisation, over all its tokens", () => {
    const client = makeSandboxClient();
    for (let tokens = 1; tokens <= 10; tokens += 1) {
      expect(spend(client, 300).status).toBe(200);
      client.renewToken();
    }
    expect(client.call("GET", topics).status).toBe(429);
  });

  test("a body has at most 512,000 bytes", () => {
    const client = makeSandboxClient();
    const ofSize = (bytes: number): string => "x".repeat(bytes);
    expect(client.call("POST", webhooks, ofSize(512_000)).status).toBe(400);
    expect(client.call("POST", webhooks, ofSize(512_001)).status).toBe(413);
  });

  test("every answer says how much of the limit is used, and when the window ends", () => {
    const client = makeSandboxClient();
    client.call("GET", webhooks);
    client.nowMs += 10_000;
    for (const path of [webhooks, `${webhooks}/none`]) client.call("GET", path);
    expect(client.call("GET", webhooks).headers).toMatchObject({
      "inin-ratelimit-count": "4",
      "inin-ratelimit-allowed": "300",
      "inin-ratelimit-reset": "50",
    });
  });

  test("a 429 has the code too.many.requests, and an integer Retry-After", () => {
    const client = makeSandboxClient();
    spend(client, 300);
    client.nowMs += 22_500;
    expect(client.call("GET", topics)).toMatchObject({
      ...{ status: 429, headers: { "retry-after": "38" } },
      json: { code: "too.many.requests" },
    });
  });

  test("a 429 without Retry-After tells the end of the window in inin-ratelimit-reset", () => {
    const client = makeSandboxClient({ quirks: { rateLimitTells: "inHeaders" } });
    spend(client, 300);
    const { headers } = client.call("GET", topics);
    expect(headers).toMatchObject({ "inin-ratelimit-reset": "60" });
    expect(headers).not.toHaveProperty("retry-after");
  });

  test("a 429 with too.many.requests.retry.after tells the seconds in its words", () => {
    const client = makeSandboxClient({ quirks: { rateLimitTells: "inWords" } });
    spend(client, 300);
    const { headers, json } = client.call("GET", topics);
    expect(json).toMatchObject({ code: "too.many.requests.retry.after" });
    expect((json as { readonly message: string }).message).toContain("Retry the request in [60] seconds");
    expect(Object.keys(headers).filter((name) => /retry|ratelimit/.test(name))).toEqual([]);
  });

  test("the limits of event.orchestration are readable: 36,000 an hour, 6,000 a minute, 80 % to one target", () => {
    const { status, json } = makeSandboxClient().call(
      "GET",
      "/api/v2/organizations/limits/namespaces/event.orchestration",
    );
    expect(status).toBe(200);
    const { entities } = json as { readonly entities: readonly { readonly namespace: string }[] };
    expect(entities).toMatchObject([{ value: 36_000 }, { value: 6_000 }, { value: 80 }]);
    expect(new Set(entities.map(({ namespace }) => namespace))).toEqual(new Set(["event.orchestration"]));
  });
});

describe("errors", () => {
  test("a refusal has message, code, status, contextId, details, errors and the message with its parameters", () => {
    const { json, headers } = makeSandboxClient().call("GET", `${integrations}/none`);
    expect(json).toEqual({
      ...{ message: expect.any(String) as unknown, code: "not.found", status: 404 },
      ...{ contextId: headers["inin-correlation-id"], details: [], errors: [] },
      ...{ messageWithParams: expect.any(String) as unknown, messageParams: {} },
    });
  });

  test("every answer has its own inin-correlation-id", () => {
    const client = makeSandboxClient();
    const ids = [webhooks, "/api/v2/none", integrations].map(
      (path) => client.call("GET", path).headers["inin-correlation-id"],
    );
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(3);
  });

  test("an address that is not allowed is answered 401 ip.not.authorized", () => {
    const client = makeSandboxClient({ quirks: { refusesAddress: true } });
    expect(client.call("GET", webhooks)).toMatchObject({
      status: 401,
      json: { code: "ip.not.authorized" },
    });
  });

  test.each([
    [integrations, "integrations"],
    [triggers, "process-automation"],
    [topics, "notifications"],
  ])("%s needs the scope %s, and is else answered 403 app.not.authorized.for.scope", (path, scope) => {
    const others = ["integrations", "process-automation", "notifications"].filter((one) => one !== scope);
    expect(makeSandboxClient({ quirks: { scopes: others } }).call("GET", path)).toMatchObject({
      ...{ status: 403, json: { code: "app.not.authorized.for.scope" } },
    });
    expect(makeSandboxClient({ quirks: { scopes: [scope] } }).call("GET", path).status).toBe(200);
  });
});

describe("lists", () => {
  const filled = (): SandboxClient => {
    const client = makeSandboxClient();
    for (let index = 0; index < 30; index += 1)
      client.call("POST", webhooks, webhookBody({ name: `w${index}` }));
    return client;
  };

  test("a page has its number, its size, the total, the number of pages, and where the next one is", () => {
    const { json } = filled().call("GET", `${webhooks}?pageSize=10&pageNumber=2`);
    expect(json).toMatchObject({ pageNumber: 2, pageSize: 10, total: 30, pageCount: 3 });
    expect(json).toMatchObject({ nextUri: expect.stringContaining("pageNumber=3") as unknown });
    expect(json).toMatchObject({ selfUri: expect.any(String) as unknown });
    expect((json as { readonly entities: readonly unknown[] }).entities).toHaveLength(10);
  });

  test("a page has 25 entries by default", () => {
    expect(filled().call("GET", webhooks).json).toMatchObject({ pageSize: 25, pageCount: 2 });
  });

  test.each([webhooks, integrations])("a page of %s has at most 100 entries", (path) => {
    const client = makeSandboxClient();
    expect(client.call("GET", `${path}?pageSize=100`).status).toBe(200);
    expect(client.call("GET", `${path}?pageSize=101`).status).toBe(400);
  });

  test("a list with a cursor has at most 200 entries a page", () => {
    const client = makeSandboxClient();
    expect(client.call("GET", `${triggers}?pageSize=200`).status).toBe(200);
    expect(client.call("GET", `${triggers}?pageSize=201`).status).toBe(400);
  });
});

/** Our client against the sandbox, to show that it copes with each way to answer. */
function clientFor(quirks: SandboxQuirks) {
  const clock = makeFakeClock();
  clock.autoAdvance();
  const state = makeState();
  let ids = 0;
  const random = { next: () => 0.5, id: () => `id-${(ids += 1)}` };
  const statuses: number[] = [];
  const api = makeApi({
    ...{
      kinds: builtInKinds,
      clock,
      random,
      credentials: sandboxCredentials,
      rateShare: 1,
      readOnly: true,
    },
    ...{ apiUrl: "https://api.example.com", tokenUrl: "https://login.example.com/oauth/token" },
    send: (request) => {
      const { response } = handle(state, request, { nowMs: clock.now(), random, quirks });
      statuses.push(response.status);
      return Promise.resolve(response);
    },
  });
  return { api, clock, state, statuses };
}

describe("our client", () => {
  test.each([[undefined], ["inHeaders"], ["inWords"]] as const)(
    "waits out a rate limit that tells its end %s, and asks once more",
    async (rateLimitTells) => {
      const { api, clock, state, statuses } = clientFor(rateLimitTells ? { rateLimitTells } : {});
      await api.request("GET", webhooks);
      // Another program uses up the rest.
      for (const token of state.tokens.values()) token.window.count = token.window.allowed;
      const startedMs = clock.now();
      await api.request("GET", webhooks);
      expect(statuses).toEqual([200, 200, 429, 200]);
      expect(clock.now() - startedMs).toBe(60_000);
    },
  );

  test("knows a login over its limit from one that is refused", async () => {
    const { api, statuses } = clientFor({ loginsAMinute: 0 });
    expect((await failureOf(api.request("GET", webhooks))).code).toBe("auth/rateLimited");
    expect(statuses).toEqual([400, 400, 400]);
  });

  test("asks for no new token where its address is not allowed", async () => {
    const { api, statuses } = clientFor({ refusesAddress: true });
    expect((await failureOf(api.request("GET", webhooks))).code).toBe("api/addressRefused");
    expect(statuses).toEqual([200, 401]);
  });

  test("names the scope that it lacks", async () => {
    const { api } = clientFor({ scopes: ["notifications"] });
    expect((await failureOf(api.request("GET", integrations))).hint).toContain("the scope integrations");
  });
});
