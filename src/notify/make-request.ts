// Makes the request that brings a message to its receiver: a text for Slack, or a body that is signed as Standard Webhooks
// say (https://www.standardwebhooks.com).
import { hmacSha256Base64 } from "../lib/hash.ts";
import type { NotifyTopic } from "../model/config.ts";
import type { HttpRequest } from "../model/http.ts";
import type { MessageData } from "./make-messages.ts";

/** A message that waits to be delivered. */
export interface QueuedMessage {
  /** The same each time the message is sent, so that a receiver knows a repetition. */
  readonly id: string;
  readonly topic: NotifyTopic;
  /** When it came about, ISO 8601, UTC. */
  readonly timestamp: string;
  readonly data: MessageData;
}

export type Receiver =
  | { readonly kind: "slack"; readonly url: string }
  /** The secret signs the body. */
  | { readonly kind: "webhook"; readonly url: string; readonly secret: Uint8Array };

const json = { "content-type": "application/json" };

/** `nowMs`: milliseconds since 1970, which the signature covers. */
export function makeRequest(message: QueuedMessage, receiver: Receiver, nowMs: number): HttpRequest {
  const { url } = receiver;
  if (receiver.kind === "slack")
    return { method: "POST", url, headers: json, body: JSON.stringify({ text: makeSlackText(message) }) };
  const { id, topic, timestamp, data } = message;
  const body = JSON.stringify({ type: `reconcile.${topic}`, timestamp, data });
  const signed = { id, timestamp: Math.floor(nowMs / 1000), body };
  return { method: "POST", url, headers: { ...json, ...sign(signed, receiver.secret) }, body };
}

/** Returns the headers of a body. `timestamp` is in seconds since 1970. */
export function sign(
  { id, timestamp, body }: { readonly id: string; readonly timestamp: number; readonly body: string },
  secret: Uint8Array,
): Readonly<Record<string, string>> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": `v1,${hmacSha256Base64(`${id}.${timestamp}.${body}`, secret)}`,
  };
}

const titles: Readonly<Record<NotifyTopic, string>> = {
  drift: "Drift",
  failure: "Failure",
  recovery: "Recovery",
  orphans: "Orphans",
  trail: "Audit trail",
};

/** Slack folds a longer text. */
const maxSlackLines = 5;
/** Slack cuts a text of more than 4,000 characters, and a detail may hold an answer of the platform. */
const maxSlackDetail = 500;

export function makeSlackText({ topic, data }: Pick<QueuedMessage, "topic" | "data">): string {
  const { environment, owner, organization, command, runId, summary, details } = data;
  const name = organization?.name ?? null;
  const where = `${environment} as owner "${owner}"${name === null ? "" : `, organisation "${name}"`}`;
  const more = details.length - maxSlackLines;
  const shown = details.slice(0, maxSlackLines).map((line) => `• ${escape(cut(line))}`);
  return [
    `*${titles[topic]}* · ${escape(where)}`,
    `${escape(cut(summary))}.`,
    ...shown,
    ...(more > 0 ? [`• and ${more} more`] : []),
    `\`reconcile ${command}\`${runId === null ? "" : `, run ${escape(runId)}`}`,
  ].join("\n");
}

function cut(text: string): string {
  return text.length > maxSlackDetail ? `${text.slice(0, maxSlackDetail)}…` : text;
}

/** Slack reads these three characters as its own marks: a group's name could otherwise call everyone in a channel. */
function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
