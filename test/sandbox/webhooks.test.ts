import { describe, expect, test } from "vitest";
import { makeSandboxClient, webhookBody, type Reply, type SandboxClient } from "./sandbox-client.ts";

const path = "/api/v2/webhooks";

function create(client: SandboxClient, changes: Record<string, unknown> = {}): string {
  const reply = client.call("POST", path, webhookBody(changes));
  expect(reply.status).toBe(201);
  return (reply.json as { id: string }).id;
}

function namesOf(reply: Reply): string[] {
  return (reply.json as { entities: { name: string }[] }).entities.map(({ name }) => name);
}

describe("create", () => {
  test("stores the webhook and returns it with id and links", () => {
    const client = makeSandboxClient();
    const reply = client.call("POST", path, webhookBody());
    const stored = { id: "id-4", ...webhookBody(), links: { self: "/api/v2/webhooks/id-4" } };
    expect(reply).toMatchObject({ status: 201, json: stored, changed: true });
    expect(client.call("GET", "/api/v2/webhooks/id-4")).toMatchObject({
      status: 200,
      json: stored,
      changed: false,
    });
  });

  test("fills in defaults, and drops what it does not know and what only the server sets", () => {
    const client = makeSandboxClient();
    const { name, endpoint, eventTypes } = webhookBody();
    const body = { name, endpoint, eventTypes, id: "mine", links: { self: "/mine" }, colour: "red" };
    expect(client.call("POST", path, body).json).toEqual({
      id: "id-4",
      name,
      endpoint,
      eventTypes,
      state: "enabled",
      description: "",
      links: { self: "/api/v2/webhooks/id-4" },
    });
  });

  test("refuses the same name and endpoint with 409; either alone may repeat", () => {
    const client = makeSandboxClient();
    const id = create(client);
    create(client, { name: "beta" });
    create(client, { endpoint: "https://beta.example.com/hook" });
    const reply = client.call("POST", path, webhookBody({ eventTypes: ["other.topic"] }));
    expect(reply).toMatchObject({
      status: 409,
      json: { code: "webhook.exists", message: `Webhook ${id} has this name and endpoint already.` },
      changed: false,
    });
    expect(client.state.webhooks.size).toBe(3);
  });

  test.each([["{"], [""], ["null"], ["[]"], ['"text"']])("refuses the body %j with 400", (body) => {
    const reply = makeSandboxClient().call("POST", path, body);
    expect(reply).toMatchObject({ status: 400, json: { code: "bad.request" }, changed: false });
  });
});

describe("the rules of a webhook", () => {
  test("all broken fields are reported in one 422", () => {
    const client = makeSandboxClient();
    const body = {
      endpoint: "http://a.example.com",
      eventTypes: [],
      state: "paused",
      description: 7,
      retryPolicy: { retryCount: 11, retryInterval: "1 minute" },
    };
    const reply = client.call("POST", path, body);
    const errors = [
      ["name", "must be text of 1 to 256 characters"],
      ["endpoint", "must be an https URL"],
      ["eventTypes", "must be a list of 1 to 15 event types"],
      ["state", "must be enabled or disabled"],
      ["description", "must be text"],
      ["retryPolicy.retryCount", "must be a whole number from 0 to 10"],
      ["retryPolicy.retryInterval", "must be an ISO 8601 duration"],
      ["retryPolicy.retryOnTimeout", "must be true or false"],
    ].map(([field, rule]) => ({ field, message: `${field} ${rule}` }));
    const message = `The webhook is not valid: ${errors.map((error) => error.message).join("; ")}.`;
    expect(reply.status).toBe(422);
    expect(reply.json).toEqual({
      message,
      code: "invalid.webhook",
      status: 422,
      contextId: "id-3",
      details: [],
      errors,
      messageWithParams: message,
      messageParams: {},
    });
    expect(client.state.webhooks.size).toBe(0);
  });

  const retryPolicy = { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true };
  const topics = (count: number) => Array.from({ length: count }, (_, index) => `topic.${index}`);

  test.each<[string, unknown]>([
    ["name", ""],
    ["name", "n".repeat(257)],
    ["name", null],
    ["endpoint", undefined],
    ["endpoint", "https://"],
    ["endpoint", " https://a.example.com"],
    ["endpoint", "ftp://a.example.com"],
    ["endpoint", { href: "https://a.example.com" }],
    ["eventTypes", undefined],
    ["eventTypes", "one.topic"],
    ["eventTypes", topics(16)],
    ["eventTypes", ["one.topic", "one.topic"]],
    ["eventTypes", ["one.topic", ""]],
    ["eventTypes", ["one.topic", 2]],
    ["state", "Enabled"],
    ["state", null],
    ["description", null],
    ["retryPolicy", []],
    ["retryPolicy", null],
    ["retryPolicy.retryCount", { ...retryPolicy, retryCount: -1 }],
    ["retryPolicy.retryCount", { ...retryPolicy, retryCount: 1.5 }],
    ["retryPolicy.retryCount", { ...retryPolicy, retryCount: "3" }],
    ["retryPolicy.retryInterval", { ...retryPolicy, retryInterval: "" }],
    ["retryPolicy.retryInterval", { ...retryPolicy, retryInterval: 60 }],
    ["retryPolicy.retryOnTimeout", { ...retryPolicy, retryOnTimeout: "yes" }],
  ])("refuse %s: %j", (field, value) => {
    const key = field.split(".")[0] ?? field;
    const reply = makeSandboxClient().call("POST", path, webhookBody({ [key]: value }));
    expect(reply.status).toBe(422);
    expect((reply.json as { errors: { field: string }[] }).errors.map((error) => error.field)).toEqual([
      field,
    ]);
  });

  test.each<[string, unknown]>([
    ["name", "n".repeat(256)],
    ["endpoint", "HTTPS://A.example.com:443/x?key=1"],
    ["eventTypes", topics(15)],
    ["state", "disabled"],
    ["description", ""],
    ["retryPolicy", { ...retryPolicy, retryCount: 0, retryInterval: "P1DT2H" }],
    ["retryPolicy", { ...retryPolicy, retryCount: 10, retryOnTimeout: false }],
  ])("allow %s: %j, and keep it as written", (key, value) => {
    const reply = makeSandboxClient().call("POST", path, webhookBody({ [key]: value }));
    expect(reply.status).toBe(201);
    expect(reply.json).toMatchObject({ [key]: value });
  });
});

