// Which topics an endpoint can have depends on its scheme: the catalogue names the transports of each topic.
import { describe, expect, it } from "vitest";
import { parseCatalog } from "../../src/manifest/catalog.ts";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { anything, manifestText } from "./manifest-text.ts";

const endpoints = {
  webhook: "https://a.example.com/hook",
  eventbridge: "eventbridge://123456789012/us-east-1/genesys",
  workflow: "workflow:7a4e0d4c-2f0b-4c3a-9a4e-0d4c2f0b4c3a",
};

type Scheme = keyof typeof endpoints;

/** Returns what `validate` says of a group with these event types; `text` is the catalogue, null for none. */
function judge(scheme: Scheme, eventTypes: readonly string[], text: string | null): readonly string[] {
  const catalog = text === null ? null : parseCatalog(text, "event-types.txt");
  if (catalog && !catalog.ok) throw new Error("the catalogue of this test is not valid");
  const manifest = manifestText({
    endpointUrl: `  endpointUrl: ${endpoints[scheme]}`,
    eventTypes: `  eventTypes:\n${eventTypes.map((type) => `    - "${type}"`).join("\n")}`,
  });
  return makeSubscriptions([{ file: "a.yaml", text: manifest }], {
    ...anything,
    catalog: catalog?.value ?? null,
  }).diagnostics.map(
    ({ severity, code, message, line, column, hint }) =>
      `${severity} ${line ?? 0}:${column ?? 0} ${code}: ${message}; ${hint ?? ""}`,
  );
}

const pulled = [
  "v2.users.{id}.presence  # All",
  "v2.users.{id}.geolocation  # Websocket",
  "v2.users.{id}.activity  # Websocket, EventBridge",
  "v2.users.{id}.station  # ProcessAutomation, Kafka",
  "v2.users.{id}.alerts",
].join("\n");

describe("a catalogue with transports", () => {
  it.each<[Scheme, string]>([
    ["webhook", "presence geolocation activity station alerts"],
    ["eventbridge", "presence activity alerts"],
    ["workflow", "presence station alerts"],
  ])(
    "lets a group with the endpoint %s have those with its transport, All, or none stated",
    (scheme, names) => {
      const types = names.split(" ").map((name) => `v2.users.{id}.${name}`);
      expect(judge(scheme, types, pulled)).toEqual([]);
    },
  );

  it("refuses a topic with other transports, at its place, and names what is near", () => {
    expect(judge("eventbridge", ["v2.users.{id}.presence", "v2.users.{id}.station"], pulled)).toEqual([
      'error 9:7 eventTypes/otherTransport: EventBridge integrations cannot have the event type "v2.users.{id}.station": the catalogue lists it for ProcessAutomation and Kafka, not for EventBridge; did you mean "v2.users.{id}.activity"?',
    ]);
    expect(judge("workflow", ["v2.users.{id}.geolocation"], `${pulled}\nv2.flows.{id}  # All\n`)).toEqual([
      'error 8:7 eventTypes/otherTransport: triggers cannot have the event type "v2.users.{id}.geolocation": the catalogue lists it for Websocket, not for ProcessAutomation; did you mean "v2.users.{id}.station"?',
    ]);
  });

  it("says what to do about such a topic without a near one", () => {
    expect(judge("workflow", ["v2.flows.{id}"], "v2.flows.{id}  # EventBridge")).toEqual([
      'error 8:7 eventTypes/otherTransport: triggers cannot have the event type "v2.flows.{id}": the catalogue lists it for EventBridge, not for ProcessAutomation; remove it, or use other endpoints for it; `reconcile catalog pull` brings the catalogue up to date',
    ]);
  });

  it("suggests for an unknown event type only topics that the group can have", () => {
    expect(judge("workflow", ["v2.users.{id}.geolocations"], pulled)[0]).not.toContain('geolocation"?');
    expect(judge("webhook", ["v2.users.{id}.geolocations"], pulled)[0]).toContain(
      'did you mean "v2.users.{id}.geolocation"?',
    );
  });

  it("knows the same topic by the transports of its own line", () => {
    const text = "v2.users.{userId}.presence # Websocket\nv2.users.{id}.presence # All";
    expect(judge("workflow", ["v2.users.{id}.presence"], text)).toEqual([]);
  });
});

describe("a catalogue without transports", () => {
  it.each(["webhook", "eventbridge", "workflow"] as const)(
    "lets a group with the endpoint %s have each topic, whatever the comments say",
    (scheme) => {
      const text =
        "v2.users.{id}.presence  # ours\nv2.users.{id}.alerts # EventBridge team, Bob\nv2.flows.{id}";
      const types = ["v2.users.{id}.presence", "v2.users.{id}.alerts", "v2.flows.{id}"];
      expect(judge(scheme, types, text)).toEqual([]);
    },
  );
});

describe("an identifier in the place of {id}", () => {
  const concrete = "v2.users.4f1c0d4c-2f0b-4c3a-9a4e-0d4c2f0b4c3a.presence";

  it.each([null, pulled])("is an error for a trigger", (catalog) => {
    expect(judge("workflow", [concrete], catalog)).toEqual([
      `error 8:7 eventTypes/identifier: triggers cannot have the event type "${concrete}", because Genesys Cloud takes their topics only with {id} in the place of an identifier; write "v2.users.{id}.presence", and choose the events with spec.trigger.matchCriteria`,
    ]);
  });

  it.each([null, pulled])("is a warning for an EventBridge integration", (catalog) => {
    expect(judge("eventbridge", [concrete], catalog)).toEqual([
      `warning 8:7 eventTypes/identifier: the event type "${concrete}" has an identifier in the place of {id}, and it is not known whether EventBridge integrations then get its events; write "v2.users.{id}.presence"`,
    ]);
  });

  it.each([null, pulled])("is as good as {id} for a webhook", (catalog) => {
    expect(judge("webhook", [concrete], catalog)).toEqual([]);
  });

  it("is none if the catalogue lists the topic so", () => {
    const text = "v2.users.{id}.presence\nv2.users.p2p.presence\n";
    expect(judge("workflow", ["v2.users.p2p.presence"], text)).toEqual([]);
  });
});

describe("audit topics", () => {
  const audit = "v2.audits.entitytype.{id}.entityid.{id}";

  it.each([null, audit])("are no topics of triggers, with and without a catalogue", (catalog) => {
    expect(judge("workflow", [audit], catalog)).toEqual([
      `error 8:7 eventTypes/otherTransport: triggers cannot have the event type "${audit}", because Genesys Cloud has no triggers for audit topics; remove it, or use other endpoints for it`,
    ]);
    expect(judge("eventbridge", [audit], catalog)).toEqual([]);
  });

  it("are what a catalogue with transports says of them", () => {
    expect(judge("workflow", [audit], `${audit}  # ProcessAutomation`)).toEqual([]);
  });
});
