import { expect, test } from "vitest";
import { makeTokenSource, type TokenMemory } from "../../../src/genesys/client/token.ts";
import { makeFakeClock } from "../../support/fake-clock.ts";
import { failureOf, makeFakeSend, reply, tokenReply, type Answer } from "../fake-send.ts";

const secret = "s3cr3t-value";

function setUp(answerTo: (index: number) => Answer) {
  const clock = makeFakeClock(0);
  const fake = makeFakeSend((_request, index) => answerTo(index));
  const tokens = makeTokenSource({
    send: fake.send,
    clock,
    tokenUrl: "https://login.example.com/oauth/token",
    credentials: { clientId: "my-client", clientSecret: secret },
  });
  return { clock, tokens, requests: fake.requests };
}

test("asks with client credentials as HTTP Basic", async () => {
  const { tokens, requests } = setUp(() => tokenReply("token-1"));
  expect(await tokens.get()).toBe("token-1");
  expect(requests).toEqual([
    {
      method: "POST",
      url: "https://login.example.com/oauth/token",
      headers: {
        accept: "application/json",
        authorization: `Basic ${btoa(`my-client:${secret}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    },
  ]);
});

test("one request however many callers wait", async () => {
  const { tokens, requests } = setUp((index) => tokenReply(`token-${index}`));
  const all = await Promise.all([tokens.get(), tokens.get(), tokens.renew("other"), tokens.get()]);
  expect(all).toEqual(["token-0", "token-0", "token-0", "token-0"]);
  expect(requests).toHaveLength(1);
});

test.each([
  { lifeSeconds: 86_400, goodForSeconds: 86_340 },
  { lifeSeconds: 121, goodForSeconds: 61 },
  { lifeSeconds: 90, goodForSeconds: 45 },
  { lifeSeconds: 1, goodForSeconds: 0.5 },
])(
  "a token that lives $lifeSeconds s is used for $goodForSeconds s",
  async ({ lifeSeconds, goodForSeconds }) => {
    const { clock, tokens, requests } = setUp((index) => tokenReply(`token-${index}`, lifeSeconds));
    await tokens.get();
    await clock.advance(goodForSeconds * 1000 - 1);
    expect(await tokens.get()).toBe("token-0");
    await clock.advance(1);
    expect(await tokens.get()).toBe("token-1");
    expect(requests).toHaveLength(2);
  },
);

test.each<[string, Partial<Parameters<typeof makeTokenSource>[0]>, string]>([
  ["the same", {}, "token-0"],
  ["another address", { tokenUrl: "https://elsewhere.example.com/oauth/token" }, "token-1"],
  ["another client", { credentials: { clientId: "other", clientSecret: secret } }, "token-1"],
  ["another secret", { credentials: { clientId: "my-client", clientSecret: "new" } }, "token-1"],
])("a token that is remembered serves who has %s: %#", async (_what, changed, expected) => {
  const memory: TokenMemory = { known: null };
  const { send } = makeFakeSend((_request, index) => tokenReply(`token-${index}`));
  const same = {
    ...{ send, clock: makeFakeClock(0), memory },
    tokenUrl: "https://login.example.com/oauth/token",
    credentials: { clientId: "my-client", clientSecret: secret },
  };
  expect(await makeTokenSource(same).get()).toBe("token-0");
  expect(await makeTokenSource({ ...same, ...changed }).get()).toBe(expected);
});

test("renew asks for a new token only while the rejected one is the current one", async () => {
  const { tokens, requests } = setUp((index) => tokenReply(`token-${index}`));
  await tokens.get();
  expect(await Promise.all([tokens.renew("token-0"), tokens.renew("token-0")])).toEqual([
    "token-1",
    "token-1",
  ]);
  expect(await tokens.renew("token-0")).toBe("token-1");
  expect(requests).toHaveLength(2);
});

test("a failure reaches every waiting caller, and the next one asks again", async () => {
  const { tokens } = setUp((index) => (index === 0 ? reply(503) : tokenReply("token-1")));
  const failures = await Promise.all([failureOf(tokens.get()), failureOf(tokens.get())]);
  expect(failures.map((failure) => failure.code)).toEqual(["auth/unavailable", "auth/unavailable"]);
  expect(await tokens.get()).toBe("token-1");
});

test.each([
  { status: 401, body: { error: "invalid_client" }, code: "auth/invalidClient" },
  { status: 403, body: {}, code: "auth/invalidClient" },
  { status: 400, body: { error: "invalid_request" }, code: "auth/rejected" },
  { status: 429, body: "", code: "auth/rateLimited" },
  {
    status: 400,
    body: { error: "invalid_request", description: "rate limit exceeded" },
    code: "auth/rateLimited",
  },
  {
    status: 400,
    body: { error: "invalid_request", error_description: "Rate limit exceeded." },
    code: "auth/rateLimited",
  },
  {
    status: 400,
    body: { error: "invalid_client", description: "rate limit exceeded" },
    code: "auth/rejected",
  },
  { status: 408, body: "", code: "auth/unavailable" },
  { status: 500, body: "<html>", code: "auth/unavailable" },
  { status: 302, body: "", code: "auth/malformed" },
  { status: 204, body: "", code: "auth/malformed" },
])("$status is $code", async ({ status, body, code }) => {
  const { tokens } = setUp(() => reply(status, body, { "inin-correlation-id": "abc-1" }));
  const failure = await failureOf(tokens.get());
  expect(failure).toMatchObject({ code, correlationId: "abc-1" });
  expect(failure.message).toContain(String(status));
});

test("refused credentials are named by their variables", async () => {
  const { tokens } = setUp(() => reply(401, { error: "invalid_client" }));
  const failure = await failureOf(tokens.get());
  expect(failure.message).toBe(
    "the login at login.example.com did not accept GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET " +
      "(401 invalid_client)",
  );
  expect(failure.hint).toMatch(/GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET/);
});

test("a login over its limit repeats no word of the refusal, and does not blame the credentials", async () => {
  const description = `rate limit exceeded for ${secret}`;
  const { tokens } = setUp(() => reply(400, { error: "invalid_request", description }));
  const failure = await failureOf(tokens.get());
  expect(failure.message).toBe(
    "the login at login.example.com receives too many requests (400 invalid_request)",
  );
  expect(failure.hint).toBe("wait a minute; a token stays valid for hours, so log in less often");
});

test.each([401, 400, 500, 200])(
  "a login that echoes the secret with %i does not make us repeat it",
  async (status) => {
    const echo = { error: secret, error_description: `bad ${secret}`, description: `\u001b[31m${secret}` };
    const { tokens } = setUp(() => reply(status, echo));
    const failure = await failureOf(tokens.get());
    expect(`${failure.message} ${failure.hint ?? ""} ${String(failure.cause)}`).not.toContain(secret);
  },
);

test.each([
  ["no JSON", "<html>"],
  ["null", "null"],
  ["an array", "[]"],
  ["no token", { expires_in: 10 }],
  ["an empty token", { access_token: "", expires_in: 10 }],
  ["a token that breaks the header", { access_token: "a\r\nb", expires_in: 10 }],
  ["no life", { access_token: "a" }],
  ["a life as text", { access_token: "a", expires_in: "10" }],
  ["no life left", { access_token: "a", expires_in: 0 }],
  ["a negative life", { access_token: "a", expires_in: -1 }],
  ["an endless life", '{"access_token":"a","expires_in":1e999}'],
])("an answer with %s is malformed", async (_what, body) => {
  const { tokens } = setUp(() => reply(200, body));
  expect((await failureOf(tokens.get())).code).toBe("auth/malformed");
});
