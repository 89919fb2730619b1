// An organisation that has relays, for whole commands: what is live of them, and what each command sends.
import { builtInDrivers } from "../../src/kinds/drivers.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import type { HttpResponse } from "../../src/model/http.ts";
import { genesysTopics } from "../../src/model/genesys-topics.ts";
import { makeKinds, type Kind } from "../../src/model/kind.ts";
import type { ReportedResult } from "../../src/model/result.ts";
import { builtInResources } from "../../src/sandbox/resources.ts";
import {
  makeWorld,
  manifest,
  runWorld,
  type Intercept,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";
import { makePlainDriver } from "./plain-driver.ts";
import { relayResource, relaysIn } from "./relay-sandbox.ts";
import { relay } from "./relay.ts";

const kinds = makeKinds([...builtInKinds.all, relay] as [Kind, ...Kind[]]);
const drivers = new Map([...builtInDrivers, [relay, makePlainDriver(relay)] as const]);

/** `e.a` to `e.x` in place of published topics, in the same order. */
const letters = ["e.a", "e.b", "e.c", "e.d", "e.e", "e.f", "e.x"];
const topicOf = new Map(letters.map((letter, index) => [letter, genesysTopics[index] ?? ""]));
const letterOf = new Map([...topicOf].map(([letter, topic]) => [topic, letter]));

function lettersOf(eventTypes: readonly string[]): string[] {
  return eventTypes.map((eventType) => letterOf.get(eventType) ?? eventType);
}

export function configOf({ hasRelays }: { readonly hasRelays: boolean }): string {
  const share = hasRelays ? "rateShare: 0.5\n" : "";
  return `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nenvironment: mypurecloud.com\nowner: team\n${share}`;
}

/** One of alpha's relays as `alpha-12345678: e.a e.b`. */
export function makeOrganisation() {
  let world: TestWorld = makeWorld({
    argv: "",
    files: { "/reconcile.yaml": configOf({ hasRelays: true }) },
  });
  const { state, files } = world;
  const organisation = {
    state,
    files,
    relays: relaysIn(state),
    topic: (letter: string) => topicOf.get(letter) ?? letter,
    parts: () =>
      [...relaysIn(state).values()].map(
        ({ name, eventTypes }) => `${name}: ${lettersOf(eventTypes).join(" ")}`,
      ),
    webhooks: () => [...state.webhooks.values()].map(({ eventTypes }) => lettersOf(eventTypes).join(" ")),
    /** What each integration filters for, after its notes. */
    feeds: () =>
      [...state.integrations.values()].map(
        ({ config: { notes, properties } }) =>
          `${notes}: ${lettersOf(properties.eventFilter ?? []).join(" ")}`,
      ),
    declare: (group: string, eventTypes: readonly string[]) => {
      const topics = eventTypes.map((letter) => topicOf.get(letter) ?? letter);
      files.set(`/subscriptions/${group}.yaml`, manifest(group, { eventTypes: topics }));
    },
    run: async (argv: string, more: Partial<WorldOptions> = {}) => {
      const platform = { kinds, resources: [...builtInResources, relayResource] };
      const openDrivers = () => Promise.resolve(drivers);
      const run = await runWorld({ argv, from: world, ...platform, openDrivers, ...more });
      ({ world } = run);
      return run;
    },
    /** Syncs alpha with these event types. */
    sync: (eventTypes: readonly string[], more: Partial<WorldOptions> = {}) => {
      organisation.declare("alpha", eventTypes);
      return organisation.run("sync", more);
    },
  };
  return organisation;
}

type Organisation = ReturnType<typeof makeOrganisation>;

/** Before and after each request: the event types that relays have, and the feed does not. */
export function watchGaps(organisation: Organisation, goOn: Intercept = (_request, forward) => forward()) {
  const gaps: string[] = [];
  const look = (): void => {
    const { integrations } = organisation.state;
    const fed = [...integrations.values()].flatMap(({ config }) => config.properties.eventFilter ?? []);
    const wanted = [...organisation.relays.values()].flatMap(({ eventTypes }) => eventTypes);
    gaps.push(...wanted.filter((eventType) => !fed.includes(eventType)));
  };
  const intercept: Intercept = async (request, forward): Promise<HttpResponse> => {
    look();
    const response = await goOn(request, forward);
    look();
    return response;
  };
  return { gaps, intercept };
}

export function parse(out: string): ReportedResult {
  return JSON.parse(out) as ReportedResult;
}

/** A group of triggers, which need nothing that is shared. */
export function flowManifest(...topics: readonly string[]): string {
  return [
    "apiVersion: reconcile.genesys/v1",
    "kind: WebhookSubscription",
    "metadata: { name: flow }",
    "spec:",
    "  endpointUrl: workflow:11111111-2222-4333-8444-555555555555",
    `  eventTypes: [${topics.map((topic) => JSON.stringify(topic)).join(", ")}]`,
    "  offsetTracking: { stateFile: /var/data/flow.json }",
    "",
  ].join("\n");
}
