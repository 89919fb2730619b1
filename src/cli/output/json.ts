// The contract's JSON result: one object.
import type { GroupPlan, Operation } from "../../model/plan.ts";
import type { Result } from "../../model/result.ts";
import { plainJson } from "./plain.ts";

/** Ends with a line break. */
export function showJson(result: Result): string {
  const { operations, groups, ...rest } = result;
  const json = JSON.stringify(
    {
      formatVersion: rest.formatVersion,
      dryRun: rest.dryRun,
      ok: rest.ok,
      runId: rest.runId,
      environment: rest.environment,
      owner: rest.owner,
      summary: rest.summary,
      operations: operations.map(showOperation),
      groups: groups.map(showGroup),
      drift: rest.drift,
      orphans: rest.orphans,
      unmanaged: rest.unmanaged,
      traffic: rest.traffic,
      diagnostics: rest.diagnostics,
    },
    null,
    2,
  );
  return `${plainJson(json)}\n`;
}

function showGroup({ group, endpoints, moves, skipped, explanation }: GroupPlan): Record<string, unknown> {
  return { group, endpoints, moves, skipped, ...(explanation ? { explanation } : {}) };
}

function showOperation(operation: Operation): Omit<Operation, "before" | "after"> {
  const { action, group, endpoint, webhookId, name, phase, patch, reason, status, error } = operation;
  return { action, group, endpoint, webhookId, name, phase, patch, reason, status, error };
}
