// Selects the groups of a pass by `--group` and `--selector`.
import { findNearest } from "../lib/did-you-mean.ts";
import { nowhere, type Diagnostic, type Loaded } from "../model/diagnostic.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";

export interface Selection {
  /** Consumer groups by name; null for all. */
  readonly groups: readonly string[] | null;
  /** Labels that a manifest must carry; null for any. */
  readonly labels: Readonly<Record<string, string>> | null;
}

/** Returns the manifests that a selection may be about; all of them if it matches none. */
export function preselect(
  desired: readonly Subscription[],
  { groups, labels }: Selection,
): readonly Subscription[] {
  const wanted = Object.entries(labels ?? {});
  const declared = new Set(desired.map(({ group }) => group));
  // An orphan may be of any kind.
  if (groups?.some((group) => !declared.has(group))) return desired;
  const chosen = desired.filter(
    (subscription) =>
      (groups?.includes(subscription.group) ?? true) &&
      wanted.every(([key, value]) => subscription.labels[key] === value),
  );
  return chosen.length === 0 ? desired : chosen;
}

/** Returns the groups to plan, or null for all. A name that no manifest and no resource of this owner has is an error. */
export function selectGroups(
  desired: readonly Subscription[],
  live: readonly LiveResource[],
  selection: Selection & { readonly owner: string },
): Loaded<ReadonlySet<string> | null> {
  if (!selection.groups && !selection.labels) return { ok: true, value: null, diagnostics: [] };
  const wanted = Object.entries(selection.labels ?? {});
  const matching = desired.filter(({ labels }) => wanted.every(([key, value]) => labels[key] === value));
  if (matching.length === 0 && selection.labels) {
    const text = wanted.map((pair) => pair.join("=")).join(",");
    return refuse([problem("selector/noMatch", `no manifest carries the labels ${text}`, null)]);
  }
  const matched = new Set(matching.map(({ group }) => group));
  if (!selection.groups) return { ok: true, value: matched, diagnostics: [] };
  const owned = live.flatMap(({ group, owner }) =>
    group !== null && owner === selection.owner ? [group] : [],
  );
  const known = new Set([...desired.map(({ group }) => group), ...owned]);
  const unknown = selection.groups.filter((group) => !known.has(group));
  if (unknown.length > 0) {
    return refuse(
      unknown.map((group) => {
        const nearest = findNearest(group, known);
        const hint = nearest === undefined ? null : `did you mean "${nearest}"?`;
        return problem("group/unknown", `no manifest declares the group "${group}"`, hint);
      }),
    );
  }
  const named = selection.groups.filter((group) => !selection.labels || matched.has(group));
  if (named.length === 0) {
    const text = wanted.map((pair) => pair.join("=")).join(",");
    return refuse([
      problem("selector/noMatch", `none of the groups named carries the labels ${text}`, null),
    ]);
  }
  return { ok: true, value: new Set(named), diagnostics: [] };
}

function refuse(diagnostics: readonly Diagnostic[]): Loaded<never> {
  return { ok: false, diagnostics };
}

function problem(code: string, message: string, hint: string | null): Diagnostic {
  return { severity: "error", code, message, hint, ...nowhere };
}
