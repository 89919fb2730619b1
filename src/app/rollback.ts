// Rolls a run back: read → list → plan its inverse → carry out. It also tells which manifests in Git must follow.
import { findCreated, judgeWrite } from "../apply/judge.ts";
import type { RecordOptions } from "../apply/on-record.ts";
import type { OpenIntent } from "../audit/open-intent.ts";
import { requireTrail } from "../audit/require-trail.ts";
import type { Run } from "../audit/read-run.ts";
import { carryOut } from "./carry-out.ts";
import { readLive, type Known } from "./live.ts";
import { correct, lookUp } from "./look-up.ts";
import { describeGit } from "./follow-in-git.ts";
import { describeOwners } from "./follow-owners.ts";
import { checkManifests, findManifests, isUndone, writeManifests } from "./manifests-of-run.ts";
import { findMisfits } from "../manifest/find-misfits.ts";
import { readManifests } from "../manifest/read.ts";
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import { hasErrors, nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Plan } from "../model/plan.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import { endWithoutPlan, type Ending } from "../model/result.ts";
import type { RunChange } from "../model/run-changes.ts";
import type { LiveResource } from "../model/resource.ts";
import type { PassPorts } from "./pass.ts";
import type { Doubt } from "../plan/find-doubts.ts";
import { invertRun, type InvertOptions } from "../plan/invert.ts";
import { ofOther, readRunToTakeBack, type RunChoice, type RunToTakeBack } from "./run-to-take-back.ts";
import type { WorkingTree } from "../git/working-tree.ts";

export interface RollbackOptions extends RecordOptions, Omit<RunChoice, "findOrganization"> {
  /** The current manifests, which declare the groups that are frozen. */
  readonly desired: DesiredSource;
  readonly plan: Omit<InvertOptions, "freezes" | "unread">;
}

/** Where Git holds the manifests that the run came from. */
export interface ManifestsInGit {
  readonly workingTree: () => Promise<WorkingTree>;
  readonly folder: string;
  /** Whether the rollback puts them as they were before the run. */
  readonly writes: boolean;
}

/**
 * A rollback is a run of its own in the trail, so it can itself be rolled back. Throws ReconcileError if the trail has no
 * such run, if its records are not sound, or if nothing can be recorded.
 */
export async function rollBack(
  options: RollbackOptions,
  ports: PassPorts,
  git: ManifestsInGit,
): Promise<Ending> {
  const { find, confirm } = ports.organization;
  const choice = { ...options, findOrganization: options.dryRun ? find : confirm };
  const source = await readRunToTakeBack(choice, { files: ports.files, kinds: options.plan.kinds });
  const trail = await requireTrail({ ...options.audit, dryRun: options.dryRun }, ports.files);
  const { run } = source;
  const known = await listWritten(run, options, ports);
  if (run.belonging === "older" && !known.older.count)
    throw ofOther(run, { organization: known.organization, owner: options.audit.owner });
  const { plan, notes } = await planInverse(source, known, { options, ports });
  const doubts = source.doubts.length > 0 ? source.doubts : trail.diagnostics;
  const found = [...doubts, ...known.diagnostics, ...notes];

  const tree = await git.workingTree();
  const manifests = await findManifests(run, plan, tree);
  const unwritable = git.writes ? await checkManifests(manifests, git.folder, tree) : [];
  if (hasErrors(unwritable)) return endWithoutPlan([...found, ...unwritable]);

  const { commit } = manifests;
  const provenance: PassPorts["provenance"] = async () => ({ ...(await ports.provenance()), commit });
  const desired = plan.groups.filter(({ group }) => run.sources.has(group));
  const done = await carryOut(
    { plan, desired, known, replan: null },
    {
      ...{ trail, options, ports: { ...ports, provenance }, runId: ports.runId, rollbackOf: run.runId },
      ...{ dryRun: options.dryRun, settlesOpen: false },
    },
  );

  if (done.isUnapproved) return { ...done, base: null, diagnostics: [...found, ...done.diagnostics] };
  const { operations, groups } = done.plan;
  const writes = git.writes && !options.dryRun;
  const rolledBack = {
    ...{ manifests, operations, groups, files: ports.files, tree, desired: options.desired },
    ...{ folder: git.folder, willWrite: git.writes && options.dryRun },
  };
  const follows = writes
    ? await writeManifests(manifests, operations, tree)
    : await describeGit(run, rolledBack);
  const owners = await describeOwners(run, rolledBack);
  const misfits = writes ? await listMisfits(done.plan, options.desired, ports.files) : [];
  const isOff = operations.length > 0 && operations.every(isUndone);
  const told = run.hasChanged && !isOff ? [...follows, ...owners, ...misfits] : [];
  return { plan: done.plan, base: null, diagnostics: [...found, ...done.diagnostics, ...told] };
}

/** Git brings manifests back as they were, and not the values of the config that were put into them. */
async function listMisfits(
  { groups }: Plan,
  { manifests, ignore = [], values }: DesiredSource,
  files: PassPorts["files"],
): Promise<readonly Diagnostic[]> {
  const live = new Map(groups.map(({ group, endpoints }) => [group, endpoints.map(({ url }) => url)]));
  const { texts } = await readManifests(manifests, files, { allowEmpty: true, ignore });
  return texts.flatMap((text) => findMisfits(text, values, (group) => live.get(group)));
}

/**
 * Lists the kinds that the run wrote. Throws if one of them is unlisted, because nothing then shows whether its resources
 * are as the run left them.
 */
