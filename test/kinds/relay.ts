// A kind of resource that the product does not have, awkward on purpose: relays share the scheme of webhooks, and an
// endpoint has as many of them as its event types take; an owner whose name begins with `relays` has them.
import { webhook } from "../../src/kinds/webhook/kind.ts";
import type { Kind } from "../../src/model/kind.ts";
import { webhooks, type TestKind } from "../support/kinds.ts";

export const relay: Kind = {
  name: "relay",
  scheme: "https:",
  noun: "relay",
  nouns: "relays",
  servedNoun: "endpoint",
  isChosen: ({ owner }) => owner.startsWith("relays"),
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
  eventTypeOfTwoGroups: "delivered",
  needsAssociation: false,
  options: null,
  markedIn: "description",
  maxDescriptionLength: null,
  hasPublishedTopics: false,
};

export const relays: TestKind = { ...webhooks, ...relay, kind: relay };

/** Relays whose event types differ in size, so that one may have room for one event type and not for another. */
export const unevenRelays: TestKind = {
  ...relays,
  nouns: "uneven relays",
  kind: { ...relay, granularity: { most: 4, sizeOf: (eventType) => 1 + (Number(eventType.at(-1)) % 3) } },
};
