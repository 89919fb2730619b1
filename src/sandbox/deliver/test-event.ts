// Makes events of one plain shape in EventBridge's envelope.

/** Where an event comes from, as its envelope names it. */
export interface EventSource {
  readonly source: string;
  readonly account: string;
  readonly region: string;
}

/** One thing that happened; each source sends an event of its own about it. */
export interface Happening {
  /** As it is published: `v2.users.{id}.presence`. */
  readonly topic: string;
  /** What the event is about: it stands in the place of each identifier of the topic. */
  readonly entity: string;
  readonly correlationId: string;
  readonly atMs: number;
}

export interface TestEvent {
  readonly version: "0";
  /** The same for each rule of the source's bus, and each time that the event is repeated. */
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** Whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: {
    /** With the identifier. */
    readonly topicName: string;
    readonly version: string;
    readonly eventBody: { readonly id: string; readonly topic: string; readonly eventTime: string };
    readonly metadata: { readonly CorrelationId: string };
    readonly timestamp: string;
  };
}

export function makeTestEvent(id: string, from: EventSource, happening: Happening): TestEvent {
  const { topic, entity, correlationId, atMs } = happening;
  const eventTime = new Date(atMs).toISOString();
  return {
    ...{ version: "0", id, "detail-type": topic, source: from.source, account: from.account },
    ...{ time: `${eventTime.slice(0, 19)}Z`, region: from.region, resources: [] },
    detail: {
      topicName: topic.replace(/\{[^{}]*\}/g, entity),
      version: "2",
      eventBody: { id: entity, topic, eventTime },
      metadata: { CorrelationId: correlationId },
      timestamp: eventTime,
    },
  };
}
