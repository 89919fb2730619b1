// Routes: rules of EventBridge in AWS that deliver to endpoints with https: through API destinations. A config with
// aws.webhooks chooses them in place of webhooks.
import type { Kind } from "../../model/kind.ts";
import { eventBridge } from "../eventbridge/kind.ts";
import { routeEndpoint } from "./endpoint.ts";
import { routeRetryOptions } from "./retry-options.ts";
import { routeStart } from "./start.ts";

/** The most characters that EventBridge takes in the pattern of a rule. */
const maxPatternLength = 2048;
/** What a pattern has around its event types, which have a comma after each but the last. */
const patternFrame = '{"detail-type":[]}'.length - ",".length;

export const route: Kind = {
  name: "route",
  scheme: "https:",
  isChosen: ({ aws }) => aws !== null && aws.webhooks !== null,
  noun: "route",
  nouns: "routes",
  servedNoun: "endpoint",
  fullNouns: "EventBridge routes",
  endpoint: routeEndpoint,
  path: "events:ListRules",
  probePath: null,
  isInSdk: false,
  permissions: {
    word: "permissions",
    list: "events:ListRules",
    write: ["events:PutRule", "events:PutTargets", "events:CreateApiDestination"],
  },
  granularity: {
    most: maxPatternLength - patternFrame,
    sizeOf: (eventType) => JSON.stringify(eventType).length + ",".length,
  },
  maxEventTypes: 1000,
  // A target's change may take effect late, so a new rule is made before the old one goes.
  isMovable: false,
  isMadeInSteps: true,
  isUnique: true,
  eventTypeOfTwoGroups: { becomes: "delivered" },
  options: routeRetryOptions,
  start: routeStart,
  markedIn: "description",
  maxDescriptionLength: 512,
  omitsStateFile: true,
  names: { maxLength: 64, refused: /[^A-Za-z0-9._-]/g },
  isNeverAdopted: true,
  topics: {
    transport: "EventBridge",
    withIdentifier: {
      becomes: "refused",
      wayOut: "choose the events in the consumer, by the topicName in their detail",
    },
  },
  shared: {
    kind: eventBridge,
    title: "Feed",
    findEndpoint: ({ aws }) => {
      const webhooks = aws?.webhooks;
      return webhooks ? `eventbridge://${webhooks.account}/${webhooks.region}/${webhooks.source}` : null;
    },
  },
};
