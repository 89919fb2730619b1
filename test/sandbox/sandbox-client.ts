// Talks to `handle` as a client would, with time and identifiers that the test controls.
import { sandboxCredentials, type SandboxContext } from "../../src/sandbox/context.ts";
import { handle } from "../../src/sandbox/handle.ts";
import { makeState, type SandboxState } from "../../src/sandbox/state.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: unknown;
  readonly changed: boolean;
}

export interface SandboxClient {
  readonly state: SandboxState;
  nowMs: number;
  /** Sends with the newest token; an object travels as JSON, text as it is. */
  call(method: string, url: string, body?: unknown): Reply;
  send(method: string, url: string, more: { headers?: Record<string, string>; body?: string }): Reply;
  /** Gets a new token and uses it from now on. */
  renewToken(): string;
}

export function makeSandboxClient(
  options: Pick<SandboxContext, "tokenLifeSeconds" | "quirks"> = {},
): SandboxClient {
  const state = makeState();
  const random = makeIds();
  let token = "";
  const client: SandboxClient = {
    state,
    nowMs: 1_000_000,
    send: (method, url, { headers = {}, body }) => {
      const request = { method, url, headers, ...(body !== undefined && { body }) };
      const { response, changed } = handle(state, request, { nowMs: client.nowMs, random, ...options });
      const json: unknown = response.body === "" ? undefined : JSON.parse(response.body);
      return { status: response.status, headers: response.headers, json, changed };
    },
    call: (method, url, body) => {
      const headers = { authorization: `Bearer ${token}` };
      if (body === undefined) return client.send(method, url, { headers });
      return client.send(method, url, {
        headers,
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    },
    renewToken: () => {
      const reply = client.send("POST", "/oauth/token", tokenRequest());
      token = (reply.json as { access_token: string }).access_token;
      return token;
    },
  };
  client.renewToken();
  return client;
}

/** `id-1`, `id-2` and so on. */
export function makeIds(): { id(): string } {
  let count = 0;
  return { id: () => `id-${++count}` };
}

/** A good token request with HTTP Basic. */
export function tokenRequest(): { headers: Record<string, string>; body: string } {
  const { clientId, clientSecret } = sandboxCredentials;
  return {
    headers: {
      Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
      "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
    },
    body: "grant_type=client_credentials",
  };
}

/** A valid body; `changes` overrides single fields. */
export function webhookBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: "alpha",
    endpoint: "https://alpha.example.com/hook",
    eventTypes: ["routing.queue.conversation.created"],
    retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
    state: "enabled",
    description: "Consumer group: alpha",
    ...changes,
  };
}
