// The event bus on which an owner's routes are: it has the name of the partner event source of the feed.
import type { AwsConfig } from "../../model/config.ts";
import { eventSourceName } from "../../model/aws-api.ts";
import { parseEventSource } from "../eventbridge/event-source.ts";

export interface EventBus {
  readonly account: string;
  readonly region: string;
  /** Both the bus's name and the event source's. */
  readonly name: string;
  /** The endpoint of the feed. */
  readonly feed: string;
}

/** Returns the endpoint of the feed that the config asks for; null if it asks for none. */
export function feedEndpoint({ webhooks }: Pick<AwsConfig, "webhooks">): string | null {
  if (webhooks === null) return null;
  return `eventbridge://${webhooks.account}/${webhooks.region}/${webhooks.source}`;
}

/** Returns the buses of these feeds, each once. */
export function findBuses(feeds: readonly string[], organizationId: string): readonly EventBus[] {
  return [...new Set(feeds)].flatMap((feed) => {
    const source = parseEventSource(feed);
    if (!source) return [];
    const { awsAccountId: account, awsRegion: region, suffix } = source;
    return [{ account, region, name: eventSourceName(organizationId, suffix), feed }];
  });
}
