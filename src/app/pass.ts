// One pass: read → list → plan → carry out. A dry run is the same pass without the last step.
import type { Replan } from "../apply/apply-plan.ts";
import { recordInvalid, type RecordOptions, type RecordPorts } from "../apply/on-record.ts";
import { divideByBase, readBase, type BaseOptions, type ReadBase } from "./base.ts";
import { carryOut } from "./carry-out.ts";
import { kindsOf } from "./list-kinds.ts";
import { readLive, type PassScope, type LivePorts } from "./live.ts";
import type { ReadableFiles } from "../lib/files.ts";
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { endWithoutPlan, type Ending } from "../model/result.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import { makePlan, type PlanOptions } from "../plan/make-plan.ts";
import { preselect, selectGroups, type Selection } from "../plan/select.ts";

export interface PassOptions extends RecordOptions {
  readonly dryRun: boolean;
  readonly desired: DesiredSource;
  readonly selection: Selection;
  readonly plan: Omit<PlanOptions, "groups" | "recorded" | "listed" | "unlisted">;
  /** The base revision with which a dry run compares its plan; null without one. */
  readonly base: BaseOptions | null;
}

export interface PassPorts extends RecordPorts, LivePorts {
  /** Every line of the log holds it too. */
  readonly runId: string;
  /** Holds the manifests and the catalogue, if they are not on the disk. */
  readonly manifestFiles?: ReadableFiles;
  /** Called with the error that ended the pass before it had a plan. */
  readonly onError: (error: ReconcileError) => void;
}

/** A plan before it is divided or carried out, and its inputs. A saved plan holds the plan and hashes of its inputs. */
export interface MadePlan {
  readonly plan: Plan;
  readonly desired: readonly Subscription[];
  readonly live: readonly LiveResource[];
}

export interface PassEnding extends Ending {
  /** Null if the pass ended before it had a plan. */
  readonly made: MadePlan | null;
}

/** The pass asks the platform nothing before every manifest is valid. An error that ends it early is in its diagnostics. */
export async function pass(options: PassOptions, ports: PassPorts): Promise<PassEnding> {
  const desired = await readDesired(options.desired, ports.manifestFiles ?? ports.files);
  if (!desired.ok) {
    const run = { options, ports, runId: ports.runId };
    const unrecorded = options.dryRun ? [] : await recordInvalid(desired.diagnostics, run);
    return endEarly([...desired.diagnostics, ...unrecorded]);
  }
  const ending = await converge(desired.value, options, ports).catch((error: unknown) => {
    if (!(error instanceof ReconcileError)) throw error;
    ports.onError(error);
    return endEarly([diagnosticOf(error)]);
  });
  return { ...ending, diagnostics: [...desired.diagnostics, ...ending.diagnostics] };
}

/** Lists what is live, plans the way from there to what is desired, and carries the plan out. */
async function converge(
  desired: readonly Subscription[],
  options: PassOptions,
  ports: PassPorts,
): Promise<PassEnding> {
  const baseRead = options.base && (await readBase(options.base));
  const known = await readLive(scopeOf(desired, options, baseRead), options, ports);

  const { live, recorded, listed, unlisted } = known;
  const groups = selectGroups(desired, live, { ...options.selection, owner: options.plan.owner });
  if (!groups.ok) return endEarly(groups.diagnostics);
  const planning = {
    ...options.plan,
    ...{ groups: groups.value, within: groups.value },
    ...{ recorded, listed, unlisted },
  };
  const made = makePlan(desired, live, planning);
  const { plan, base } = baseRead
    ? divideByBase(made, { ...planning, live }, baseRead)
    : { plan: made, base: null };

  const replan: Replan = (group, now, written) => {
    const then = new Map([...recorded, ...written]);
    return makePlan(desired, now, { ...planning, groups: new Set([group]), recorded: then });
  };
  const { dryRun } = options;
  const run = { options, ports, runId: ports.runId, dryRun, settlesOpen: true };
  const done = await carryOut({ plan, desired, known, replan }, run);
  return {
    plan: done.plan,
    base,
    made: { plan: made, desired, live },
    diagnostics: [...known.diagnostics, ...done.diagnostics],
  };
}

function endEarly(diagnostics: readonly Diagnostic[]): PassEnding {
  return { ...endWithoutPlan(diagnostics), made: null };
}

/** The pass lists the kinds that its own groups' manifests name, and those that the base names. */
function scopeOf(
  desired: readonly Subscription[],
  { selection, plan: { prune } }: PassOptions,
  base: ReadBase | null,
): PassScope {
  const chosen = preselect(desired, selection);
  const isAll = !selection.groups && !selection.labels;
  return {
    needed: kindsOf(chosen),
    others: kindsOf(base?.desired?.ok ? base.desired.value : []),
    prune,
    groups: isAll ? null : new Set([...(selection.groups ?? []), ...chosen.map(({ group }) => group)]),
  };
}
