// Routes: EventBridge delivers to endpoints with https: in a config with aws.webhooks, by a rule, its target and an API
// destination. All of an owner's routes get their events through one integration, the feed.
import type { Kind } from "../../model/kind.ts";
import { eventBridge } from "../eventbridge/kind.ts";
import { routePolicyOptions } from "./delivery-policy.ts";
import { routeEndpoint } from "./endpoint.ts";
import { feedEndpoint } from "./event-bus.ts";
import { routeStart } from "./start.ts";

/** EventBridge takes a pattern of this many characters: `{"detail-type":[…]}`. */
const mostPatternLength = 2048;
const emptyPatternLength = '{"detail-type":[]}'.length;

/** The most calls a second that AWS makes to one destination. */
export const ratePerSecond = 300;

export const route: Kind = {
  name: "route",
  scheme: "https:",
  isChosen: ({ aws }) => Boolean(aws?.webhooks),
  noun: "route",
  nouns: "routes",
  servedNoun: "endpoint",
  fullNouns: "routes through AWS EventBridge",
  endpoint: routeEndpoint,
  isInAws: true,
  path: "AWSEvents.ListRules",
  probePath: "AWSEvents.ListRules",
  isInSdk: true,
  quota: {
    ...{ name: "Rules per event bus", holder: "event bus", things: "rules", usual: 300 },
    wayOut: "ask AWS for more in Service Quotas",
  },
  permissions: { word: "permissions", list: "events:ListRules", write: ["events:PutRule"] },
  // Each event type is followed by a comma, except for the last one.
  granularity: {
    most: mostPatternLength - emptyPatternLength + 1,
    sizeOf: (eventType) => JSON.stringify(eventType).length + 1,
  },
  maxEventTypes: 1000,
  isMovable: false,
  isMadeInSteps: true,
  isUnique: true,
  eventTypeOfTwoGroups: { becomes: "delivered" },
  options: routePolicyOptions,
  start: routeStart,
  names: { longest: 64 },
  describesGroupAlone: true,
  isNeverAdopted: true,
  // AWS may still deliver for a while by the rule as it was.
  takesBack: true,
  markedIn: "description",
  maxDescriptionLength: 512,
  topics: {
    transport: "EventBridge",
    isClosed: true,
    // A rule compares the topic as it is published; the identifier stands in the event's detail alone.
    withIdentifier: {
      becomes: "refused",
      wayOut: "let the consumer choose the events by the topicName in their detail",
    },
  },
  changesForConsumers: {
    code: "aws/consumers",
    message:
      "through AWS, consumers get EventBridge's envelope as the body, and the authorisation of a connection in AWS",
    hint: "let each endpoint take both forms before its groups go over (docs/aws.md)",
  },
  findSettleMs: ({ aws }) => aws?.webhooks?.settleMs ?? 0,
  throughput: {
    // Each group has destinations of its own.
    limits: [{ per: "second", most: ratePerSecond, whom: "one API destination", of: "group" }],
    ...{ verb: "call", things: "endpoints", platform: "AWS" },
    wayOut:
      "divide the event types over more endpoints (spec.endpointPool) or groups: what is above the rate is delivered late, and " +
      "given up after its age",
  },
  shared: {
    kind: eventBridge,
    title: "Feed",
    isSought: ({ aws }) => aws !== null,
    findEndpoint: ({ aws }) => aws && feedEndpoint(aws),
  },
};
