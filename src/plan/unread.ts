// Resources that a list showed in a form that this version cannot read. One of this owner's holds back only its own group;
// any other is left alone, with a warning.
import { count } from "../lib/count.ts";
import { compareText } from "../lib/compare.ts";
import { groupBy } from "../lib/group-by.ts";
import { joinWords } from "../lib/join-words.ts";
import { quote } from "../lib/text.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import type { UnreadResource } from "../model/listing.ts";
import { groupOf, ownerOf } from "../model/ownership.ts";
import type { Operation } from "../model/plan.ts";
import type { ResourceDocument } from "../model/resource.ts";
import type { RunChange } from "../model/run-changes.ts";
import type { Subscription } from "../model/subscription.ts";
import { describeForeign } from "./conflicts.ts";

export interface UnreadOptions {
  readonly owner: string;
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  readonly unread?: readonly UnreadResource[] | undefined;
}

/** Fills in from the trail what a resource does not show of itself: it may still be this owner's. */
export function identifyUnread({ unread = [], recorded, owner }: UnreadOptions): readonly UnreadResource[] {
  return unread.map((one) => {
    const last = recorded.get(one.id ?? "");
    if (!last || (one.owner ?? owner) !== owner) return one;
    if (ownerOf(last) !== owner) return one;
    return { ...one, owner, group: one.group ?? groupOf(last) };
  });
}

/** The names of recorded resources that the list did not show, not even in a form that cannot be read. */
export function findGone(
  live: readonly { readonly id: string }[],
  { recorded, unread = [] }: Pick<UnreadOptions, "recorded" | "unread">,
): ReadonlySet<string> {
  const ids = new Set([...live, ...unread].map(({ id }) => id));
  return new Set([...recorded].flatMap(([id, { name }]) => (ids.has(id) ? [] : [name])));
}

export interface SortedUnread {
  /** By group, those that name a declared group. */
  readonly byGroup: ReadonlyMap<string, readonly UnreadResource[]>;
  /** This owner's, of a group that cannot be told. */
  readonly ofSomeGroup: readonly UnreadResource[];
  /** This owner's, of groups without a manifest. */
  readonly orphans: readonly UnreadResource[];
  /** All others. */
  readonly strangers: readonly UnreadResource[];
}

/** `unread` are identified. */
export function sortUnread(
  unread: readonly UnreadResource[],
  declared: ReadonlyMap<string, unknown>,
  owner: string,
): SortedUnread {
  const sort = (one: UnreadResource): Exclude<keyof SortedUnread, "byGroup"> | "declared" => {
    if (one.group !== null && declared.has(one.group)) return "declared";
    if (one.owner !== owner) return "strangers";
    return one.group === null ? "ofSomeGroup" : "orphans";
  };
  const sorted = groupBy(unread, sort);
  return {
    byGroup: groupBy(sorted.get("declared") ?? [], ({ group }) => group ?? ""),
    ofSomeGroup: sorted.get("ofSomeGroup") ?? [],
    orphans: sorted.get("orphans") ?? [],
    strangers: sorted.get("strangers") ?? [],
  };
}

/** Returns an error for each unread resource that names the group. */
export function findUnreadConflicts(
  { group, place }: Subscription,
  { byGroup }: SortedUnread,
  own: string,
): readonly Diagnostic[] {
  return (byGroup.get(group) ?? []).map((one): Diagnostic => {
    const { owner, why } = one;
    const at = { severity: "error", ...place } as const;
    const which = `${nameUnread(one)} of group "${group}"`;
    if (owner !== null && owner !== own) return { ...at, ...describeForeign({ which, owner }) };
    if (owner === null) {
      const message = `${which} has no owner, so the group is skipped`;
      const hint = `it cannot be taken over, because it cannot be read (${why}): mend or delete it`;
      return { ...at, code: "ownership/unmarked", message, hint };
    }
    const message = `${which} cannot be read, so the group is skipped: ${why}`;
    return { ...at, code: "resource/unread", message, hint: mend };
  });
}

/**
 * Returns an error for each unread resource that may be the group's, although nothing shows it: this owner's of some group,
 * while the group has something to do, and one that has the name of a resource that the group is to get.
 */
