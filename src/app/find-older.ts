// Finds out whether a run would apply a commit that is older than the last applied one.
import type { CountedTrail } from "../audit/belongs.ts";
import { findAppliedCommit } from "../audit/find-applied-commit.ts";
import type { TrailFiles } from "../audit/trail-parts.ts";
import type { FindAncestry } from "../git/ancestry.ts";
import type { OlderThan } from "../model/audit-record.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { ReconcileError } from "../model/errors.ts";
import { mapOperations, isPlanned, type Plan } from "../model/plan.ts";
import { leave } from "../plan/leave.ts";
import type { StoreChoice } from "./store-choice.ts";

/** Whether a run refuses to apply an older commit, or was told by `--allow-older` to apply it. */
export type OlderCommit = "refused" | "allowed";

/** Undefined where machines keep their trails for themselves, so that none knows what another one applied. */
export function judgeOlder(
  store: StoreChoice | null,
  { allowOlder }: { readonly allowOlder?: true },
): OlderCommit | undefined {
  if (store === null) return undefined;
  return allowOlder ? "allowed" : "refused";
}

interface OlderPorts {
  readonly files: TrailFiles;
  readonly provenance: () => Promise<{ readonly commit: string | null }>;
  /** Tells which commits are ancestors of another one. */
  readonly findAncestry: FindAncestry;
}

interface Older {
  /** The commit of this run. */
  readonly commit: string;
  /** The last applied commit. */
  readonly than: OlderThan;
}

/**
 * Null if the run's commit is no ancestor of the last applied one, or if the history at hand does not tell. Throws
 * ReconcileError `audit/unreadable`.
 */
export async function findOlder(trail: CountedTrail, ports: OlderPorts): Promise<Older | null> {
  // Edits on top of an older commit make it no newer.
  const commit = (await ports.provenance()).commit?.replace(/-dirty$/, "") ?? null;
  if (commit === null) return null;
  const than = await findAppliedCommit(ports.files, trail);
  if (than === null || than.commit === commit) return null;
  try {
    const ancestry = await ports.findAncestry({ commits: [commit], present: than.commit });
    return ancestry.get(commit) === "ancestor" ? { commit, than } : null;
  } catch (error) {
    // Git cannot be asked here.
    if (error instanceof ReconcileError) return null;
    throw error;
  }
}

/**
 * Refuses an older commit, or warns of it in a dry run. `left`: the plan with everything left undone; null if the run goes on.
 */
export function refuseOlder(
  older: Older,
  plan: Plan,
  { olderCommit, dryRun }: { readonly olderCommit: OlderCommit; readonly dryRun: boolean },
): { readonly left: Plan | null; readonly diagnostics: readonly Diagnostic[] } {
  if (olderCommit === "allowed") return { left: null, diagnostics: [] };
  if (dryRun) return { left: null, diagnostics: [describeOlder(older, "warning")] };
  const refusal = describeOlder(older, "error");
  const held = { by: "guard", why: refusal.message, hint: refusal.hint } as const;
  const undone = mapOperations(plan, (operation) =>
    isPlanned(operation) ? leave(operation, held) : operation,
  );
  return { left: { ...plan, ...undone }, diagnostics: [refusal] };
}

function describeOlder(
  { commit, than }: Older,
  severity: Diagnostic["severity"],
): Diagnostic & { readonly hint: string } {
  const message = `commit ${short(commit)} is older than ${short(than.commit)}, which run ${than.runId} applied last`;
  const hint =
    "update the clone, as with `git pull`; to go back for good, revert the newer commits in Git; to apply the older commit all the same, pass --allow-older to `reconcile sync` or `reconcile apply`";
  return { severity, code: "commit/older", message, hint, ...nowhere };
}

function short(commit: string): string {
  return commit.slice(0, 12);
}
