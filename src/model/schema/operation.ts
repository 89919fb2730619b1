// One API write: as a pass plans it, as a plan file keeps it, and as a result reports it.
import { Type } from "typebox";
import { namedOrNull, nullable, platformCode } from "./shapes.ts";
import { document } from "./document.ts";

export const action = Type.Enum(["create", "update", "delete", "adopt"], {
  description: "The API write; adopt is an update that takes ownership.",
});

export const operationStatus = Type.Enum(
  ["planned", "applied", "failed", "skipped", "recovered", "unknown"],
  { description: "The operation's status." },
);

/** Present only in a dry run with a base. */
export const origin = Type.Enum(["change", "pending", "both"], {
  description:
    "The operation's origin, if the plan was compared with a base. change: only this change makes it. pending: it was planned without this change, too. both: without this change, another operation was planned for the same resource. Null without a base.",
});

export const patchStep = Type.Object(
  {
    op: Type.Enum(["add", "remove", "replace", "move", "copy", "test"], {
      description: "What the step does.",
    }),
    path: Type.String({ description: "JSON pointer into the document." }),
    from: Type.Optional(Type.String({ description: "For move and copy, the JSON pointer of the source." })),
    value: Type.Optional(Type.Unknown({ description: "For add, replace and test, the value." })),
  },
  { $id: "patchStep", description: "One step of an RFC 6902 patch." },
);

/** The keys that plan, saved plan and result have in common. */
const common = {
  action,
  group: nullable(
    Type.String({ description: "The consumer group; null of a resource that several groups share." }),
  ),
  endpoint: Type.String({
    description:
      "The endpoint to which the resource delivers afterwards; for a delete, the one to which it delivered.",
  }),
  webhookId: nullable(Type.String({ description: "Null until a create has been answered." })),
  name: Type.String({ description: "The resource's name: <consumerGroupId>-<8 hexadecimal digits>." }),
  phase: Type.Integer({
    description: "From 1; an operation starts only when all earlier phases of its group have succeeded.",
    minimum: 1,
  }),
  /** Over normalised documents (`eventTypes` sorted). */
  patch: Type.Array(patchStep, { description: "RFC 6902, from the live document to the wanted one." }),
  reason: Type.String({ description: "Why, in words." }),
  status: operationStatus,
  error: nullable(Type.String({ description: "What went wrong, or why it was not started." })),
};

/** The keys that a result leaves out, because it shows the patch. */
const internal = {
  /**
   * True if a freeze or --create-only holds it back: it is `skipped` because the team wants that, and is no failure.
   */
  frozen: Type.Optional(Type.Literal(true, { description: "Present if a freeze holds it back." })),
  before: namedOrNull(document, "The live resource; null for a create."),
  after: namedOrNull(document, "What is sent; null of a delete."),
};

const described = { $id: "operation", description: "One API write." };

export const operation = Type.Object(
  { ...common, ...internal, platformCode: Type.Optional(platformCode), origin: Type.Optional(origin) },
  described,
);

export const savedOperation = Type.Object(
  {
    ...common,
    ...internal,
    status: Type.Enum(["planned", "skipped"], {
      description: "In a saved plan: planned, or skipped if a guard or a conflict refuses it.",
    }),
  },
  described,
);

export const reportedOperation = Type.Object(
  {
    ...common,
    platformCode: Type.Optional(platformCode),
    frozen: Type.Optional(Type.Boolean({ description: "Whether a freeze holds it back." })),
    origin: nullable(origin),
  },
  described,
);
