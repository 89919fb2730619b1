// A topic to which an organisation can subscribe, and which kinds of resources can have it.

export interface Topic {
  /** The topic's name, written like an event type; `{id}` stands for an identifier. */
  readonly id: string;
  /** The transports that the platform reports, such as `EventBridge`; empty if it reports none. */
  readonly transports: readonly string[];
}

/** Which of the platform's topics can be event types of a kind. */
export interface KindTopics {
  /** The transport that a topic needs, in the platform's word: `EventBridge`. */
  readonly transport: string;
  /** The path of the list of the topics that have the transport; absent if the platform has no such list. */
  readonly path?: string;
  /** Topics that the platform refuses, as far as no catalogue states their transports; absent if there are none. */
  readonly excluded?: { readonly pattern: RegExp; readonly nouns: string };
  /** True if an event type that is no published topic is refused where there is no catalogue; absent if it is warned of. */
  readonly isClosed?: true;
  /** What becomes of a topic that has an identifier in the place of `{id}`. */
  readonly withIdentifier:
    { readonly becomes: "refused"; readonly wayOut: string } | { readonly becomes: "unknown" };
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
