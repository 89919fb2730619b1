// Generated organisations as people and scripts leave them, and what is true of them.
import fc from "fast-check";
import { resourceName, webhookName } from "../../src/model/ownership.ts";
import { genesysTopics } from "../../src/model/genesys-topics.ts";
import type { TestKind } from "../support/kinds.ts";
import type { MadeByHand } from "../support/stored.ts";
import { makeWebhook, type SandboxState, type StoredWebhook } from "../../src/sandbox/state.ts";

/** Groups, some of whose names make the same file name, and one that no manifest can name. */
const groups = ["orders", "Orders", "ORDERS", "con", "a.b", "a-b", "-odd group"];
const eventTypes = Array.from({ length: 34 }, (_, index) => `t.${String(index).padStart(2, "0")}`);

interface Made {
  readonly group: string | null;
  readonly owner: string | null;
  readonly endpoint: number;
  readonly otherSpelling: boolean;
  readonly eventTypes: readonly string[];
  readonly state: "enabled" | "disabled";
  readonly policy: number;
  readonly stateFile: string | null;
}

const made: fc.Arbitrary<Made> = fc.record({
  group: fc.constantFrom(...groups, ...groups, null),
  owner: fc.constantFrom(null, null, null, null, null, null, "default", "finance"),
  endpoint: fc.nat({ max: 11 }),
  otherSpelling: fc.nat({ max: 9 }).map((number) => number === 0),
  eventTypes: fc.shuffledSubarray(eventTypes, { minLength: 1, maxLength: 15 }),
  state: fc.constantFrom("enabled", "enabled", "enabled", "enabled", "disabled"),
  policy: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
  stateFile: fc.constantFrom(null, "/var/data/a.json", "/var/data/b.json", "/with ü and: #odd"),
});

const policies = [
  { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
  { retryCount: 3, retryInterval: "PT60S", retryOnTimeout: true },
  { retryCount: 5, retryInterval: "PT30S", retryOnTimeout: false },
  null,
];

/** Anything that the platform would take. */
export const organisations = fc
  .array(made, { maxLength: 40, size: "max" })
  .map((all) => all.map(toWebhook));

/** Groups that a manifest can express: each event type at one endpoint, one state, one policy; and script-made copies. */
const tidyGroups: fc.Arbitrary<readonly Made[]> = fc
  .array(
    fc.record({
      group: fc.constantFrom(...groups.slice(0, -1)),
      loads: fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 10 }),
      state: fc.constantFrom("enabled", "disabled" as const),
      policy: fc.nat({ max: 2 }),
      owner: fc.constantFrom(null, null, "default"),
      copies: fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
    }),
    { maxLength: 6 },
  )
  .map((all) => {
    const distinct = all.filter(
      ({ group }, index) => all.findIndex((other) => other.group === group) === index,
    );
    return distinct.flatMap(({ group, loads, state, policy, owner, copies }) => {
      let next = 0;
      const own = loads.map((load, endpoint): Made => {
        const types = Array.from({ length: load }, () => `t.${String((next += 1)).padStart(3, "0")}`);
        const otherSpelling = false;
        return {
          group,
          owner,
          endpoint,
          otherSpelling,
          eventTypes: types,
          state,
          policy,
          stateFile: owner === null ? null : `/var/data/${group}.json`,
        };
      });
      // The script ran again, and again: the same endpoint, and one event type moved to the copy, or all on both.
      const again = [...new Set(copies)].flatMap((at) => {
        const copied = own[at];
        if (!copied) return [];
        const [first, ...rest] = copied.eventTypes;
        own[at] =
          owner === null && at % 2 === 0 && rest.length > 0 ? { ...copied, eventTypes: rest } : copied;
        return [{ ...copied, owner: null, eventTypes: [first ?? "", ...rest.slice(0, 1)] }];
      });
      return [...own, ...again];
    });
  });

export const tidyOrganisations = tidyGroups.map((all) => all.map(toWebhook));

/** Of another kind: all enabled, and one resource an endpoint and group where the platform takes no second one. */
export function tidyOrganisationsOf(kind: TestKind): fc.Arbitrary<readonly MadeByHand[]> {
  return tidyGroups.map((all) => {
    const urlOf = ({ group, endpoint }: Made): string =>
      kind.url(groups.indexOf(group ?? "") * 12 + endpoint);
    const first = all.filter((given, at) => all.findIndex((other) => urlOf(other) === urlOf(given)) === at);
    const made = kind.granularity === "endpoint" ? first : all;
    const isWhole = kind.granularity === "endpoint";
    return made
      .flatMap((given) => {
        const parts = isWhole ? [given.eventTypes] : given.eventTypes.map((eventType) => [eventType]);
        return parts.map((eventTypes) => ({ given, eventTypes: eventTypes.map(topicOf) }));
      })
      .map(({ given, eventTypes }, index) => {
        const [endpoint, group] = [urlOf(given), given.group ?? ""];
        const name = isOurs(given)
          ? resourceName(kind, group, { endpoint, eventTypes })
          : `made-by-hand-${index}`;
        const id = `made-${String(index).padStart(3, "0")}`;
        return { id, name, endpoint, eventTypes, description: describe(given) };
      });
  });
}

function toWebhook(given: Made, index: number): StoredWebhook {
  const host = given.otherSpelling ? "Hooks.Example.com:443" : "hooks.example.com";
  const policy = policies[given.policy];
  const endpoint = `https://${host}/p${given.endpoint}`;
  return makeWebhook(`hook-${String(index).padStart(2, "0")}`, {
    name: isOurs(given) ? webhookName(given.group ?? "", endpoint) : `prefix-${index}-x7f3k2`,
    endpoint,
    eventTypes: given.eventTypes,
    ...(policy ? { retryPolicy: policy } : {}),
    state: given.state,
    description: describe(given),
  });
}

/** Published topics that each kind can have. */
function topicOf(eventType: string): string {
  return genesysTopics[20 + Number(eventType.slice(2))] ?? "";
}

function isOurs({ group, owner, stateFile }: Made): boolean {
  return owner === "default" && group !== null && stateFile === `/var/data/${group}.json`;
}

function describe({ group, owner, stateFile }: Made): string {
  return [
    ...(group === null ? ["by hand"] : [`Consumer group: ${group}`]),
    ...(stateFile === null ? [] : [`Offset tracking: ${stateFile}`]),
    ...(owner === null ? [] : [`Managed by: reconcile (${owner})`]),
  ].join(" | ");
}

export function fill(state: SandboxState, webhooks: readonly StoredWebhook[]): void {
  for (const webhook of webhooks) state.webhooks.set(webhook.id, webhook);
}

/** What is delivered, as `group event-type`. */
export function delivered(state: SandboxState): ReadonlySet<string> {
  const enabled = [...state.webhooks.values()].filter((webhook) => webhook.state === "enabled");
  return new Set(
    enabled.flatMap(({ description, eventTypes: types }) => {
      const group = /Consumer group: (.*?)(?: \| |$)/.exec(description)?.[1] ?? "";
      return types.map((type) => `${group} ${type}`);
    }),
  );
}
