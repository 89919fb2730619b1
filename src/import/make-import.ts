// Makes the missing manifests of live resources, and describes what a plan with --adopt would then change.
import { compareText } from "../lib/compare.ts";
import { count } from "../lib/count.ts";
import { makeSubscriptions } from "../manifest/validate.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { Orphan, Plan } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import { nounOf } from "../model/kind.ts";
import type { LiveResource } from "../model/resource.ts";
import { makePlan } from "../plan/make-plan.ts";
import { pairResources, type GroupResources } from "../plan/pair.ts";
import { draftManifest, type Taken } from "./draft-manifest.ts";
import { findInexpressible, listNames, nameResource } from "./express.ts";
import type {
  GroupImport,
  Import,
  ImportedManifest,
  ImportOptions,
  ImportSource,
  LeftAlone,
  RefusedGroup,
} from "./imported.ts";
import { leaveOutShared } from "../plan/find-shared.ts";
import { refreshGroup } from "./refresh-group.ts";
import { renameGroups } from "../plan/rename-groups.ts";
import { findUnreadOf } from "../plan/unread.ts";

/** Synchronous, total and deterministic: the order of the live resources does not matter. */
export function makeImport(source: ImportSource, options: ImportOptions): Import {
  const { live, desired } = source;
  const inScope = (group: string): boolean => options.groups?.includes(group) ?? true;
  const own = leaveOutShared(renameGroups(live, desired, options.plan.owner), options.plan);
  const { byGroup, leftAlone } = sortOut(own, options);
  const known = new Map(desired.map((subscription) => [subscription.group, subscription]));
  const taken = takenBy(source);
  const files = new Map<string, string>();
  const manifests: ImportedManifest[] = [];
  const refused: RefusedGroup[] = [];
  const subscriptions: Subscription[] = [];
  let covered = 0;
  for (const [group, found] of inTurn(byGroup, known)) {
    const webhooks = [...found.owned, ...found.unmarked];
    const current = known.get(group);
    if (!inScope(group) || webhooks.length === 0) continue;
    if (current && !options.update) {
      covered += webhooks.length;
      continue;
    }
    const made = importGroup({ group, found, current }, { source, options, taken, files });
    if (!made.ok) {
      refused.push({ group, webhooks, reasons: made.reasons });
      continue;
    }
    if (made.text !== null) files.set(made.manifest.file, made.text);
    manifests.push({ ...made.manifest, webhooks });
    subscriptions.push(made.subscription);
  }
  const groups = new Set(manifests.map(({ group }) => group));
  const others = desired.filter(({ group }) => !groups.has(group));
  const plan = makePlan([...others, ...subscriptions], live, {
    ...options.plan,
    adopt: true,
    groups,
    within: groups,
  });
  return {
    manifests: manifests
      .map((manifest) => ({ ...manifest, notes: [...manifest.notes, ...describePlan(manifest, plan)] }))
      .sort((a, b) => compareText(a.group, b.group)),
    files,
    refused: refused.sort((a, b) => compareText(a.group, b.group)),
    leftAlone,
    covered,
    noun: nounOf(live.map(({ kind }) => kind)),
    // No manifest declares what was refused, so the next plan shows these resources as orphans.
    plan: { ...plan, orphans: listOrphans(refused, { known, owner: options.plan.owner }) },
    diagnostics: warningsOf(files, options),
  };
}

function listOrphans(
  refused: readonly RefusedGroup[],
  { known, owner }: { readonly known: ReadonlyMap<string, Subscription>; readonly owner: string },
): readonly Orphan[] {
  return refused
    .filter(({ group }) => !known.has(group))
    .flatMap(({ group, webhooks }) =>
      webhooks
        .filter((live) => live.owner === owner)
        .map(({ id, endpoint }) => ({ webhookId: id, group, endpoint })),
    );
}

/** Sorts the resources by group, and finds those that no manifest of this owner can declare. */
function sortOut(
  live: readonly LiveResource[],
  { groups, plan: { owner } }: ImportOptions,
): { readonly byGroup: ReadonlyMap<string, GroupResources>; readonly leftAlone: readonly LeftAlone[] } {
  const leftAlone: LeftAlone[] = [];
  const named = new Set<string>();
  for (const resource of live) {
    const { group, owner: marked } = resource;
    if (group !== null) named.add(group);
    if (groups && !groups.some((wanted) => wanted === group)) continue;
    if (group === null) leftAlone.push({ webhook: resource, reason: namesNoGroup(resource) });
    else if (marked !== null && marked !== owner)
      leftAlone.push({ webhook: resource, reason: `owner "${marked}" manages it` });
    else if (isNobodys(resource)) {
      const reason = `it names no owner, and ${resource.kind.nouns} without one are never taken over`;
      leftAlone.push({ webhook: resource, reason });
    }
  }
  leftAlone.sort(
    (a, b) => compareText(a.webhook.name, b.webhook.name) || compareText(a.webhook.id, b.webhook.id),
  );
  const pairable = live.filter((resource) => !isNobodys(resource));
  return { byGroup: pairResources(pairable, named, owner).byGroup, leftAlone };
}

