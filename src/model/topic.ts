// A topic to which an organisation can subscribe.

export interface Topic {
  /** The topic's name, written like an event type; `{id}` stands for an identifier. */
  readonly id: string;
  /** The transports that the platform reports, such as `EventBridge`; empty if it reports none. */
  readonly transports: readonly string[];
}
