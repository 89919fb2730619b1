// Webhooks: the platform itself delivers to their endpoints, which begin with https:.
import type { Kind } from "../../model/kind.ts";
import { httpsEndpoint } from "./endpoint.ts";
import { retryPolicyOptions } from "./retry-policy.ts";
import { webhookStart } from "./start.ts";

export const webhook: Kind = {
  name: "webhook",
  scheme: "https:",
  noun: "webhook",
  nouns: "webhooks",
  servedNoun: "webhook",
  fullNouns: "webhooks",
  endpoint: httpsEndpoint,
  path: "/api/v2/webhooks",
  probePath: "/api/v2/webhooks?pageSize=1&pageNumber=1",
  isInSdk: false,
  permissions: { word: "scopes", list: "webhook:read", write: ["webhook:write"] },
  granularity: "endpoint",
  maxEventTypes: 15,
  isMovable: true,
  isMadeInSteps: false,
  isUnique: true,
  eventTypeOfTwoGroups: { becomes: "delivered" },
  options: retryPolicyOptions,
  start: webhookStart,
  markedIn: "description",
  maxDescriptionLength: null,
  topics: null,
};
