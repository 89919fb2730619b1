// `--out`: makes a saved plan of what a pass made, and writes it.
import { writeSavedPlan } from "../apply/saved-plan-file.ts";
import type { Files } from "../lib/files.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import { tellPlan } from "../model/plan.ts";
import type { SavedPlan } from "../model/saved-plan.ts";
import { makeFingerprints } from "../plan/fingerprints.ts";
import type { MadePlan, PassOptions } from "./pass.ts";

/** The pass that made the plan. */
interface PassOfPlan {
  readonly options: PassOptions;
  readonly runId: string;
  /** The version of reconcile. */
  readonly version: string;
}

/** Returns the error if the file could not be written; nothing if it was. */
export async function savePlan(
  path: string,
  saved: SavedPlan,
  files: Pick<Files, "read" | "write">,
): Promise<readonly Diagnostic[]> {
  try {
    await writeSavedPlan(path, saved, files);
    return [];
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return [diagnosticOf(error)];
  }
}

export function makeSavedPlan(
  { plan, desired, live, organization }: MadePlan,
  { options, runId, version }: PassOfPlan,
): SavedPlan {
  const { prune, adopt, adoptFrom, allowDeletes, createOnly, owner } = options.plan;
  return {
    formatVersion: 1,
    kind: "ReconcilePlan",
    madeBy: version,
    environment: options.audit.environment,
    owner,
    organization,
    runId,
    overrides: {
      ...{ prune, adopt, allowDeletes, createOnly, allowEmpty: options.desired.allowEmpty },
      ...(adoptFrom === undefined ? {} : { adoptFrom }),
      ...(options.pruneRemoved ? { pruneRemoved: true } : {}),
      groups: options.selection.groups,
      selector: options.selection.labels,
    },
    fingerprints: makeFingerprints(plan, desired, live),
    plan: tellPlan(plan),
  };
}