function isNobodys({ owner, kind }: LiveResource): boolean {
  return owner === null && kind.isNeverAdopted === true;
}

function namesNoGroup({ kind: { markedIn } }: LiveResource): string {
  const which = markedIn === "notes" ? "its notes name" : "its description names";
  return `${which} no group: no "Consumer group: …" in ${markedIn === "notes" ? "them" : "it"}`;
}

/**
 * Puts groups that can keep their own name first. Manifests of one file come in reverse order, so that rewriting one
 * does not shift the places of those before it.
 */
function inTurn(
  byGroup: ReadonlyMap<string, GroupResources>,
  known: ReadonlyMap<string, Subscription>,
): readonly (readonly [string, GroupResources])[] {
  const rank = (group: string): number => (/^[a-z0-9-]+$/.test(group) ? 0 : 1);
  const lineOf = (group: string): number => known.get(group)?.place.line ?? 0;
  return [...byGroup].sort(([a], [b]) => lineOf(b) - lineOf(a) || rank(a) - rank(b) || compareText(a, b));
}

function takenBy({ desired, entries }: ImportSource): Taken {
  return {
    names: new Set(desired.map(({ name }) => name)),
    stateFiles: new Map(
      desired.flatMap(({ offsetTracking: { stateFile }, group }) =>
        stateFile === null ? [] : [[stateFile, group] as const],
      ),
    ),
    // On some disks, two names that differ only in case are one file.
    entries: new Set(entries.map((entry) => entry.toLowerCase())),
  };
}

function importGroup(
  {
    group,
    found,
    current,
  }: {
    readonly group: string;
    readonly found: GroupResources;
    readonly current: Subscription | undefined;
  },
  context: {
    readonly source: ImportSource;
    readonly options: ImportOptions;
    readonly taken: Taken;
    readonly files: ReadonlyMap<string, string>;
  },
): GroupImport {
  const { source, options, taken, files } = context;
  const [foreign] = found.foreign;
  if (foreign) {
    const fault = `a group has one owner, but owner "${foreign.owner}" manages ${nameResource(foreign.live)} of it`;
    const hint =
      "remove the marker (the last field) from that description, or give the others another group";
    return { ok: false, reasons: [`${fault}; ${hint}`] };
  }
  const unread = findUnreadOf({ group, changes: [] }, options.plan);
  if (unread) return { ok: false, reasons: [`${unread.message}; ${unread.hint}`] };
  const live = [...found.owned, ...found.unmarked];
  const inexpressible = findInexpressible(live);
  if (inexpressible !== null) return { ok: false, reasons: [inexpressible] };
  if (!current) return draftManifest({ group, live }, options, taken);
  const { file } = current.place;
  const text = files.get(file) ?? source.texts.get(file) ?? "";
  return refreshGroup({ current, live, text }, options);
}

/** Describes what a plan with --adopt would do to the group, beside writing its marker. */
function describePlan({ group }: ImportedManifest, plan: Plan): readonly string[] {
  const planned = plan.groups.find((other) => other.group === group);
  const [first] = planned?.moves ?? [];
  const duplicates = plan.operations.filter(
    ({ action, group: other, before, endpoint }) =>
      action === "delete" &&
      other === group &&
      before?.state === planned?.state &&
      planned?.endpoints.some(({ url }) => sameEndpoint(url, endpoint)),
  );
  const names = duplicates.map(({ name, webhookId }) => nameResource({ name, id: webhookId ?? "" }));
  const are = `${names.length === 1 ? "is a duplicate" : "are duplicates"} at an endpoint that is served already`;
  return [
    ...(names.length > 0
      ? [`${listNames(names)} ${are}: --adopt deletes ${names.length === 1 ? "it" : "them"} last`]
      : []),
    ...(planned && first
      ? [`--adopt moves ${count(planned.moves.length, "event type")}, without a gap: ${first.reason}`]
      : []),
  ];
}

function warningsOf(files: ReadonlyMap<string, string>, { rules }: ImportOptions): readonly Diagnostic[] {
  const written = [...files].sort(([a], [b]) => compareText(a, b));
  return makeSubscriptions(
    written.map(([file, text]) => ({ file, text })),
    rules,
  ).diagnostics;
}
