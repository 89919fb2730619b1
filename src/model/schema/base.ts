// Separates what a pull request changes from what was pending without it.
import { Type } from "typebox";
import { action } from "./operation.ts";
import { count, namedOrNull, nullable } from "./shapes.ts";

export const baseCounts = Type.Object(
  {
    create: count("Webhooks to be created."),
    update: count("Webhooks to be updated."),
    delete: count("Webhooks to be deleted."),
    adopt: count("Webhooks to be taken over."),
    movedEventTypes: count("Event types whose endpoint changes."),
    skipped: count("Operations that are held back."),
  },
  { $id: "baseCounts", description: "Counts of operations, in the same way as the summary." },
);

const obsolete = Type.Object(
  {
    action: Type.Enum(action.enum, { description: "What was to be done." }),
    group: nullable(
      Type.String({ description: "Its consumer group; null for a resource that several groups share." }),
    ),
    endpoint: Type.String({ description: "The endpoint of the resource." }),
    webhookId: nullable(Type.String({ description: "The resource's id; null for a create." })),
    name: Type.String({ description: "The resource's name." }),
    reason: Type.String({ description: "Why it was to be done." }),
  },
  { $id: "obsolete", description: "An operation that this change makes needless." },
);

export const base = Type.Object(
  {
    ref: Type.String({ description: "The revision as it was given." }),
    commit: nullable(
      Type.String({
        description: "Its commit; null if it names none, as in a first push.",
      }),
    ),
    manifests: Type.Enum(["read", "absent", "invalid"], {
      description:
        "absent: the base has no manifests, so every operation comes from this change. invalid: the manifests or the config of the base are invalid, so operations have no origin.",
    }),
    change: namedOrNull(
      baseCounts,
      "What this change does, operations of both included; null where nothing is told apart.",
    ),
    pending: namedOrNull(
      baseCounts,
      "What was to be done before it, and still is; null where nothing is told apart.",
    ),
    obsolete: Type.Array(obsolete, { description: "What was to be done, and is not any more." }),
  },
  {
    $id: "base",
    description: "A plan beside that of a base revision, from the same live state and the same history.",
  },
);
