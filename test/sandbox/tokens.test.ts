import { describe, expect, test } from "vitest";
import { makeSandboxClient, tokenRequest, webhookBody } from "./sandbox-client.ts";

const form = { "content-type": "application/x-www-form-urlencoded" };

function refusal(error: string, description: string): unknown {
  return { error, description, error_description: description };
}

describe("the token endpoint", () => {
  test.each(["/oauth/token", "/api/v2/oauth/token", "https://login.mypurecloud.com/oauth/token"])(
    "answers at %s with a token that works for a day",
    (url) => {
      const client = makeSandboxClient();
      const reply = client.send("POST", url, tokenRequest());
      expect(reply.status).toBe(200);
      expect(reply.json).toEqual({
        access_token: "id-4",
        token_type: "bearer",
        expires_in: 86_400,
        scope: "webhook:read webhook:write",
      });
      expect(reply.headers["inin-correlation-id"]).toBe("id-3");
    },
  );

  test("takes the credentials in the body", () => {
    const body = "grant_type=client_credentials&client_id=sandbox&client_secret=sandbox-secret";
    expect(makeSandboxClient().send("POST", "/oauth/token", { headers: form, body }).status).toBe(200);
  });

  test.each([
    ["wrong secret", { ...form, authorization: `Basic ${btoa("sandbox:wrong")}` }, ""],
    ["wrong client", { ...form, authorization: `Basic ${btoa("other:sandbox-secret")}` }, ""],
    ["no colon", { ...form, authorization: `Basic ${btoa("sandbox")}` }, ""],
    ["another scheme", { ...form, authorization: "Bearer sandbox:sandbox-secret" }, ""],
    ["wrong secret in the body", form, "&client_id=sandbox&client_secret=wrong"],
    ["no credentials", form, ""],
  ])("refuses %s with 401 invalid_client", (_, headers, more) => {
    const body = `grant_type=client_credentials${more}`;
    const reply = makeSandboxClient().send("POST", "/oauth/token", { headers, body });
    expect(reply.status).toBe(401);
    expect(reply.json).toEqual(refusal("invalid_client", "client not found, or the secret is wrong"));
  });

  test.each([
    ["another grant", "unsupported_grant_type", { headers: form, body: "grant_type=password" }],
    ["no grant", "invalid_request", { headers: form, body: "" }],
    ["JSON", "invalid_request", { headers: { "content-type": "application/json" }, body: "{}" }],
    ["no type", "invalid_request", { body: "grant_type=client_credentials" }],
  ])("refuses %s with 400 %s", (_, error, request) => {
    const reply = makeSandboxClient().send("POST", "/oauth/token", request);
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({ error });
  });

  test("refuses a body-less request and any method but POST", () => {
    const client = makeSandboxClient();
    expect(client.send("POST", "/oauth/token", { headers: form }).status).toBe(400);
    const reply = client.send("GET", "/oauth/token", {});
    expect(reply).toMatchObject({ status: 405, headers: { allow: "POST" }, json: { status: 405 } });
  });

  test("refuses too many requests in a minute with 400 invalid_request", () => {
    const client = makeSandboxClient(); // has used the first of 300
    for (let i = 1; i < 300; i++)
      expect(client.send("POST", "/oauth/token", tokenRequest()).status).toBe(200);
    const reply = client.send("POST", "/oauth/token", tokenRequest());
    expect(reply.status).toBe(400);
    expect(reply.json).toEqual(refusal("invalid_request", "rate limit exceeded"));
    client.nowMs += 60_000;
    expect(client.send("POST", "/oauth/token", tokenRequest()).status).toBe(200);
  });
});

describe("a token", () => {
  test("expires on time, and an earlier one lives on beside a new one", () => {
    const client = makeSandboxClient({ tokenLifeSeconds: 120 });
    client.nowMs += 119_999;
    expect(client.call("GET", "/api/v2/webhooks").status).toBe(200);
    client.nowMs += 1;
    expect(client.call("GET", "/api/v2/webhooks").status).toBe(401);

    const earlier = client.renewToken();
    client.renewToken();
    const headers = { AUTHORIZATION: `bearer ${earlier}` };
    expect(client.send("GET", "/api/v2/webhooks", { headers }).status).toBe(200);
    expect(client.state.tokens.size).toBe(2); // the expired one is forgotten
  });

  test.each([
    ["missing", {}],
    ["unknown", { authorization: "Bearer nobody" }],
    ["malformed", { authorization: "Basic c2FuZGJveA==" }],
  ])("that is %s means 401 with an error body", (_, headers: Record<string, string>) => {
    const client = makeSandboxClient();
    const reply = client.send("POST", "/api/v2/webhooks", { headers, body: JSON.stringify(webhookBody()) });
    const message = "The access token is missing, unknown or expired.";
    expect(reply).toEqual({
      status: 401,
      headers: {
        "content-type": "application/json",
        date: new Date(client.nowMs).toUTCString(),
        "inin-correlation-id": "id-3",
      },
      json: {
        message,
        code: "bad.credentials",
        status: 401,
        contextId: "id-3",
        details: [],
        errors: [],
        messageWithParams: message,
        messageParams: {},
      },
      changed: false,
    });
    expect(client.state.webhooks.size).toBe(0);
  });

  test("is forgotten when a thousand newer ones live", () => {
    const client = makeSandboxClient();
    for (let i = 0; i < 1_000; i++) {
      client.nowMs += 1_000;
      client.send("POST", "/oauth/token", tokenRequest());
    }
    expect(client.state.tokens.size).toBe(1_000);
    expect(client.call("GET", "/api/v2/webhooks").status).toBe(401);
  });
});
