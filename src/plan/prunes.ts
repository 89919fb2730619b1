// Plans the deletes of orphans: all of them (`--prune`), or those whose manifest was removed (`--prune-removed`).
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { nounOf } from "../model/kind.ts";
import { isPlanned, type Operation } from "../model/plan.ts";
import type { LiveResource } from "../model/resource.ts";
import type { Subscription } from "../model/subscription.ts";
import { holdPrunes } from "./freeze.ts";
import { guardPrunes, type Guarded, type Owned } from "./guard.ts";
import { makeOperation } from "./make-operation.ts";
import type { Pairing } from "./pair.ts";

/** What the trail and Git tell of the manifest that an orphan was last written from. */
export type Origin =
  /** The present commit has its commit among its ancestors, and none of its manifests declares the group. */
  | { readonly code: "removed" }
  /** A file of the present commit declares the group, and is not among the manifests of this config. */
  | { readonly code: "stillDeclared"; readonly file: string; readonly present: string }
  /** Git does not show the manifest: it is in a submodule of the present commit, or missing in the one that it was written from. */
  | {
      readonly code: "unseen";
      readonly file: string;
      readonly commit: string;
      readonly why: "submodule" | "missing";
    }
  /** Its commit is no ancestor of the present one. */
  | { readonly code: "noAncestor"; readonly commit: string; readonly present: string }
  /** The manifests differ from the present commit, so no commit may have removed the orphan's. */
  | { readonly code: "uncommitted"; readonly present: string }
  /** A shallow clone lacks the history. */
  | { readonly code: "cutOff"; readonly commit: string }
  /** Git does not name the present commit, or does not answer. */
  | { readonly code: "noAnswer" };

export interface PruneOptions {
  /** Whether every orphan is deleted. */
  readonly prune: boolean;
  /** By id, with `--prune-removed`: the orphans that a sync or an apply wrote from a clean commit. */
  readonly origins?: ReadonlyMap<string, Origin> | undefined;
}

/** Whether the flags have this orphan deleted. */
export function isToPrune(id: string, { prune, origins }: PruneOptions): boolean {
  return prune || origins?.get(id)?.code === "removed";
}

interface AllPruneOptions extends PruneOptions {
  readonly owner: string;
  readonly createOnly: boolean;
  readonly maxDeletePercent: number;
  readonly allowDeletes: boolean;
}

/** Prunes come after every operation of the declared groups, `operations`. */
export function planPrunes(
  orphans: Pairing["orphans"],
  rest: {
    readonly operations: readonly Operation[];
    readonly scope: readonly Subscription[];
    readonly owned: Owned;
  },
  options: AllPruneOptions,
): Guarded {
  const { operations, scope, owned } = rest;
  const { owner, createOnly } = options;
  const phase = 1 + operations.reduce((last, operation) => Math.max(last, operation.phase), 0);
  const wanted = orphans
    .filter(({ live }) => isToPrune(live.id, options))
    .map(({ group, live }) => pruneOf(live, { group, phase, owner }));
  const { prunes, diagnostics } = guardPrunes(wanted, owned, options);
  const waiting = scope.find((subscription) => subscription.createOnly !== null)?.group;
  const heldGroup = operations.find((operation) => operation.frozen)?.group ?? waiting ?? null;
  return {
    prunes: holdPrunes(prunes, heldGroup, createOnly),
    diagnostics: [...diagnostics, ...(options.prune ? [] : describeKept(orphans, options))],
  };
}

/** Returns the orphans that nothing of this plan deletes or takes over, whether its groups are in scope or not. */
export function findStaying(
  orphans: Pairing["orphans"],
  prunes: readonly Operation[],
  takenOver: ReadonlySet<string>,
): Pairing["orphans"] {
  const deleted = new Set(prunes.filter(isPlanned).map(({ webhookId }) => webhookId));
  return orphans.filter(({ live: { id } }) => !deleted.has(id) && !takenOver.has(id));
}

function pruneOf(
  live: LiveResource,
  about: Pick<Operation, "group" | "phase"> & { readonly owner: string },
): Operation {
  const cause = { code: "groupHasNoManifest" } as const;
  return makeOperation({ before: live, after: null }, { ...about, kind: live.kind, cause });
}

