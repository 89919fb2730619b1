// One write of a plan, as data: every plan makes its operations here.
import type { Action, Operation, PatchStep } from "../model/plan.ts";
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import { readOwnership } from "../model/ownership.ts";
import { asDocument } from "../model/document.ts";

export interface Step {
  readonly action: Action;
  readonly group: string;
  /** The live webhook; null where it is to be created. */
  readonly before: LiveWebhook | null;
  /** What is sent; null where it is to be deleted. */
  readonly after: WebhookDocument | null;
  readonly patch: readonly PatchStep[];
  readonly phase: number;
  readonly reason: string;
}

export function makeOperation({ action, group, before, after, patch, phase, reason }: Step): Operation {
  return {
    action,
    group,
    endpoint: after?.endpoint ?? before?.endpoint ?? "",
    webhookId: before?.id ?? null,
    name: after?.name ?? before?.name ?? "",
    phase,
    patch,
    reason,
    status: "planned",
    error: null,
    before: before && asDocument(before),
    after,
  };
}

/** An update of a webhook that is not yet this owner's adopts it. */
export function actionOf(
  { before, after }: Pick<Step, "before" | "after">,
  owner: string,
): Operation["action"] {
  if (!before) return "create";
  if (!after) return "delete";
  return readOwnership(before.description).owner === owner ? "update" : "adopt";
}
