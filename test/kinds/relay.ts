// A kind of resource that the product does not have, awkward on purpose: relays share the scheme of webhooks, and an
// endpoint has as many of them as its event types take; an organisation that uses a share of its rate has them; and all of an
// owner's relays get their events through one integration.
import { eventBridge } from "../../src/kinds/eventbridge/kind.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import type { Kind } from "../../src/model/kind.ts";
import { webhooks, type TestKind } from "../support/kinds.ts";

/** A relay that gets its events from the platform itself. */
export const relayAlone: Kind = {
  name: "relay",
  scheme: "https:",
  noun: "relay",
  nouns: "relays",
  servedNoun: "endpoint",
  isChosen: ({ rateShare }) => rateShare < 1,
  fullNouns: "relays",
  endpoint: webhook.endpoint,
  start: webhook.start,
  path: "/api/v2/relays",
  probePath: "/api/v2/relays?pageSize=1",
  isInSdk: false,
  permissions: { word: "permissions", list: "relays:relay:view", write: ["relays:relay:edit"] },
  granularity: { most: 2, sizeOf: () => 1 },
  maxEventTypes: null,
  isMovable: false,
  isMadeInSteps: false,
  isUnique: true,
  eventTypeOfTwoGroups: { becomes: "delivered" },
  options: null,
  markedIn: "description",
  maxDescriptionLength: null,
  topics: null,
};

export const relay: Kind = {
  ...relayAlone,
  shared: {
    kind: eventBridge,
    title: "Stream",
    isSought: () => true,
    findEndpoint: ({ owner, rateShare }) =>
      rateShare < 1 ? `eventbridge://123456789012/us-east-1/${owner}` : null,
  },
};

export const relays: TestKind = { ...webhooks, ...relay, kind: relay };

/** Relays whose event types differ in size, so that one may have room for one event type and not for another. */
export const unevenRelays: TestKind = {
  ...relays,
  nouns: "uneven relays",
  kind: { ...relay, granularity: { most: 4, sizeOf: (eventType) => 1 + (Number(eventType.at(-1)) % 3) } },
};
