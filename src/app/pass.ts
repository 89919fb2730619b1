// One pass: read → list → plan → carry out. A dry run is the same pass without the last step.
import type { RecordOptions } from "../apply/on-record.ts";
import { recordInvalid, type RecordedFaults } from "../apply/record-invalid.ts";
import { withoutOwnWrites } from "../apply/without-own-writes.ts";
import { compareWithKept } from "../audit/compare-runs.ts";
import { requireTrail, type CheckedTrail } from "../audit/require-trail.ts";
import { divideByBase, readBase, type BaseOptions } from "./base.ts";
import { carryOut, type CarryOut, type CarryOutPorts } from "./carry-out.ts";
import { kindsOf, listAhead, type ListsAhead } from "./list-kinds.ts";
import type { OlderCommit } from "./find-older.ts";
import { findOrigins } from "./find-origins.ts";
import { readLive, type Known, type LivePorts } from "./live.ts";
import { lookForDrift, type Limit } from "./look-for-drift.ts";
import { makeOrRecall, type HistoryMemory, type PlanMemory } from "./pass-memory.ts";
import { planSurely } from "./plan-surely.ts";
import { makeReplan, type PlanGroup } from "./replan.ts";
import type { RevisionFiles } from "../git/revision-files.ts";
import type { ReadableFiles } from "../lib/files.ts";
import { readDesired, type DesiredMemory, type DesiredSource } from "../manifest/read-desired.ts";
import { hasErrors, type Diagnostic } from "../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import type { Organization } from "../model/organization.ts";
import type { Plan } from "../model/plan.ts";
import { endWithoutPlan, type Ending } from "../model/result.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import { makePlan, type PlanOptions } from "../plan/make-plan.ts";
import { renameGroups } from "../plan/rename-groups.ts";
import { findUnknown, select, type Selection } from "../plan/select.ts";

export interface PassOptions extends RecordOptions {
  readonly dryRun: boolean;
  /** True if drift of unchanged groups is put back even while not every manifest is valid. */
  readonly keepHealing?: boolean;
  readonly desired: DesiredSource;
  readonly selection: Selection;
  /** Whether orphans are deleted whose manifest was removed. */
  readonly pruneRemoved: boolean;
  readonly plan: Omit<
    PlanOptions,
    "groups" | "origins" | "recorded" | "listed" | "unlisted" | "unread" | "unsure"
  >;
  /** The base revision with which a dry run compares its plan; null without one. */
  readonly base: BaseOptions | null;
  /** As in `CarryOut`. */
  readonly olderCommit?: OlderCommit | undefined;
}

/** The daemon keeps this from one pass to the next. */
export interface PassMemory extends DesiredMemory, HistoryMemory, PlanMemory {
  readonly recordedFaults: RecordedFaults;
  /** Null before every manifest was valid for the first time. */
  lastValid: readonly Subscription[] | null;
}

export interface PassPorts extends CarryOutPorts, LivePorts {
  /** Every line of the log holds it too. */
  readonly runId: string;
  /** Opens the files of a commit; called only for orphans of `--prune-removed`. Rejects with ReconcileError. */
  readonly openCommit: (commit: string) => Promise<RevisionFiles>;
  /** Holds the manifests and the catalogue, if they are not on the disk. */
  readonly manifestFiles?: ReadableFiles;
  /** A daemon's; without it, each run records the faults of the manifests, and looks no further than these. */
  readonly memory?: PassMemory;
  /** Called with the error that ended the pass before it had a plan. */
  readonly onError: (error: ReconcileError) => void;
}

/** A plan before it is divided or carried out, and its inputs. A saved plan holds the plan and hashes of its inputs. */
export interface MadePlan {
  readonly plan: Plan;
  readonly desired: readonly Subscription[];
  readonly live: readonly LiveResource[];
  /** Null if the platform tells it nowhere. */
  readonly organization: Organization | null;
}

export interface PassEnding extends Ending {
  /** Null if the pass ended before it had a plan. */
  readonly made: MadePlan | null;
}

interface PassRun extends Omit<CarryOut, "trail"> {
  readonly options: PassOptions;
  readonly ports: PassPorts;
  /** Holds back what the pass must not do; absent if it may do all that it plans. */
  readonly limit?: Limit;
  readonly ahead?: ListsAhead | undefined;
}

/**
 * The pass writes nothing before every manifest is valid; only a daemon's looks for drift meanwhile. An error that ends it
 * early is in its diagnostics.
 */
export async function pass(options: PassOptions, ports: PassPorts): Promise<PassEnding> {
  const { dryRun, olderCommit } = options;
  // Intents that earlier runs left open are reason enough for a run on record: it closes them even if nothing is planned.
  const run = { options, ports, runId: ports.runId, dryRun, settlesOpen: true, olderCommit };
  const { memory } = ports;
  const ahead = mayListAhead(options, ports) ? { lists: new Map(), sinceMs: null } : undefined;
  const desired = await readDesired(options.desired, ports.manifestFiles ?? ports.files, {
    memory,
    onSound:
      ahead &&
      ((kinds) => {
        listAhead(kinds, ahead, ports);
      }),
  });
  if (!desired.ok) {
    const unrecorded = dryRun ? [] : await refuseOnRecord(desired.diagnostics, run);
    const refusal = endEarly([...desired.diagnostics, ...unrecorded]);
    if (!memory) return refusal;
    const isHealing = options.keepHealing === true && !dryRun && !hasErrors(unrecorded);
    const limited = isHealing ? healing(run) : looking(run);
    const { plan, drift, diagnostics } = await lookForDrift(
      { faultless: desired.faultless, lastValid: memory.lastValid, isHealing },
      { ...run, converge: (wanted, limit) => converge(wanted, { ...limited, limit }) },
    );
    return { ...refusal, plan, drift, diagnostics: [...refusal.diagnostics, ...diagnostics] };
  }
  if (memory) {
    memory.recordedFaults.last = null;
    memory.lastValid = desired.value;
  }
  const ending = await converge(desired.value, { ...run, ahead }).catch((error: unknown) => {
    if (!(error instanceof ReconcileError)) throw error;
    ports.onError(error);
    return endEarly([diagnosticOf(error)]);
  });
  return { ...ending, diagnostics: [...desired.diagnostics, ...ending.diagnostics] };
}

