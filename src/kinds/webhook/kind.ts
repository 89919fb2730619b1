// Webhooks: endpoints with https:, delivered to by the platform itself.
import { parseDurationMs } from "../../lib/duration.ts";
import type { Kind } from "../../model/kind.ts";
import type { RetryPolicy } from "../../model/subscription.ts";

export const webhook: Kind = {
  name: "webhook",
  scheme: "https:",
  noun: "webhook",
  nouns: "webhooks",
  servedNoun: "webhook",
  fullNouns: "webhooks",
  endpointForm: "https://…",
  path: "/api/v2/webhooks",
  probePath: "/api/v2/webhooks?pageSize=1&pageNumber=1",
  isInSdk: false,
  permissions: { word: "scopes", list: "webhook:read", write: ["webhook:write"] },
  granularity: "endpoint",
  maxEventTypes: 15,
  isMovable: true,
  isMadeInSteps: false,
  isUnique: true,
  another: "delivered",
  needsAssociation: false,
  options: {
    key: "retryPolicy",
    unset: { retryCount: 0, retryInterval: "PT0S", retryOnTimeout: false },
    spellAs: (options, other) => spellRetryAs(options as RetryPolicy | null, other as RetryPolicy | null),
  },
  markedIn: "description",
  maxDescriptionLength: null,
  hasPublishedTopics: false,
};

/** `PT60S` is `PT1M`. */
function spellRetryAs(policy: RetryPolicy | null, other: RetryPolicy | null): RetryPolicy | null {
  if (!policy || !other || policy.retryInterval === other.retryInterval) return policy;
  const intervalMs = parseDurationMs(policy.retryInterval);
  const isSame = intervalMs !== undefined && intervalMs === parseDurationMs(other.retryInterval);
  return isSame ? { ...policy, retryInterval: other.retryInterval } : policy;
}
