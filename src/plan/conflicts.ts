// Finds what keeps a whole group from being written: its kind could not be listed, or others have resources of it.
import { count } from "../lib/count.ts";
import { joinWords } from "../lib/join-words.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { ReconcileError } from "../model/errors.ts";
import { nounOf, type Kind } from "../model/kind.ts";
import type { Operation } from "../model/plan.ts";
import type { LiveResource } from "../model/resource.ts";
import type { Subscription } from "../model/subscription.ts";
import type { GroupResources } from "./pair.ts";

/** The kinds that could not be listed, with the error. */
export type Unlisted = ReadonlyMap<Kind, Pick<ReconcileError, "code" | "message" | "hint">>;

/** The groups of which a resource on record could not be looked up, with the error. */
export type Unsure = ReadonlyMap<string, Pick<ReconcileError, "code" | "message" | "hint">>;

/** A resource that is created although its kind was not listed, or another one not looked up, may exist already. */
export function findUnlisted(
  { group, kind, place }: Subscription,
  { unlisted, unsure }: { readonly unlisted?: Unlisted | undefined; readonly unsure?: Unsure | undefined },
): Diagnostic[] {
  const error =
    unlisted?.get(kind) ?? (kind.shared && unlisted?.get(kind.shared.kind)) ?? unsure?.get(group);
  if (!error) return [];
  const { code, hint, message } = error;
  return [{ severity: "error", code, message: `group "${group}" is skipped: ${message}`, hint, ...place }];
}

export function findConflicts(
  { group, place }: Subscription,
  found: GroupResources,
  options: { readonly adopt: boolean; readonly adoptFrom?: string | undefined },
): Diagnostic[] {
  const at = { severity: "error", ...place } as const;
  const adoptable = found.unmarked.filter(({ kind }) => !kind.isNeverAdopted);
  const nameOf = (live: LiveResource): string =>
    `${live.kind.noun} "${live.name}" (id ${live.id}) of group "${group}"`;
  return [
    ...found.foreign
      .filter(({ owner }) => owner !== options.adoptFrom)
      .map(({ owner, live }) => ({ ...at, ...describeForeign({ which: nameOf(live), owner }) })),
    ...(options.adopt || adoptable.length === 0 ? [] : [{ ...at, ...describeUnmarked(group, adoptable) }]),
    ...found.unmarked
      .filter(({ kind }) => kind.isNeverAdopted)
      .map((live) => ({
        ...at,
        code: "ownership/neverAdopted",
        message: `${nameOf(live)} has no owner, so the group is skipped; it is never taken over`,
        hint: "delete it, or remove the manifest to leave it alone",
      })),
  ];
}

/** Returns an error for each resource whose name the group is to give: where names are ids, there is no second one. */
export function findNameConflicts(
  { group, kind, place }: Subscription,
  operations: readonly Operation[],
  { live, owner }: { readonly live: readonly LiveResource[]; readonly owner: string },
): Diagnostic[] {
  if (!kind.isNeverAdopted) return [];
  const names = new Set(operations.flatMap(({ action, name }) => (action === "create" ? [name] : [])));
  return live
    .filter((one) => one.kind === kind && one.owner !== owner && one.group !== group && names.has(one.name))
    .map(({ name, owner: its }): Diagnostic => ({
      severity: "error",
      code: "ownership/nameTaken",
      message:
        `group "${group}" is skipped: it is to have a ${kind.noun} "${name}", and there is one that ` +
        `${its === null ? "has no owner" : `is managed by owner "${its}"`}; it is never taken over`,
      hint: "delete it, or use another consumerGroupId",
      ...place,
    }));
}

/** A sentence with more names than this is hard to read. */
const maxNamed = 5;

/** One fault a group, however many of its resources have no owner. */
function describeUnmarked(
  group: string,
  unmarked: readonly LiveResource[],
): Pick<Diagnostic, "code" | "message" | "hint"> {
  const code = "ownership/unmarked";
  const noun = nounOf(unmarked.map(({ kind }) => kind));
  const names = unmarked.slice(0, maxNamed).map(({ name, id }) => `"${name}" (id ${id})`);
  if (unmarked.length === 1) {
    const message = `${noun} ${names.join()} of group "${group}" has no owner, so the group is skipped`;
    return {
      code,
      message,
      hint: "pass --adopt to take it over, or remove the manifest to leave it alone",
    };
  }
  if (unmarked.length > maxNamed) names.push(`${unmarked.length - maxNamed} more`);
  const message =
    `${count(unmarked.length, noun)} of group "${group}" have no owner, so the group is skipped: ` +
    joinWords(names, "and");
  return {
    code,
    message,
    hint: "pass --adopt to take them over, or remove the manifest to leave them alone",
  };
}

/** A resource of a declared group that another owner manages; `which` names it. */
export function describeForeign({
  which,
  owner,
}: {
  readonly which: string;
  readonly owner: string;
}): Pick<Diagnostic, "code" | "message" | "hint"> {
  return {
    code: "ownership/otherOwner",
    message: `${which} is managed by owner "${owner}", so the group is skipped`,
    hint: `use another consumerGroupId; or, if owner "${owner}" shall give the group up, pass --adopt-from ${owner}`,
  };
}
