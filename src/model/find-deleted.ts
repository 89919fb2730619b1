// Tells the resources that someone else deleted, as drift: a plan shows them as the creates that would put them back.
import { allOperations, type Drift, type Operation, type PatchStep, type Plan } from "./plan.ts";

/** Nothing is live of a deleted resource that could have an id. */
const noId = "";

/** The patch of a resource that is gone as a whole. */
export const deletionPatch: readonly PatchStep[] = [{ op: "remove", path: "" }];

/** True if the operation puts back what someone else deleted. */
export function isPutBack({ cause }: Pick<Operation, "cause">): boolean {
  return cause.code === "deletedOutside";
}

export function findDeleted(plan: Pick<Plan, "operations" | "prunes" | "shared">): readonly Drift[] {
  return allOperations(plan)
    .filter(isPutBack)
    .map(({ group, endpoint, webhookId }) => ({
      ...{ group, endpoint, webhookId: webhookId ?? noId },
      patch: [...deletionPatch],
    }));
}

/** True if the drift is that someone deleted the whole resource. */
export function isDeletion({ patch }: Pick<Drift, "patch">): boolean {
  return patch.some(({ op, path }) => op === "remove" && path === "");
}
