// Guards refuse operations that need a flag of the user's. A refused operation stays in the plan as `skipped`.
import { count } from "../lib/count.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Held } from "../model/held.ts";
import type { Operation } from "../model/plan.ts";
import { leave } from "./leave.ts";

export interface Guarded {
  readonly prunes: readonly Operation[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The live resources of this owner. */
export interface Owned {
  readonly number: number;
  /** Such as `webhook`. */
  readonly noun: string;
}

export function guardPrunes(
  prunes: readonly Operation[],
  owned: Owned,
  options: { readonly owner: string; readonly maxDeletePercent: number; readonly allowDeletes: boolean },
): Guarded {
  const diagnostics: Diagnostic[] = [];
  if (prunes.length > 0 && options.owner === "default") diagnostics.push(sharedOwner);
  const excess = findExcess(prunes.length, owned, options);
  if (!excess) return { prunes, diagnostics };
  diagnostics.push({ ...nowhere, severity: "error", code: "prune/tooMany", ...excess });
  const held: Held = { by: "guard", why: excess.message, hint: excess.hint };
  return { prunes: prunes.map((prune) => leave(prune, held)), diagnostics };
}

/** Returns why so many deletes are refused; null if they are not. A limit above 0 never refuses a single one. */
export function findExcess(
  deletes: number,
  owned: Owned,
  options: { readonly maxDeletePercent: number; readonly allowDeletes: boolean },
): { readonly message: string; readonly hint: string } | null {
  const { maxDeletePercent, allowDeletes } = options;
  const percent = (100 * deletes) / Math.max(owned.number, 1);
  const isSingle = deletes === 1 && maxDeletePercent > 0;
  if (isSingle || percent <= maxDeletePercent || allowDeletes) return null;
  const rounded = Math.round(percent);
  const numbers =
    rounded > maxDeletePercent
      ? `${rounded} %, the limit is ${maxDeletePercent} %`
      : `more than ${maxDeletePercent} %, which is the limit`;
  const message = `would delete ${deletes} of ${count(owned.number, owned.noun)} (${numbers})`;
  const enough = deletes === 1 ? 1 : Math.ceil(percent);
  const hint = `pass --allow-deletes to go on this once, or set maxDeletePercent in the config to at least ${enough}`;
  return { message, hint };
}

const sharedOwner: Diagnostic = {
  ...nowhere,
  severity: "warning",
  code: "prune/defaultOwner",
  message: 'pruning as owner "default", a name that other repositories may use as well',
  hint: "set `owner` in reconcile.yaml to a name of this repository's own",
};
