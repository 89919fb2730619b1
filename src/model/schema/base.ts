// What a pull request changes, told apart from what was to be done without it.
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
  { $id: "baseCounts", description: "As the summary counts." },
);

const obsolete = Type.Object(
  {
    action: Type.Enum(action.enum, { description: "What was to be done." }),
    group: nullable(
      Type.String({ description: "Its consumer group; null of a resource that several groups share." }),
    ),
    endpoint: Type.String({ description: "Where the webhook was to deliver." }),
    webhookId: nullable(Type.String({ description: "The webhook's id; null of a create." })),
    name: Type.String({ description: "The webhook's name." }),
    reason: Type.String({ description: "Why it was to be done." }),
  },
  { $id: "obsolete", description: "An operation that this change makes needless." },
);

export const base = Type.Object(
  {
    ref: Type.String({ description: "The revision as it was given." }),
    commit: nullable(
      Type.String({
        description: "Its commit; null where it names nothing, as of a push with nothing before it.",
      }),
    ),
    manifests: Type.Enum(["read", "absent", "invalid"], {
      description:
        "absent: there are none in the base, so that everything is of this change. invalid: they or the config are of no use there, and nothing is told apart.",
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
