// The document of a resource of any kind, with the names that a webhook's fields have.
import { Type } from "typebox";
import { nullable, texts } from "./shapes.ts";

const retryPolicy = Type.Object(
  {
    /** 0 to 10. */
    retryCount: Type.Number({ description: "How often a delivery is repeated." }),
    retryInterval: Type.String({ description: "ISO 8601 duration between two attempts." }),
    retryOnTimeout: Type.Boolean({ description: "Whether a timeout is repeated, too." }),
  },
  {
    description:
      "What the platform does when a delivery fails; null for a resource without a retry policy.",
  },
);

/** A condition keeps every field that the platform reports. */
const matchCriterion = Type.Unsafe<{
  jsonPath: string;
  operator: string;
  value?: unknown;
  values?: unknown[];
}>({ type: "object", description: "One condition." });

const triggerOptions = Type.Object(
  {
    matchCriteria: Type.Array(matchCriterion, { description: "What an event must be like." }),
    /** At least 10; null for events of any age. */
    eventTTLSeconds: nullable(
      Type.Number({ description: "Events older than this are dropped; null for events of any age." }),
    ),
    /** 60 to 900, and only without a TTL; null for at once. */
    delayBySeconds: nullable(
      Type.Number({ description: "How long the workflow waits; null for no wait." }),
    ),
    /** Json or TopLevelPrimitives, or whatever else the platform answers. */
    dataFormat: Type.Optional(
      Type.String({
        description: "The form in which the workflow gets an event; absent if none is stated.",
      }),
    ),
  },
  { description: "The options of a trigger: which events start the workflow, and when." },
);

/**
 * The options that only documents of some kinds have, by key. The keys are public names, in manifests, too; each belongs to the
 * kind whose options have it.
 */
export const options = { retryPolicy: nullable(retryPolicy), trigger: Type.Optional(triggerOptions) };

export const document = Type.Object(
  {
    name: Type.String({ description: "Its name." }),
    endpoint: Type.String({ description: "The endpoint to which it delivers." }),
    /** A set. */
    eventTypes: texts("The event types that it delivers, sorted."),
    retryPolicy: options.retryPolicy,
    state: Type.Enum(["enabled", "disabled"], { description: "Whether it delivers." }),
    description: Type.String({ description: "Ends with the owner's marker." }),
    trigger: options.trigger,
    kind: Type.Optional(
      Type.String({ description: "Its kind; absent if the scheme of its endpoint shows it." }),
    ),
    unmodelled: Type.Optional(
      texts(
        "The names of fields with a value that reconcile does not know; only in the document of a resource that is deleted.",
      ),
    ),
  },
  {
    $id: "webhook",
    description:
      "A webhook, an EventBridge integration or a trigger, by the names that a webhook's fields have.",
  },
);
