// What an organisation can subscribe to.

export interface Topic {
  /** As an event type is written; `{id}` stands for an identifier. */
  readonly id: string;
  /** As the platform states them, such as `EventBridge`; empty where it states none. */
  readonly transports: readonly string[];
}
