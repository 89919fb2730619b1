// One API write as an operation of a plan.
import type { Cause } from "../model/cause.ts";
import { readOwnership } from "../model/ownership.ts";
import type { Operation } from "../model/plan.ts";
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import { sayCause } from "../words/say-cause.ts";
import { asDocument } from "../model/document.ts";
import { diffWebhooks } from "../model/document-diff.ts";

export interface Write {
  /** Null where it is to be created. */
  readonly before: LiveWebhook | null;
  /** Null where it is to be deleted. */
  readonly after: WebhookDocument | null;
  /** From `before` to `after`, where the caller has made it already. */
  readonly patch?: Operation["patch"];
}

export function makeOperation(
  { before, after, patch = diffWebhooks(before, after) }: Write,
  about: Pick<Operation, "group" | "phase"> & { readonly owner: string; readonly cause: Cause },
): Operation {
  const { cause } = about;
  const action = actionOf(before, after, about.owner);
  const endpoint = after?.endpoint ?? before?.endpoint ?? "";
  return {
    action,
    group: about.group,
    endpoint,
    webhookId: before?.id ?? null,
    name: after?.name ?? before?.name ?? "",
    phase: about.phase,
    patch,
    cause,
    reason: sayCause(cause, { action, endpoint }),
    status: "planned",
    error: null,
    before: before && asDocument(before),
    after,
  };
}

function actionOf(
  before: LiveWebhook | null,
  after: WebhookDocument | null,
  owner: string,
): Operation["action"] {
  if (!before) return "create";
  if (!after) return "delete";
  return readOwnership(before.description).owner === owner ? "update" : "adopt";
}
