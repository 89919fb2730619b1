import { expect, test } from "vitest";
import { handle } from "../../src/sandbox/handle.ts";
import type { SandboxResource } from "../../src/sandbox/resource.ts";
import { builtInResources } from "../../src/sandbox/resources.ts";
import { formatState, parseState } from "../../src/sandbox/state-text.ts";
import { makeState, type SandboxState } from "../../src/sandbox/state.ts";
import { issueToken } from "../../src/sandbox/tokens.ts";
import { sandboxCredentials } from "../../src/sandbox/context.ts";

const pigeonsIn = ({ others }: SandboxState): Map<string, unknown> => {
  const all = others.get("pigeons") ?? new Map<string, unknown>();
  others.set("pigeons", all);
  return all;
};

const pigeons: SandboxResource = {
  noun: "pigeon",
  list: "pigeons",
  isRequired: false,
  routes: [
    ["GET", "/pigeons/{id}", ({ state }, id) => ({ status: 200, json: pigeonsIn(state).get(id) })],
    [
      "POST",
      "/pigeons",
      ({ state, newId, body }) => {
        const pigeon = { id: newId(), name: body };
        pigeonsIn(state).set(pigeon.id, pigeon);
        return { status: 201, json: pigeon, changed: true };
      },
    ],
  ],
  entriesOf: (state) => [...pigeonsIn(state).values()],
  add: (state, entry) => {
    const { id } = Object(entry) as { readonly id?: unknown };
    if (typeof id !== "string") return " has no id";
    pigeonsIn(state).set(id, entry);
    return undefined;
  },
};

const resources = [...builtInResources, pigeons];
let made = 0;
const random = { id: () => `id-${(made += 1)}` };
const context = { nowMs: 0, random, credentials: sandboxCredentials };

function ask(state: SandboxState, method: string, path: string, given: object) {
  const { clientId, clientSecret } = sandboxCredentials;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  const headers = {
    authorization: `Basic ${basic}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  const body = "grant_type=client_credentials";
  const { json } = issueToken(state, { method: "POST", url: "/oauth/token", headers, body }, context);
  const { access_token: token } = json as { readonly access_token: string };
  const request = { method, url: `/api/v2${path}`, headers: { authorization: `Bearer ${token}` } };
  return handle(state, { ...request, body: "Ada" }, { ...context, ...given }).response;
}

test("a resource that the sandbox is handed answers, and lasts in the state file", () => {
  const state = makeState();
  const { id } = JSON.parse(ask(state, "POST", "/pigeons", { resources }).body) as { readonly id: string };
  const text = formatState(state, resources);
  const parsed = parseState(text, resources);
  if (!parsed.ok) throw new Error(parsed.problem);
  const found = ask(parsed.state, "GET", `/pigeons/${id}`, { resources });
  expect(JSON.parse(found.body)).toEqual({ id, name: "Ada" });
  expect(ask(parsed.state, "GET", "/webhooks", { resources }).status).toBe(200);
});

test("without it, the sandbox has no such resource", () => {
  const state = makeState();
  expect(ask(state, "POST", "/pigeons", {}).status).toBe(404);
  expect(formatState(state)).not.toContain("pigeons");
  const text = '{"formatVersion":1,"webhooks":[],"pigeons":[{}]}';
  expect(parseState(text, resources)).toEqual({ ok: false, problem: "pigeon 1 has no id" });
});
