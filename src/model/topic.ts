// A topic to which an organisation can subscribe, and which kinds of resources can have it.
import type { KindTopics } from "./kind.ts";

export interface Topic {
  /** The topic's name, written like an event type; `{id}` stands for an identifier. */
  readonly id: string;
  /** The transports that the platform reports, such as `EventBridge`; empty if it reports none. */
  readonly transports: readonly string[];
}

/** The transports of the platform; `All` stands for each of them. */
export const knownTransports = ["All", "Websocket", "EventBridge", "ProcessAutomation"] as const;

/** True unless the topic's transports, or what the platform is known to refuse, keep a kind from having the topic. */
export function isTopicOf({ id, transports }: Topic, { transport, excluded }: KindTopics): boolean {
  if (transports.length === 0) return !(excluded?.pattern.test(id) ?? false);
  return transports.includes("All") || transports.includes(transport);
}

/** True if the part of a topic stands for an identifier, as `{id}` does. */
export function isPlaceholder(part: string): boolean {
  return part.startsWith("{") && part.endsWith("}");
}
