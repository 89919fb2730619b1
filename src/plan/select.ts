// Selects the groups of a pass by `--group` and `--selector`.
import { findNearest } from "../lib/did-you-mean.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Kind } from "../model/kind.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";

export interface Selection {
  /** Consumer groups by name; null for all. */
  readonly groups: readonly string[] | null;
  /** Labels that a manifest must carry; null for any. */
  readonly labels: Readonly<Record<string, string>> | null;
}

/** Returns the manifests that a selection may be about; all of them if it matches none. */
function preselect(
  desired: readonly Subscription[],
  { groups, labels }: Selection,
): readonly Subscription[] {
  const declared = new Set(desired.map(({ group }) => group));
  // An orphan may be of any kind.
  if (groups?.some((group) => !declared.has(group))) return desired;
  const chosen = findMatching(desired, labels).filter(({ group }) => groups?.includes(group) ?? true);
  return chosen.length === 0 ? desired : chosen;
}

/** A selection as far as the manifests tell: `findUnknown` completes it once it is known what is live. */
interface Selected {
  /** The groups to plan; null for all. */
  readonly groups: ReadonlySet<string> | null;
  /** The kinds and groups that the pass lists; a group without a manifest may have resources of any kind. */
  readonly scope: {
    readonly needed: ReadonlySet<Kind>;
    /** The groups whose records may name further kinds; null for all. */
    readonly groups: ReadonlySet<string> | null;
  };
}

export function select(desired: readonly Subscription[], selection: Selection): Selected {
  const { groups: named, labels } = selection;
  const possible = preselect(desired, selection);
  const needed = new Set(possible.map(({ kind }) => kind));
  if (!named && !labels) return { groups: null, scope: { needed, groups: null } };
  const matched = new Set(findMatching(desired, labels).map(({ group }) => group));
  const groups = named ? named.filter((group) => !labels || matched.has(group)) : matched;
  const concerned = new Set([
    ...(named ?? []),
    ...possible.flatMap(({ group, renamedFrom }) => [group, ...(renamedFrom ? [renamedFrom] : [])]),
  ]);
  return { groups: new Set(groups), scope: { needed, groups: concerned } };
}

/** Returns an error for labels that no manifest carries, and for a name that no manifest and no resource of this owner has. */
export function findUnknown(
  desired: readonly Subscription[],
  live: readonly LiveResource[],
  selection: Selection & { readonly owner: string },
): readonly Diagnostic[] {
  const { groups: named, labels } = selection;
  const matching = findMatching(desired, labels);
  if (matching.length === 0 && labels)
    return [problem("selector/noMatch", `no manifest carries the labels ${textOf(labels)}`, null)];
  const owned = live.flatMap(({ group, owner }) =>
    group !== null && owner === selection.owner ? [group] : [],
  );
  const known = new Set([...desired.map(({ group }) => group), ...owned]);
  const unknown = (named ?? []).filter((group) => !known.has(group));
  if (unknown.length > 0) {
    return unknown.map((group) => {
      const nearest = findNearest(group, known);
      const hint = nearest === undefined ? null : `did you mean "${nearest}"?`;
      return problem("group/unknown", `no manifest declares the group "${group}"`, hint);
    });
  }
  if (named && labels && !matching.some(({ group }) => named.includes(group))) {
    const message = `none of the groups named carries the labels ${textOf(labels)}`;
    return [problem("selector/noMatch", message, null)];
  }
  return [];
}

function findMatching(
  desired: readonly Subscription[],
  wanted: Selection["labels"],
): readonly Subscription[] {
  const pairs = Object.entries(wanted ?? {});
  return desired.filter(({ labels }) => pairs.every(([key, value]) => labels[key] === value));
}

function textOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map((pair) => pair.join("="))
    .join(",");
}

function problem(code: string, message: string, hint: string | null): Diagnostic {
  return { severity: "error", code, message, hint, ...nowhere };
}
