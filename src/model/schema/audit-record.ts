// One line of the audit trail: the caller's part, the fields that all records of a run have in common, and the chain.
import { Type } from "typebox";
import { action, patchStep } from "./operation.ts";
import { organization } from "./organization.ts";
import { runProvenance } from "./run-provenance.ts";
import { count, namedOrNull, nullable } from "./shapes.ts";
import { document } from "./document.ts";
import {
  acceptedHead,
  archive,
  claims,
  continued,
  hash,
  olderThan,
  unsignedBefore,
} from "./trail-statements.ts";

export const auditEvent = Type.Enum(
  [
    "run.started",
    "validation.failed",
    "change.intended",
    "change.applied",
    "change.failed",
    "change.recovered",
    "drift.found",
    "run.finished",
    "trail.closed",
    "trail.continued",
    "trail.claimed",
  ],
  {
    description:
      "What is on record. change.intended is on disk before its request leaves; the other three changes are outcomes. drift.found is what someone else changed or deleted, before the run puts it back.",
  },
);

export const auditSource = Type.Object(
  {
    file: Type.String({ description: "The manifest's file." }),
    line: Type.Integer({ description: "Where the manifest starts, from 1.", minimum: 1 }),
    commit: nullable(
      Type.String({
        description:
          "Git commit of the manifests, followed by -dirty if they differ from it; null if that is not known, as outside Git.",
      }),
    ),
  },
  { description: "The manifest that the change comes from; null if there is none." },
);

/** No count includes a write that was recorded and never tried. */
export const metrics = Type.Object(
  {
    totalAttempts: Type.Integer({ description: "Writes that were tried." }),
    successfulRegistrations: count("Writes that succeeded."),
    failedRegistrations: count("Writes that failed."),
    validationFailures: count("Refusals of invalid manifests; a daemon counts the same faults once."),
    rebalanceTriggers: count("Groups split or re-split by a pass."),
    averageLatency: Type.Number({ description: "Mean time of a write, in milliseconds.", minimum: 0 }),
    successRate: Type.Number({
      description: "Percent of the attempts with an outcome; 100 before the first.",
      minimum: 0,
      maximum: 100,
    }),
  },
  { description: "Counts since the trail began." },
);

const time = "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$";

/** The part of a record that the caller supplies; the trail adds the rest. */
export const auditEntry = Type.Object({
  event: auditEvent,
  operation: nullable(
    Type.Enum(action.enum, { description: "The operation; null for a run's own events." }),
  ),
  group: nullable(Type.String({ description: "The consumer group." })),
  endpoint: nullable(
    Type.String({ description: "The endpoint to which the resource delivers, or delivered." }),
  ),
  webhookId: nullable(Type.String({ description: "The resource's id; null until a create was answered." })),
  before: namedOrNull(document, "The resource as it was; null for a create."),
  after: namedOrNull(document, "The resource as it should become; null for a delete."),
  patch: nullable(Type.Array(patchStep, { description: "RFC 6902, from before to after." })),
  success: nullable(Type.Boolean({ description: "Whether it succeeded; null while the outcome is open." })),
  latencyMs: nullable(
    Type.Number({ description: "How long the write took, in milliseconds.", minimum: 0 }),
  ),
  error: nullable(Type.String({ description: "What went wrong." })),
  source: nullable(auditSource),
  intent: nullable(
    Type.Integer({
      description:
        "In an outcome, the seq of its intent, which an earlier run may have written. Null in other records.",
      minimum: 1,
    }),
  ),
  attempted: nullable(
    Type.Boolean({
      description:
        "In an outcome, false if the write was never tried, so that it counts as no attempt and no failure; null if that is unknown, for example because the run died. Null in other records.",
    }),
  ),
  carried: Type.Optional(
    Type.Literal(true, {
      description:
        "True in an outcome that leaves its intent open, because the resource could not be read. Absent in other records.",
    }),
  ),
  platformTime: Type.Optional(
    Type.String({
      description:
        "In an intent, the platform's time by its last answer, so that another machine can tell the intent's age. Absent if it is unknown, and in other records.",
      pattern: time,
    }),
  ),
});

export const auditRun = Type.Object({
  runId: Type.String({ description: "The run's id, which all its records have." }),
  environment: Type.String({
    description: "The region's domain, sandbox, or the host of an overridden address.",
  }),
  owner: Type.Optional(
    Type.String({ description: "The owner of the resources. Absent in records of older versions." }),
  ),
  organization: Type.Optional(
    nullable(
      Type.Object(organization.properties, {
        description:
          "The Genesys Cloud organisation; null if the platform tells it to this client nowhere. Absent in records of older versions, and of a command that did not need to know it.",
      }),
    ),
  ),
  actor: Type.String({ description: "The actor: a CI run, a Git author, or user@host." }),
  rollbackOf: Type.Optional(
    Type.String({ description: "The run that a rollback takes back; absent in any other run." }),
  ),
  provenance: Type.Optional(runProvenance),
  keptHealing: Type.Optional(
    Type.Literal(true, {
      description:
        "True in a run that only put back what someone else changed or deleted, because not every manifest was valid (--keep-healing). Absent in any other run.",
    }),
  ),
});

export const auditRecord = Type.Object({
  seq: Type.Integer({ description: "From 1, without a gap.", minimum: 1 }),
  timestamp: Type.String({
    description: "ISO 8601, UTC, with milliseconds.",
    pattern: time,
  }),
  ...auditRun.properties,
  ...auditEntry.properties,
  metrics,
  accepted: Type.Optional(acceptedHead),
  olderThan: Type.Optional(olderThan),
  unsignedBefore: Type.Optional(unsignedBefore),
  continues: Type.Optional(continued),
  archive: Type.Optional(archive),
  claims: Type.Optional(claims),
  prevHash: Type.String({
    description: "The hash of the record before; 64 zeros at first.",
    pattern: hash,
  }),
  hash: Type.String({
    description:
      "SHA-256 over the record without hash, in canonical JSON (RFC 8785); with RECONCILE_AUDIT_KEY, an HMAC-SHA-256.",
    pattern: hash,
  }),
});

/** A record as it is found on disk: older versions wrote none of the keys `intent` and `attempted`. */
export const publishedAuditRecord = Type.Object(
  {
    ...auditRecord.properties,
    intent: Type.Optional(auditEntry.properties.intent),
    attempted: Type.Optional(auditEntry.properties.attempted),
  },
  {
    $id: "urn:reconcile-genesys:audit-record:v1",
    title: "ReconcileAuditRecord",
    description:
      "One line of the audit trail. It holds endpoints whole, query strings included. Later versions may add keys.",
  },
);