export function findUnreadDoubts(
  { group, kind, place }: Subscription,
  operations: readonly Operation[],
  { ofSomeGroup, strangers }: SortedUnread,
): readonly Diagnostic[] {
  if (operations.length === 0) return [];
  const at = { severity: "error", code: "resource/unread", hint: mend, ...place } as const;
  const kinds = [kind, kind.shared?.kind];
  const names = new Set(operations.flatMap(({ action, name }) => (action === "create" ? [name] : [])));
  return [
    ...ofSomeGroup
      .filter((one) => kinds.includes(one.kind))
      .map((one) => {
        const message = `${nameUnread(one)} may be of group "${group}", so the group is skipped: ${one.why}`;
        return { ...at, message };
      }),
    ...strangers
      .filter((one) => one.kind === kind && one.owner === null && names.has(one.name ?? ""))
      .map((one) => {
        const has = `has a name that group "${group}" is to give, and cannot be read`;
        return { ...at, message: `${nameUnread(one)} ${has}, so the group is skipped: ${one.why}` };
      }),
  ];
}

/** Finds an unread resource that a run wrote, or that is or may be of its group; null without one. */
export function findUnreadOf(
  { group, changes }: { readonly group: string; readonly changes: readonly RunChange[] },
  { unread = [], owner, kinds }: Pick<UnreadOptions, "unread" | "owner"> & { readonly kinds: Kinds },
): Pick<Diagnostic, "code" | "message" | "hint"> | null {
  const written = new Set(changes.map(({ webhookId }) => webhookId));
  const writtenKinds = new Set(
    changes.flatMap(({ before, after }) => [before ?? [], after ?? []].flat()).map(kinds.of),
  );
  const found = unread.find(
    (one) =>
      written.has(one.id ?? "") ||
      (one.group === group && (one.owner ?? owner) === owner) ||
      (one.group === null && one.owner === owner && writtenKinds.has(one.kind)),
  );
  if (!found) return null;
  return {
    code: "resource/unread",
    message: `${nameUnread(found)} cannot be read: ${found.why}`,
    hint: mend,
  };
}

/** Returns the warnings about what stands for itself: of no declared group. `prune`: whether orphans are to be deleted. */
export function warnOfUnread(
  { ofSomeGroup, orphans, strangers }: SortedUnread,
  prune: boolean,
): readonly Diagnostic[] {
  const at = { code: "resource/unread", hint: mend, ...nowhere } as const;
  return [
    ...byKind(strangers).map(([kind, those]): Diagnostic => {
      const message = `${count(those.length, kind.noun)} cannot be read, and ${isOne(those) ? "is" : "are"} left alone: ${list(those)}`;
      return { ...at, severity: "warning", message };
    }),
    ...byKind(ofSomeGroup).map(([kind, those]): Diagnostic => {
      const message = `${count(those.length, kind.noun)} of this owner, whose group cannot be told, cannot be read: ${list(those)}`;
      return { ...at, severity: "warning", message };
    }),
    ...byKind(orphans).map(([kind, those]): Diagnostic => {
      const message = `${count(those.length, kind.noun)} of groups without a manifest cannot be read, and ${isOne(those) ? "stays" : "stay"} as ${isOne(those) ? "it is" : "they are"}: ${list(those)}`;
      return { ...at, severity: prune ? "error" : "warning", message };
    }),
  ];
}

const mend =
  "look at it in Genesys Cloud, and mend or delete it; if nothing is wrong with it, a newer version of reconcile may read it";

function nameUnread({ kind: { noun }, id, name }: UnreadResource): string {
  const named = name === null || name === "" ? noun : `${noun} ${quote(name)}`;
  return `${named} ${id === null ? "(without an id that can be read)" : `(id ${id})`}`;
}

/** A warning names at most this many resources, so that it stays readable. */
const mostNamed = 3;

/** Returns the first ones by id, and what is wrong with the first. */
function list(those: readonly UnreadResource[]): string {
  const ids = those.flatMap(({ id }) => id ?? []).sort(compareText);
  const named = ids.slice(0, mostNamed).map((id) => `id ${id}`);
  const nameless = those.length - ids.length;
  const rest = [
    ...(ids.length > mostNamed ? [`${ids.length - mostNamed} more`] : []),
    ...(nameless > 0 ? [`${nameless} without an id that can be read`] : []),
  ];
  const [first] = those.toSorted((a, b) => compareText(a.id ?? "", b.id ?? ""));
  return `${joinWords([...named, ...rest], "and")}; ${isOne(those) ? "" : "the first: "}${first?.why ?? ""}`;
}

function isOne(those: readonly unknown[]): boolean {
  return those.length === 1;
}

function byKind(
  unread: readonly UnreadResource[],
): readonly (readonly [Kind, readonly UnreadResource[]])[] {
  return [...groupBy(unread, ({ kind }) => kind)];
}
