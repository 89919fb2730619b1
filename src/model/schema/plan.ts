// The plan of a pass.
import { Type, type TSchema } from "typebox";
import { diagnostic } from "./diagnostic.ts";
import { groupPlan } from "./group.ts";
import { operation, patchStep, savedOperation } from "./operation.ts";
import { count, nullable } from "./shapes.ts";

export const drift = Type.Object(
  {
    webhookId: Type.String({ description: "The webhook's id." }),
    group: nullable(
      Type.String({ description: "Its consumer group; null of a resource that several groups share." }),
    ),
    endpoint: Type.String({ description: "Where it delivers." }),
    patch: Type.Array(patchStep, { description: "From what was recorded to what is live." }),
  },
  {
    $id: "drift",
    description: "A managed resource that differs from what the trail last recorded for it.",
  },
);

const orphanKeys = {
  webhookId: Type.String({ description: "The webhook's id." }),
  group: Type.String({ description: "Its consumer group." }),
  endpoint: Type.String({ description: "Where it delivers." }),
};

/** Present only in a dry run with a base. */
const orphanOrigin = Type.Enum(["change", "pending"], {
  description: "change if the group had a manifest in the base, else pending. Null without a base.",
});

const orphanWords = {
  $id: "orphan",
  description: "A resource of this owner whose group has no manifest.",
};

export const orphan = Type.Object({ ...orphanKeys, origin: Type.Optional(orphanOrigin) }, orphanWords);
export const savedOrphan = Type.Object(orphanKeys, orphanWords);
export const reportedOrphan = Type.Object({ ...orphanKeys, origin: nullable(orphanOrigin) }, orphanWords);

/** The keys that a plan and a result have in common; each has its own type of operation, group and orphan. */
export function findings<O extends TSchema, G extends TSchema, N extends TSchema>(of: {
  readonly operation: O;
  readonly group: G;
  readonly orphan: N;
}) {
  return {
    operations: Type.Array(of.operation, { description: "In the order in which they may start." }),
    groups: Type.Array(of.group, { description: "One entry for each desired group, by name." }),
    drift: Type.Array(drift, {
      description:
        "Managed webhooks that differ from what the trail last recorded for them; empty without a trail.",
    }),
    orphans: Type.Array(of.orphan, {
      description: "This owner's resources whose group has no manifest.",
    }),
    leastWaitMs: Type.Optional(
      count(
        "How long the plan waits at least, in milliseconds, until AWS delivers what endpoints gain, before anything is taken away elsewhere. Absent or 0 if it waits for nothing.",
      ),
    ),
    unmanaged: count("Live webhooks of no group, of another owner, or of a group that is not declared."),
    diagnostics: Type.Array(diagnostic, { description: "What is wrong, where, and the way out." }),
  };
}

function planOf<O extends TSchema, N extends TSchema>(of: { readonly operation: O; readonly orphan: N }) {
  return Type.Object(
    {
      ...findings({ ...of, group: groupPlan }),
      prunes: Type.Array(of.operation, {
        description:
          "Deletes of groups without a manifest: started only after every other operation has succeeded.",
      }),
      shared: Type.Optional(
        Type.Array(
          Type.Object(
            {
              by: Type.String({ description: "The kind whose resources get their events through it." }),
              gains: Type.Array(of.operation, {
                description: "Writes that add event types; carried out before all groups.",
              }),
              losses: Type.Array(of.operation, {
                description:
                  "Writes that remove event types; carried out after all groups and after the prunes.",
              }),
            },
            { description: "The writes of one such resource." },
          ),
          { description: "Writes of resources that several groups share; absent if there are none." },
        ),
      ),
    },
    { description: "The plan." },
  );
}

export const plan = planOf({ operation, orphan });
export const planInFile = planOf({ operation: savedOperation, orphan: savedOrphan });
