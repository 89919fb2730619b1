// Guards: what a plan may not do without being told so. A refused operation stays in the plan as `skipped`.
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Operation } from "../model/plan.ts";

export interface Guarded {
  readonly prunes: readonly Operation[];
  readonly diagnostics: readonly Diagnostic[];
}

/** `owned`: how many live webhooks are this owner's. */
export function guardPrunes(
  prunes: readonly Operation[],
  owned: number,
  options: { readonly owner: string; readonly maxDeletePercent: number; readonly allowDeletes: boolean },
): Guarded {
  const diagnostics: Diagnostic[] = [];
  if (prunes.length > 0 && options.owner === "default") diagnostics.push(sharedOwner);
  const percent = (100 * prunes.length) / Math.max(owned, 1);
  if (prunes.length <= 1 || percent <= options.maxDeletePercent || options.allowDeletes) {
    return { prunes, diagnostics };
  }
  const message =
    `would delete ${prunes.length} of ${owned} webhooks ` +
    `(${Math.round(percent)} %, the limit is ${options.maxDeletePercent} %)`;
  const hint = "pass --allow-deletes to go on";
  diagnostics.push({ ...nowhere, severity: "error", code: "prune/tooMany", message, hint });
  const refused = `${message}; ${hint}`;
  return { prunes: prunes.map((prune) => ({ ...prune, status: "skipped", error: refused })), diagnostics };
}

const sharedOwner: Diagnostic = {
  ...nowhere,
  severity: "warning",
  code: "prune/defaultOwner",
  message: 'pruning as owner "default", a name that other repositories may use as well',
  hint: "set `owner` in reconcile.yaml to a name of this repository's own",
};
