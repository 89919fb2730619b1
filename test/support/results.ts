// Makes plans and results by hand, for tests of reports and other functions of them.
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import type { Plan } from "../../src/model/plan.ts";
import { makeResult, noTraffic, type Result } from "../../src/model/result.ts";

export const emptyPlan: Plan = {
  operations: [],
  prunes: [],
  groups: [],
  drift: [],
  orphans: [],
  unmanaged: 0,
  diagnostics: [],
};

/** Makes the result of a sync; `plan` is null if the sync made none. */
export function resultOfSync(plan: Plan | null, diagnostics: readonly Diagnostic[] = []): Result {
  const about = { dryRun: false, runId: "r", environment: null, owner: null, organization: null };
  return makeResult({ ...about, traffic: noTraffic, diagnostics }, { plan, base: null });
}
