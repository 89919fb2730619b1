// The result that a command reports, whether it succeeds or fails.
import { Type } from "typebox";
import { base } from "./base.ts";
import { reportedGroup } from "./group.ts";
import { reportedOperation } from "./operation.ts";
import { organization } from "./organization.ts";
import { findings, reportedOrphan } from "./plan.ts";
import { count, namedOrNull, nullable } from "./shapes.ts";

/**
 * An operation counts under `failed` if it failed or its outcome is unknown, and under `skipped` if it was not started.
 */
export const summary = Type.Object(
  {
    create: count("Webhooks to be created, or created."),
    update: count("Webhooks to be updated, or updated."),
    delete: count("Webhooks to be deleted, or deleted."),
    adopt: count("Webhooks to be taken over, or taken over."),
    unchanged: count("Webhooks that stay as they are."),
    movedEventTypes: count("Event types whose endpoint changes, or changed."),
    failed: count("Operations that failed or whose outcome is unknown."),
    skipped: count("Operations that were refused or not started."),
    orphans: Type.Optional(
      count(
        "Resources of this owner whose group has no manifest, without those that this run deletes, or deleted. Version 0.1 did not count them.",
      ),
    ),
  },
  {
    description:
      "Each operation counts once: under its action if it is planned, applied or recovered, else under failed or skipped.",
  },
);

export const traffic = Type.Object(
  {
    requests: count("HTTP requests, those for tokens included."),
    retries: count("How many of them were sent again."),
    throttledMs: count("Time spent waiting for the rate limit, all requests together, in milliseconds."),
  },
  { description: "What was sent." },
);

export const result = Type.Object(
  {
    formatVersion: Type.Literal(1, { description: "The version of this format." }),
    dryRun: Type.Boolean({ description: "True if the command could not write anything." }),
    ok: Type.Boolean({ description: "True if there is no error, and no operation failed or was refused." }),
    runId: Type.String({ description: "The id of this run, as in the audit trail." }),
    environment: nullable(
      Type.String({
        description:
          "The region's domain, sandbox, or the host of an overridden address; null if the command ended before that was known.",
      }),
    ),
    owner: nullable(
      Type.String({
        description: "The owner of the resources; null if the command ended before that was known.",
      }),
    ),
    organization: Type.Optional(
      nullable(
        Type.Object(organization.properties, {
          description:
            "The Genesys Cloud organisation; null if the command did not find out which it is. Absent in results of older versions.",
        }),
      ),
    ),
    summary,
    ...findings({ operation: reportedOperation, group: reportedGroup, orphan: reportedOrphan }),
    traffic,
    base: namedOrNull(
      base,
      "What this change does, and what was pending before it; null without --base, or where no plan was come to.",
    ),
  },
  {
    $id: "urn:reconcile-genesys:result:v1",
    title: "ReconcileResult",
    description:
      "The output of `--output json`: one object, whether the command succeeds or fails. Later versions may add keys.",
  },
);
