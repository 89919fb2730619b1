// Shows a result as the JSON object of `--output json`.
import type { GroupPlan, Operation } from "../model/plan.ts";
import {
  makeResult,
  type CommandResult,
  type ReportedGroup,
  type ReportedOperation,
  type ReportedResult,
  type Result,
} from "../model/result.ts";
import { platformCodeIn } from "../model/errors.ts";
import { plainJson } from "../lib/plain.ts";

/** Returns JSON that ends with a line break. A command without a plan has the same keys, so that readers need no cases. */
export function showJson(result: CommandResult | Result): string {
  const { operations, groups, ...rest } = "operations" in result ? result : makeResult(result, null);
  const reported: ReportedResult = {
    formatVersion: rest.formatVersion,
    dryRun: rest.dryRun,
    ok: rest.ok,
    runId: rest.runId,
    environment: rest.environment,
    owner: rest.owner,
    organization: rest.organization ?? null,
    summary: rest.summary,
    operations: operations.map(showOperation),
    groups: groups.map(showGroup),
    drift: rest.drift,
    orphans: rest.orphans.map((orphan) => ({ ...orphan, origin: orphan.origin ?? null })),
    ...(rest.leastWaitMs === undefined ? {} : { leastWaitMs: rest.leastWaitMs }),
    unmanaged: rest.unmanaged,
    traffic: rest.traffic,
    base: rest.base,
    diagnostics: rest.diagnostics,
  };
  return `${plainJson(JSON.stringify(reported, null, 2))}\n`;
}

function showGroup(plan: GroupPlan): ReportedGroup {
  const { group, endpoints, moves, skipped, frozen, capacity, rateAssumed, explanation } = plan;
  return {
    ...{ group, endpoints, moves, skipped, frozen, capacity },
    ...(rateAssumed ? { rateAssumed } : {}),
    ...(explanation ? { explanation } : {}),
  };
}

function showOperation(operation: Operation): ReportedOperation {
  const { action, group, endpoint, webhookId, name, phase, patch, reason, status, error } = operation;
  const frozen = operation.frozen === true;
  const origin = operation.origin ?? null;
  return {
    ...{ action, group, endpoint, webhookId, name, phase, patch, reason, status, error },
    ...platformCodeIn(operation),
    ...{ frozen, origin },
  };
}