/** No platform need be asked for this record: it names the organisation if that is remembered. */
async function refuseOnRecord(
  diagnostics: readonly Diagnostic[],
  run: PassRun,
): Promise<readonly Diagnostic[]> {
  const organization = (await run.ports.organization.recall()) ?? undefined;
  return recordInvalid(diagnostics, { ...run, organization }, run.ports.memory?.recordedFaults);
}

/**
 * A pass over all manifests needs every kind that the first of them name; one over selected groups may not. A daemon does not
 * list ahead, because its conditions tell whether a pass asked the platform.
 */
function mayListAhead({ selection }: PassOptions, { memory }: PassPorts): boolean {
  return !memory && selection.groups === null && selection.labels === null;
}

/** Lists what is live, plans the way from there to what is desired, and carries the plan out. */
async function converge(desired: readonly Subscription[], run: PassRun): Promise<PassEnding> {
  const { options, ports, ahead, limit = (plan: Plan) => plan } = run;
  const { selection, pruneRemoved } = options;
  const { owner } = options.plan;
  const prune = options.plan.prune || pruneRemoved;
  // The trail is checked before anything in it counts: what was live, and which intents are open.
  const trail = await requireTrail({ ...options.audit, dryRun: options.dryRun }, ports.files);
  if (options.dryRun && !ports.memory) await tellOtherRun(options.audit, trail, ports);

  const { groups, scope } = select(desired, selection);
  const baseRead = options.base && (await readBase(options.base));
  // The plan of the base is made from the same listing.
  const others = kindsOf(baseRead?.desired?.ok ? baseRead.desired.value : []);
  const lookingAt = { ...options, trailDigest: trail.digest, trailIndex: trail.index, ahead };
  const found = await readLive({ ...scope, others, prune }, lookingAt, ports);
  const { listed, unlisted, unread } = found;
  const unknown = findUnknown(desired, found.live, { ...selection, owner });
  if (unknown.length > 0) return endEarly(unknown);
  const origins = pruneRemoved ? await findOrigins({ ...found, desired }, options, ports) : undefined;

  // A new plan of one group narrows `groups`, and leaves `within`: the groups whose orphans it may take over.
  const fixed = { ...options.plan, groups, within: groups, origins, listed, unlisted, unread };
  // The pass judges the writes of an earlier run again by what it found by id: the list may have shown an older state.
  const recordsAt = (now: readonly LiveResource[]): Known["recorded"] => withoutOwnWrites(found, now);
  const { plan: whole, live } = await planSurely(
    (now, unsure) => {
      const planOptions = { ...fixed, recorded: recordsAt(now), unsure };
      return makeOrRecall(ports.memory, { desired, live: now, options: planOptions });
    },
    { ...found, doubtful: found.deleted },
    ports,
  );
  const known = { ...found, live, recorded: recordsAt(live) };
  const planning = { ...fixed, recorded: known.recorded };
  const made = limit(whole, { live, planning });
  const { plan, base } = baseRead
    ? divideByBase(made, { ...planning, live }, baseRead)
    : { plan: made, base: null };
  const planGroup: PlanGroup = (group, now, given) => {
    const anew = { ...planning, ...given, groups: new Set([group]) };
    return limit(makePlan(desired, now, anew), { live: now, planning: anew });
  };
  const lastKnown = { ...known, live: renameGroups(live, desired, owner) };
  const replan = makeReplan(planGroup, lastKnown, ports);

  const done = await carryOut({ plan, desired, known, replan }, { ...run, trail });
  const diagnostics = [...trail.diagnostics, ...known.diagnostics, ...done.diagnostics];
  const { isUnapproved } = done;
  return {
    plan: done.plan,
    base,
    isUnapproved,
    made: { plan: made, desired, live, organization: found.organization },
    diagnostics,
  };
}

function looking(run: PassRun): PassRun {
  return {
    ...run,
    dryRun: true,
    olderCommit: undefined,
    options: { ...run.options, dryRun: true, pruneRemoved: false, base: null },
  };
}

/** Open intents of earlier runs are no reason for such a run: the next pass with valid manifests closes them. */
function healing(run: PassRun): PassRun {
  const plan = { ...run.options.plan, prune: false, adopt: false, adoptFrom: undefined };
  const options = { ...run.options, plan, pruneRemoved: false, base: null };
  return { ...run, keptHealing: true, settlesOpen: false, options };
}

function endEarly(diagnostics: readonly Diagnostic[]): PassEnding {
  return { ...endWithoutPlan(diagnostics), made: null };
}

/** Another machine's run, or one that was killed here, may explain what the plan shows. */
async function tellOtherRun(
  { path, copyOf, keptPath, owner }: PassOptions["audit"],
  { index }: Pick<CheckedTrail, "index">,
  { files, log, organization }: Pick<PassPorts, "files" | "log" | "organization">,
): Promise<void> {
  // With a shared store it is as usual that another machine ran last.
  if (copyOf !== undefined) return;
  const difference = await compareWithKept(files, {
    ...{ trail: path, kept: keptPath, index },
    whose: { owner, organization: (await organization.recall())?.id ?? null },
  });
  if (difference !== null) log("warn", difference);
}
