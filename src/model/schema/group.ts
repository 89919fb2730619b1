// One consumer group, as a plan holds it and as a result reports it.
import { Type } from "typebox";
import { place } from "./diagnostic.ts";
import { byKey, count, named, namedOrNull, nullable, texts } from "./shapes.ts";

export const move = Type.Object(
  {
    eventType: Type.String({ description: "The event type." }),
    from: Type.String({ description: "The endpoint that had it." }),
    to: Type.String({ description: "The endpoint that gets it." }),
    reason: Type.String({ description: "Why it cannot stay, in words." }),
  },
  { $id: "move", description: "An event type whose endpoint changes." },
);

const trigger = Type.Object(
  {
    eventType: Type.String({ description: "The event type." }),
    webhookId: nullable(
      Type.String({ description: "The trigger's id; null for one that will be created." }),
    ),
  },
  { description: "An event type and its trigger." },
);

const part = Type.Object(
  {
    webhookId: nullable(Type.String({ description: "Its id; null for one that will be created." })),
    eventTypes: texts("The event types that it gets."),
  },
  { description: "One of several resources that deliver to an endpoint." },
);

export const endpointPlan = Type.Object(
  {
    url: Type.String({ description: "Where events are delivered." }),
    eventTypes: texts("In manifest order."),
    estimatedThroughput: count("Events a second: round(rate × event types × 0.8)."),
    webhookId: nullable(
      Type.String({
        description:
          "The id of the resource that delivers, or will deliver, to this endpoint; null for one that will be created, for triggers and for parts.",
      }),
    ),
    triggers: Type.Optional(
      Type.Array(trigger, {
        description: "The trigger of each event type; only for triggers.",
      }),
    ),
    kind: Type.Optional(
      Type.String({
        description:
          "The kind of the resource that delivers there; absent if the scheme of the URL shows it.",
      }),
    ),
    parts: Type.Optional(
      Type.Array(part, {
        description: "The event types of each resource; only for kinds with several resources an endpoint.",
      }),
    ),
  },
  { $id: "endpoint", description: "An endpoint with a resource." },
);

export const explainedEndpoint = Type.Object(
  {
    url: Type.String({ description: "The endpoint." }),
    weight: Type.Integer({ description: "Its weight in the pool.", minimum: 1 }),
    share: Type.String({ description: "The exact fair share, as 4 or 20/3 (6.67)." }),
    quota: count("How many event types it gets: the share rounded down or up."),
    holds: count("How many of the event types are live here now."),
    stay: texts("Event types that stay."),
    arrive: texts("Event types that come from another endpoint."),
    added: texts("Event types that were not live anywhere."),
    leave: texts("Event types that go to another endpoint."),
  },
  { $id: "explainedEndpoint", description: "One endpoint's share." },
);

const leftEndpoint = Type.Object(
  { url: Type.String({ description: "The endpoint." }), eventTypes: texts("The event types that it had.") },
  { description: "An endpoint that is not in use any more." },
);

export const explanation = Type.Object(
  {
    endpoints: Type.Array(explainedEndpoint, {
      description: "All endpoints in pool order, including those without a resource.",
    }),
    left: Type.Array(leftEndpoint, { description: "Endpoints that are not in use any more." }),
    live: count("How many of the event types are live now."),
    leastMoves: count("No balanced assignment moves fewer event types."),
  },
  { $id: "explanation", description: "Why a group's event types go where they go." },
);

/** The keys that a plan's group and a result's group have in common. */
const common = {
  group: Type.String({ description: "Its id." }),
  endpoints: Type.Array(endpointPlan, {
    description: "The endpoints that will have a resource, in pool order.",
  }),
  moves: Type.Array(move, { description: "Sorted by event type." }),
  /** A reason is, for example, a webhook without an owner's marker. */
  skipped: nullable(
    Type.String({
      description: "Why none of its operations is applied; null if nothing stands in the way.",
    }),
  ),
  /** The operations of a frozen group are shown, but held back. */
  frozen: nullable(Type.String({ description: "Why the group is frozen; null if it is not." })),
  capacity: Type.Integer({ description: "How many event types one endpoint takes.", minimum: 1 }),
  rateAssumed: Type.Optional(
    Type.Literal(true, {
      description:
        "True where the estimates rest on no given rate, but on the default of 100 events a second for each event type; absent where the manifest states its historicalRate.",
    }),
  ),
};

const described = { $id: "group", description: "A consumer group." };

export const groupPlan = Type.Object(
  {
    ...common,
    place: Type.Object(place.properties, { description: "Where its manifest starts." }),
    state: Type.Enum(["enabled", "disabled"], { description: "The state of all the group's resources." }),
    unchanged: count("Webhooks that stay as they are."),
    explanation: namedOrNull(explanation, "Null where --explain was not given."),
    labels: Type.Optional(
      byKey(Type.String(), {
        description: "Its manifest's labels; only with --explain, and if it has any.",
      }),
    ),
  },
  described,
);

export const reportedGroup = Type.Object(
  { ...common, explanation: Type.Optional(named(explanation, "With --explain.")) },
  described,
);
