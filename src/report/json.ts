// Shows a result as the JSON object of `--output json`.
import type { GroupPlan, Operation } from "../model/plan.ts";
import type { ReportedGroup, ReportedOperation, ReportedResult, Result } from "../model/result.ts";
import { plainJson } from "../lib/plain.ts";

/** Ends with a line break. */
export function showJson(result: Result): string {
  const { operations, groups, ...rest } = result;
  const reported: ReportedResult = {
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
    orphans: rest.orphans.map((orphan) => ({ ...orphan, origin: orphan.origin ?? null })),
    unmanaged: rest.unmanaged,
    traffic: rest.traffic,
    base: rest.base,
    diagnostics: rest.diagnostics,
  };
  return `${plainJson(JSON.stringify(reported, null, 2))}\n`;
}

function showGroup(plan: GroupPlan): ReportedGroup {
  const { group, endpoints, moves, skipped, frozen, capacity, explanation } = plan;
  return { group, endpoints, moves, skipped, frozen, capacity, ...(explanation ? { explanation } : {}) };
}

function showOperation(operation: Operation): ReportedOperation {
  const { action, group, endpoint, webhookId, name, phase, patch, reason, status, error } = operation;
  const frozen = operation.frozen === true;
  const origin = operation.origin ?? null;
  return { action, group, endpoint, webhookId, name, phase, patch, reason, status, error, frozen, origin };
}
