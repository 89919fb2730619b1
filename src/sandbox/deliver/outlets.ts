// Finds who delivers an event by what is live: webhooks themselves, and EventBridge by the rules on the bus of an integration's
// event source.
import { effectiveRules, type EffectiveRule } from "../aws/effective-rules.ts";
import { matchesPattern } from "../aws/event-pattern.ts";
import { partnerSourceName } from "../aws/partner-sources.ts";
import type { SandboxOrganisation } from "../sandbox-organisation.ts";
import type { SandboxState } from "../state.ts";
import { patienceOfTarget, patienceOfWebhook, type Patience } from "./retries.ts";
import type { EventSource, TestEvent } from "./test-event.ts";

/** What sends one event to one endpoint. */
export interface Outlet {
  readonly endpoint: string;
  readonly patience: Patience;
  /** The ARN of the queue for what is given up; null if that is lost. */
  readonly queue: string | null;
}

/** A source of events, with those who deliver what it sends. */
export interface Stream {
  readonly from: EventSource;
  readonly outletsOf: (event: TestEvent) => readonly Outlet[];
}

/** Returns the topics that something live asks for, each once. */
export function findSubscribed({ webhooks, integrations }: SandboxState): readonly string[] {
  const ofWebhooks = [...webhooks.values()].filter(({ state }) => state === "enabled");
  const ofIntegrations = [...integrations.values()].filter(isEnabled);
  const topics = [
    ...ofWebhooks.flatMap(({ eventTypes }) => eventTypes),
    ...ofIntegrations.flatMap(({ config }) => config.properties.eventFilter ?? []),
  ];
  return [...new Set(topics)].sort();
}

/** Returns the sources that send an event of this topic at that time. */
export function findStreams(
  state: SandboxState,
  topic: string,
  { nowMs, organisation }: { readonly nowMs: number; readonly organisation: SandboxOrganisation },
): readonly Stream[] {
  const webhooks = [...state.webhooks.values()].filter(
    (one) => one.state === "enabled" && one.eventTypes.includes(topic),
  );
  const ofWebhooks: Stream = {
    from: { source: `genesys.com/cloud/${organisation.id}/webhooks`, account: "", region: "" },
    outletsOf: () =>
      webhooks.map((one) => ({ endpoint: one.endpoint, patience: patienceOfWebhook(one), queue: null })),
  };
  const rules = effectiveRules(state, nowMs);
  const sources = findSources(state, topic, organisation).map((from): Stream => ({
    from,
    outletsOf: (event) => findTargets(event, from, rules),
  }));
  return webhooks.length > 0 ? [ofWebhooks, ...sources] : sources;
}

function isEnabled({ intendedState }: { readonly intendedState: string }): boolean {
  return intendedState === "ENABLED";
}

/** Two integrations of one event source send each event once. */
function findSources(
  { integrations }: SandboxState,
  topic: string,
  organisation: SandboxOrganisation,
): readonly EventSource[] {
  const found = new Map<string, EventSource>();
  for (const { config, intendedState } of integrations.values()) {
    const { awsAccountId: account, awsAccountRegion: region, ...more } = config.properties;
    const { eventSourceSuffix: suffix, eventFilter = [] } = more;
    if (!isEnabled({ intendedState }) || !eventFilter.includes(topic)) continue;
    if (account === undefined || region === undefined || suffix === undefined) continue;
    const source = partnerSourceName(organisation, suffix);
    found.set(JSON.stringify([account, region, source]), { source, account, region });
  }
  return [...found.values()];
}

function findTargets(
  event: TestEvent,
  { source, account, region }: EventSource,
  rules: readonly EffectiveRule[],
): readonly Outlet[] {
  return rules
    .filter((rule) => rule.bus === source && rule.account === account && rule.region === region)
    .filter(({ pattern }) => matchesPattern(pattern, event))
    .flatMap(({ targets }) => targets)
    .flatMap((target): Outlet[] =>
      target.endpoint === null
        ? []
        : [{ endpoint: target.endpoint, patience: patienceOfTarget(target), queue: target.deadLetterArn }],
    );
}