/** Says why `--prune-removed` keeps orphans although a sync or an apply wrote them from a clean commit. */
function describeKept(
  orphans: Pairing["orphans"],
  { origins = new Map<string, Origin>() }: PruneOptions,
): readonly Diagnostic[] {
  const kept = orphans.flatMap(({ group, live }) => {
    const origin = origins.get(live.id);
    return origin === undefined || origin.code === "removed" ? [] : [{ group, live, origin }];
  });
  // Nothing tells one orphan from another where Git does not tell, so these are one diagnostic whatever their groups.
  const alike = groupBy(kept, ({ group, origin }) =>
    ofOneGroup.has(origin.code) ? JSON.stringify([group, origin]) : origin.code,
  );
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const noun = nounOf([first, ...others].map(({ live }) => live.kind));
    return [describeOrigin(first.origin, { number: count(1 + others.length, noun), group: first.group })];
  });
}

/** The codes whose messages name the group. */
const ofOneGroup: ReadonlySet<Origin["code"]> = new Set(["stillDeclared", "unseen", "noAncestor"]);

function describeOrigin(
  origin: Exclude<Origin, { readonly code: "removed" }>,
  { number, group }: { readonly number: string; readonly group: string },
): Diagnostic {
  switch (origin.code) {
    case "stillDeclared":
      return {
        ...{
          severity: "warning",
          code: "pruneRemoved/stillDeclared",
          ...{ file: origin.file, line: 1, column: 1 },
        },
        message:
          `--prune-removed leaves ${number} of group "${group}": at commit ${shortOf(origin.present)} ${origin.file} ` +
          "declares the group, and this config does not read that file",
        hint: `if another config reads it, give each config an owner of its own; if none does, pass --prune --group ${group} to delete what is left of the group`,
      };
    case "unseen": {
      const place = `commit ${shortOf(origin.commit)}`;
      return {
        ...{ severity: "warning", code: "pruneRemoved/unseen", ...nowhere },
        message:
          `--prune-removed leaves ${number} of group "${group}", which has no manifest: ${origin.file}, from which ` +
          `reconcile last wrote it, ${origin.why === "submodule" ? `is in a submodule at ${place}` : `is not in ${place} as seen from this folder`}`,
        hint: `if no config declares the group any more, pass --prune --group ${group} to delete what is left of it`,
      };
    }
    case "noAncestor":
      return {
        ...{ severity: "warning", code: "pruneRemoved/noAncestor", ...nowhere },
        message:
          `--prune-removed leaves ${number} of group "${group}", which has no manifest: commit ` +
          `${shortOf(origin.commit)}, from which reconcile last wrote it, is no ancestor of the present commit ${shortOf(origin.present)}`,
        hint: "if this branch is behind, bring it up to date; if that commit was never merged, pass --prune to delete what is left of it",
      };
    case "uncommitted":
      return {
        ...{ severity: "warning", code: "pruneRemoved/uncommitted", ...nowhere },
        message:
          `--prune-removed leaves ${number} without a manifest: the manifests differ from commit ` +
          `${shortOf(origin.present)}, and only what a commit removes is deleted`,
        hint: "commit the removal, and run it again",
      };
    case "cutOff":
      return {
        ...{ severity: "error", code: "pruneRemoved/shallow", ...nowhere },
        message:
          `--prune-removed cannot tell whether the manifests of ${number} were removed: this clone is shallow, and ` +
          `lacks the history between commit ${shortOf(origin.commit)} and the present one`,
        hint: "check out with fetch-depth: 0, or run `git fetch --unshallow`",
      };
    case "noAnswer":
      return {
        ...{ severity: "error", code: "pruneRemoved/noCommit", ...nowhere },
        message: `--prune-removed cannot tell whether the manifests of ${number} were removed: Git does not tell which manifests the present commit has`,
        hint: "run it in the Git repository of the manifests, with git installed; or delete by name: `reconcile --prune --group NAME`",
      };
  }
}

function shortOf(commit: string): string {
  return commit.slice(0, 12);
}