async function listWritten(run: Run, options: RollbackOptions, ports: PassPorts): Promise<Known> {
  const needed = kindsIn(run, options.plan.kinds);
  const about = { needed, others: new Set<Kind>(), prune: false, groups: null };
  const known = await readLive(about, options, ports);
  const doubts = findWrittenDoubts(run, known, options.plan.kinds);
  const { found, failed } = await lookUp(doubts, known);
  if (failed[0]) throw failed[0][1];
  const shared = new Set([...needed].map((kind) => kind.shared?.kind));
  const [refusal] = [...known.unlisted].filter(([kind]) => needed.has(kind) || shared.has(kind));
  if (refusal) throw refusal[1];
  return { ...known, live: correct(known.live, { found }) };
}

/** The resources of the run that the list shows otherwise than they are on record, which they are if the list lags. */
function findWrittenDoubts(
  { changes, open }: Run,
  { recorded, deleted, open: openNow }: Known,
  kinds: Kinds,
): readonly Doubt[] {
  const unsettled = new Set(openNow.map(({ webhookId }) => webhookId));
  const isDoubtful = (id: string): boolean => recorded.has(id) || deleted.has(id) || unsettled.has(id);
  const doubtful = [...changes.filter(({ webhookId }) => isDoubtful(webhookId)), ...open];
  const doubts = doubtful.flatMap(({ webhookId: id, group, before, after }): Doubt[] => {
    const document = after ?? before;
    return id === null || !document ? [] : [{ id, kind: kinds.of(document), name: document.name, group }];
  });
  return [...new Map(doubts.map((doubt) => [doubt.id, doubt])).values()];
}

/** The kinds of all resources that the run wrote, or may have written. */
function kindsIn({ changes, open }: Run, kinds: Kinds): ReadonlySet<Kind> {
  const documents = [...changes, ...open].flatMap(({ before, after }) =>
    [before ?? [], after ?? []].flat(),
  );
  return new Set(documents.map(kinds.of));
}

async function planInverse(
  { run }: RunToTakeBack,
  { live, listed, unread: unreadResources }: Known,
  { options, ports }: { readonly options: RollbackOptions; readonly ports: PassPorts },
): Promise<{ readonly plan: Plan; readonly notes: readonly Diagnostic[] }> {
  const seen = judgeOpen(run.open, live);
  const places = new Map(
    [...run.sources].map(([group, { file, line }]) => [group, { file, line, column: 1 }]),
  );
  const inTrail = { ...run.place, column: 1 };
  const changes = [...run.changes, ...seen.changes];
  for (const { group } of [...changes, ...run.open])
    if (group !== null && !places.has(group)) places.set(group, inTrail);
  const { runId, later } = run;
  const { freezes, unread } = await readFreezes(options.desired, ports);
  const inverse = { runId, changes, later, unclear: seen.unclear, places };
  const plan = invertRun(inverse, live, { ...options.plan, freezes, listed, unread: unreadResources });
  const isOfGroups = changes.some(({ group }) => group !== null);
  return { plan, notes: [...(!isOfGroups ? [nothingToDo(run)] : []), ...unread] };
}

/** Judges by what is live now what came of the run's open intents. */
function judgeOpen(
  open: readonly OpenIntent[],
  live: readonly LiveResource[],
): { readonly changes: readonly RunChange[]; readonly unclear: ReadonlyMap<string, string> } {
  const changes: RunChange[] = [];
  const unclear = new Map<string, string>();
  for (const intent of open) {
    const { operation: action, webhookId, group, before, after } = intent;
    const found =
      webhookId === null ? findCreated(intent, live) : (live.find(({ id }) => id === webhookId) ?? null);
    const seen = judgeWrite({ ...intent, action }, found, "that all is said");
    if (seen.state === "done" && seen.webhookId !== null)
      changes.push({ webhookId: seen.webhookId, group, before, after });
    if (seen.state === "changed" && group !== null) {
      const name = (after ?? before)?.name ?? "";
      unclear.set(
        group,
        `it is not known whether the run's ${action} of "${name}" took effect: ${seen.how}`,
      );
    }
  }
  return { changes, unclear };
}

/** Invalid manifests do not stop a rollback, because a rollback may be the way back to valid ones. */
async function readFreezes(
  source: DesiredSource,
  { files }: Pick<PassPorts, "files">,
): Promise<Pick<InvertOptions, "freezes"> & { readonly unread: readonly Diagnostic[] }> {
  const desired = await readDesired(source, files);
  if (desired.ok) {
    const frozen = desired.value.flatMap(({ group, freeze }) =>
      freeze === null ? [] : [[group, freeze] as const],
    );
    return { freezes: new Map(frozen), unread: [] };
  }
  const [first] = desired.diagnostics.filter(({ severity }) => severity === "error");
  if (!first || first.code === "folder/missing") return { freezes: new Map(), unread: [] };
  const message = `the current manifests are invalid, so it is not known which groups they freeze: ${first.message}`;
  const hint = "if a group is frozen, mend the manifests first: `reconcile validate` shows each fault";
  const { file, line, column } = first;
  const unread = {
    ...{ severity: "warning" as const, code: "rollback/freezesUnknown", message, hint },
    ...{ file, line, column },
  };
  return { freezes: new Map(), unread: [unread] };
}

function nothingToDo({ runId }: Run): Diagnostic {
  const message = `run ${runId} changed nothing that could be rolled back`;
  return { severity: "warning", code: "rollback/nothing", message, hint: null, ...nowhere };
}
