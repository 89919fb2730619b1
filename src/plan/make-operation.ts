// One API write as an operation of a plan.
import type { Cause } from "../model/cause.ts";
import type { Kind } from "../model/kind.ts";
import type { Operation } from "../model/plan.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { sayCause } from "../words/say-cause.ts";
import { asDocument, fillFrom } from "../model/document.ts";
import { diffDocuments } from "../model/document-diff.ts";

export interface Write {
  /** Null where it is to be created. */
  readonly before: LiveResource | null;
  /** Null where it is to be deleted. */
  readonly after: ResourceDocument | null;
  /** From `before` to `after`, if the caller has made it already. */
  readonly patch?: Operation["patch"];
}

export function makeOperation(
  { before, after: wanted, patch }: Write,
  about: Pick<Operation, "group" | "phase"> & {
    /** The kind of the resource that is written. */
    readonly kind: Kind;
    readonly owner: string;
    readonly cause: Cause;
  },
): Operation {
  const { cause, kind } = about;
  // The record then shows what the resource keeps, although the manifest does not state it.
  const after = before && wanted ? fillFrom(wanted, before, kind) : wanted;
  const action = actionOf(before, after, about.owner);
  const endpoint = after?.endpoint ?? before?.endpoint ?? "";
  return {
    action,
    group: about.group,
    endpoint,
    webhookId: before?.id ?? null,
    name: after?.name ?? before?.name ?? "",
    phase: about.phase,
    patch: patch ?? diffDocuments(before, after, kind),
    cause,
    reason: sayCause(cause, { action, kind }),
    status: "planned",
    error: null,
    before: before && asDocument(before),
    after,
  };
}

function actionOf(
  before: LiveResource | null,
  after: ResourceDocument | null,
  owner: string,
): Operation["action"] {
  if (!before) return "create";
  if (!after) return "delete";
  return before.owner === owner ? "update" : "adopt";
}
