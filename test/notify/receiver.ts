// Receivers of messages on loopback, and worlds whose messages really go there.
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { makeSend } from "../../src/genesys/client/send.ts";
import type { Intercept } from "../support/world.ts";
import { loggedIn } from "../support/world.ts";

export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface FakeReceiver {
  readonly url: string;
  readonly received: Received[];
  /** How the next requests are answered; by default with 200. */
  respond: RequestListener;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

export async function startReceiver(): Promise<FakeReceiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
      receiver.respond(request, response);
    });
  });
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: FakeReceiver = {
    url: `http://127.0.0.1:${port}`,
    received,
    respond: (_, response) => response.end("ok"),
  };
  return receiver;
}

/** Requests to loopback go over the network, all others to the platform in memory. */
export function makeToReceivers(limits: { readonly requestTimeoutMs?: number } = {}): Intercept {
  const send = makeSend(limits);
  return (request, forward) => (new URL(request.url).hostname === "127.0.0.1" ? send(request) : forward());
}

export const toReceivers = makeToReceivers();

export const secret = `whsec_${Buffer.from("32 bytes that sign the messages!").toString("base64")}`;

/** The address of a Slack webhook holds its secret in the path. */
export function environmentOf({ url }: FakeReceiver) {
  return {
    ...loggedIn,
    RECONCILE_NOTIFY_SLACK_URL: `${url}/services/T0/B0/channel-secret`,
    RECONCILE_NOTIFY_WEBHOOK_URL: `${url}/hook?token=hidden-token`,
    RECONCILE_NOTIFY_SECRET: secret,
  };
}

const all = "drift, failure, recovery, orphans, trail";

export function configOf(...kinds: readonly ("slack" | "webhook")[]): string {
  const entries = kinds.map((kind) => `  - { kind: ${kind}, on: [${all}] }\n`).join("");
  return `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nnotify:\n${entries}`;
}

export interface WebhookBody {
  readonly type: string;
  readonly timestamp: string;
  readonly data: {
    readonly summary: string;
    readonly details: readonly string[];
    readonly groups: readonly string[];
    readonly command: string;
    readonly environment: string;
    readonly owner: string;
    readonly organization: { readonly id: string; readonly name: string | null } | null;
    readonly runId: string | null;
  };
}

export function bodiesOf({ received }: FakeReceiver): readonly WebhookBody[] {
  return received.map(({ body }) => JSON.parse(body) as WebhookBody);
}

/** The types of the messages since the last call, without `reconcile.`. */
export function takeTypes(receiver: FakeReceiver): readonly string[] {
  const types = bodiesOf(receiver).map(({ type }) => type.replace("reconcile.", ""));
  receiver.received.length = 0;
  return types;
}
