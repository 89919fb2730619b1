// A plan on disk, with fingerprints of what it was made from.
import { Type } from "typebox";
import { organization } from "./organization.ts";
import { planInFile } from "./plan.ts";
import { byKey, named, namedOrNull, nullable } from "./shapes.ts";

/** The flags of a pass that decide what its plan contains. */
const overrides = Type.Object(
  {
    prune: Type.Boolean({ description: "Resources whose group has no manifest are deleted." }),
    pruneRemoved: Type.Optional(
      Type.Boolean({
        description:
          "Those of them are deleted whose manifest was removed by a commit since they were last written; absent for false.",
      }),
    ),
    adopt: Type.Boolean({ description: "Resources of declared groups that have no owner are taken over." }),
    adoptFrom: Type.Optional(
      Type.String({
        description: "Resources of declared groups that this owner has are taken over; absent for none.",
        pattern: "^[A-Za-z0-9._-]{1,63}$",
      }),
    ),
    allowDeletes: Type.Boolean({ description: "More than maxDeletePercent may be pruned." }),
    createOnly: Type.Boolean({ description: "Only creates are planned; a later pass does the rest." }),
    allowEmpty: Type.Boolean({ description: "A folder without manifests is accepted." }),
    groups: nullable(Type.Array(Type.String(), { description: "Only these groups; null for all." })),
    selector: nullable(
      byKey(Type.String({ description: "The label's value." }), {
        description: "Only manifests with these labels; null for any.",
      }),
    ),
  },
  { description: "The flags that it was made with; apply takes none of them." },
);

export const keyHashes = byKey(Type.String({ description: "The hash.", pattern: "^[0-9a-f]{64}$" }), {
  $id: "keyHashes",
  description: "SHA-256, as 64 hexadecimal digits, of the canonical JSON (RFC 8785) of each key's value.",
});

export const manifestFingerprint = Type.Object(
  {
    group: Type.String({ description: "The consumer group." }),
    keys: namedOrNull(keyHashes, "By the manifest's keys; null for a group without a manifest."),
  },
  { description: "A group's manifest." },
);

export const webhookFingerprint = Type.Object(
  {
    webhookId: Type.String({ description: "Its id." }),
    name: Type.String({ description: "Its name." }),
    group: nullable(Type.String({ description: "The group that its description names." })),
    keys: named(keyHashes, "By the document's keys."),
  },
  { description: "A live resource." },
);

/** Fingerprints of only what the plan relies on: other resources and other manifests may change. */
export const fingerprints = Type.Object(
  {
    manifests: Type.Array(manifestFingerprint, {
      description: "One entry for each group that the plan writes or skips, by group.",
    }),
    /** Includes resources of any owner, and those that have a name and endpoint that the plan creates. */
    webhooks: Type.Array(webhookFingerprint, {
      description:
        "One entry for each live resource of those groups, by id; one that is not listed did not exist.",
    }),
  },
  { description: "Fingerprints of what the plan relies on: if one differs, the plan is out of date." },
);

export const savedPlan = Type.Object(
  {
    formatVersion: Type.Literal(1, { description: "The version of this format." }),
    kind: Type.Literal("ReconcilePlan", { description: "The kind of this file." }),
    madeBy: Type.String({ description: "The version of reconcile that made it." }),
    environment: Type.String({
      description: "The region's domain, sandbox, or the host of an overridden address.",
    }),
    owner: Type.String({
      description: "The owner of the resources.",
      pattern: "^[A-Za-z0-9._-]{1,63}$",
    }),
    organization: Type.Optional(
      nullable(
        Type.Object(organization.properties, {
          description:
            "The Genesys Cloud organisation whose resources it was made from; null if the platform did not tell it, absent in plans of older versions.",
        }),
      ),
    ),
    /** The trail shows by this id which plan was applied. */
    runId: Type.String({
      description: "The id of the pass that made it, and of the run that applies it.",
      pattern: "^[A-Za-z0-9-]{4,64}$",
    }),
    overrides,
    fingerprints,
    plan: planInFile,
  },
  {
    $id: "urn:reconcile-genesys:plan:v1",
    title: "ReconcilePlan",
    description:
      "What `reconcile plan --out` saves and `reconcile apply` reads. It holds endpoints whole, and no secret of reconcile's own.",
  },
);