describe("replace", () => {
  test("replaces every field, keeps the id and the place in the list", () => {
    const client = makeSandboxClient();
    const id = create(client);
    create(client, { name: "beta" });
    const { name, endpoint } = webhookBody({ name: "gamma" });
    const reply = client.call("PUT", `${path}/${id}`, {
      name,
      endpoint,
      eventTypes: ["b", "a"],
      id: "mine",
    });
    const stored = {
      id,
      name: "gamma",
      endpoint,
      eventTypes: ["b", "a"],
      state: "enabled",
      description: "",
      links: { self: `${path}/${id}` },
    };
    expect(reply).toMatchObject({ status: 200, changed: true });
    expect(reply.json).toEqual(stored);
    expect(client.call("GET", `${path}/${id}`).json).toEqual(stored);
    expect(namesOf(client.call("GET", path))).toEqual(["gamma", "beta"]);
  });

  test("may repeat its own name and endpoint, but not take another webhook's", () => {
    const client = makeSandboxClient();
    create(client);
    const id = create(client, { name: "beta" });
    expect(
      client.call("PUT", `${path}/${id}`, webhookBody({ name: "beta", state: "disabled" })).status,
    ).toBe(200);
    expect(client.call("PUT", `${path}/${id}`, webhookBody())).toMatchObject({
      status: 409,
      changed: false,
    });
    expect(client.call("GET", `${path}/${id}`).json).toMatchObject({ name: "beta", state: "disabled" });
  });

  test("refuses a broken body and changes nothing", () => {
    const client = makeSandboxClient();
    const id = create(client);
    expect(client.call("PUT", `${path}/${id}`, "{").status).toBe(400);
    expect(client.call("PUT", `${path}/${id}`, webhookBody({ eventTypes: [] })).status).toBe(422);
    expect(client.call("GET", `${path}/${id}`).json).toMatchObject(webhookBody());
  });
});

test("delete removes the webhook for good: 204, then 404 to everything", () => {
  const client = makeSandboxClient();
  const id = create(client);
  expect(client.call("DELETE", `${path}/${id}`)).toMatchObject({
    status: 204,
    json: undefined,
    changed: true,
  });
  for (const method of ["GET", "DELETE", "PUT"]) {
    const reply = client.call(method, `${path}/${id}`, method === "PUT" ? webhookBody() : undefined);
    expect(reply).toMatchObject({
      status: 404,
      json: { code: "not.found", message: `There is no webhook ${id}.` },
      changed: false,
    });
  }
  expect(create(client)).not.toBe(id);
});

describe("list", () => {
  test("is one empty page of 25 at first", () => {
    expect(makeSandboxClient().call("GET", path).json).toEqual({
      entities: [],
      pageNumber: 1,
      pageSize: 25,
      total: 0,
      pageCount: 0,
      selfUri: "/api/v2/webhooks?pageSize=25&pageNumber=1",
    });
  });

  test("pages in the order of creation, and nextUri leads to the end", () => {
    const client = makeSandboxClient();
    const names = Array.from({ length: 7 }, (_, index) => `webhook-${7 - index}`);
    for (const name of names) create(client, { name });

    const first = client.call("GET", `${path}?pageSize=3`);
    expect(first.json).toMatchObject({
      pageNumber: 1,
      pageSize: 3,
      total: 7,
      pageCount: 3,
      nextUri: "/api/v2/webhooks?pageSize=3&pageNumber=2",
      selfUri: "/api/v2/webhooks?pageSize=3&pageNumber=1",
    });
    const seen: string[] = [];
    let next: string | undefined = `${path}?pageSize=3&pageNumber=1`;
    while (next !== undefined) {
      const reply: Reply = client.call("GET", next);
      seen.push(...namesOf(reply));
      next = (reply.json as { nextUri?: string }).nextUri;
    }
    expect(seen).toEqual(names);
    expect(namesOf(client.call("GET", `${path}?pageSize=3&pageNumber=4`))).toEqual([]);
    expect(namesOf(client.call("GET", `${path}?pageSize=100`))).toEqual(names);
  });

  test.each([
    ["pageSize", "0"],
    ["pageSize", "101"],
    ["pageSize", ""],
    ["pageSize", "ten"],
    ["pageSize", "1.5"],
    ["pageSize", "-1"],
    ["pageNumber", "0"],
    ["pageNumber", "1e3"],
    ["pageNumber", "1000000001"],
  ])("refuses %s=%s with 400", (key, value) => {
    const reply = makeSandboxClient().call("GET", `${path}?${key}=${value}`);
    expect(reply).toMatchObject({ status: 400, json: { code: "invalid.query" } });
    expect((reply.json as { message: string }).message).toContain(key);
  });
});
