// Applies a saved plan: read → list → compare with what the plan was made from → plan again → carry out.
import type { RecordOptions } from "../apply/on-record.ts";
import { findRunStart } from "../audit/find-run.ts";
import { requireTrail, type CheckedTrail } from "../audit/require-trail.ts";
import { carryOut } from "./carry-out.ts";
import { count } from "../lib/count.ts";
import type { OlderCommit } from "./find-older.ts";
import { findOrigins } from "./find-origins.ts";
import { readLive, type PassScope, type Known } from "./live.ts";
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Kinds } from "../model/kind.ts";
import { sayOrganization } from "../model/organization.ts";
import { allOperations, tellPlan, type Plan, type ToldPlan } from "../model/plan.ts";
import { endWithoutPlan, type Ending } from "../model/result.ts";
import type { SavedPlan } from "../model/saved-plan.ts";
import type { Subscription } from "../model/subscription.ts";
import type { PassPorts } from "./pass.ts";
import { planSurely } from "./plan-surely.ts";
import type { Unsure } from "../plan/conflicts.ts";
import { findConcerned, findDifferences, fingerprint, makeFingerprints } from "../plan/fingerprints.ts";
import { makePlan, type PlanOptions } from "../plan/make-plan.ts";
import { findUnknown, select, type Selection } from "../plan/select.ts";

export interface SavedPlanOptions extends RecordOptions {
  /** The saved plan's file, for messages. */
  readonly file: string;
  readonly desired: Omit<DesiredSource, "allowEmpty">;
  /** As in `CarryOut`. */
  readonly olderCommit: OlderCommit | undefined;
  /** The current policies of this installation: a file cannot bring its own. */
  readonly plan: Pick<PlanOptions, "kinds" | "owner" | "limits" | "maxDeletePercent">;
}

interface Application {
  readonly trail: CheckedTrail;
  readonly saved: SavedPlan;
  readonly options: SavedPlanOptions;
  readonly ports: PassPorts;
}

/**
 * Applies exactly the plan, or reports why it does not. It plans again and sends only what this new plan holds; the file
 * only has to hold the same plan, so a forged file has no effect. Throws ReconcileError if the platform or the disk fails.
 */
export async function applySavedPlan(
  saved: SavedPlan,
  options: SavedPlanOptions,
  ports: PassPorts,
): Promise<Ending> {
  const trail = await requireTrail({ ...options.audit, dryRun: false }, ports.files);
  const ending = await check({ trail, saved, options, ports });
  const diagnostics = [...trail.diagnostics, ...ending.diagnostics];
  return { ...ending, diagnostics, runId: saved.runId };
}

async function check(application: Application): Promise<Ending> {
  const { saved, options, ports } = application;
  const elsewhere = await findElsewhere(application);
  const refusals = elsewhere.length > 0 ? elsewhere : await findApplied(application);
  if (refusals.length > 0) return endWithoutPlan(refusals);
  const { allowEmpty } = saved.overrides;
  const desired = await readDesired({ ...options.desired, allowEmpty }, ports.files);
  if (!desired.ok) return endWithoutPlan(desired.diagnostics);
  const ending = await compareAndApply(desired.value, application);
  return { ...ending, diagnostics: [...desired.diagnostics, ...ending.diagnostics] };
}

async function findElsewhere({ saved, options, ports }: Application): Promise<readonly Diagnostic[]> {
  const { environment } = options.audit;
  const { owner } = options.plan;
  const other = (what: string, its: string, here: string): Diagnostic =>
    problem(
      "plan/otherTarget",
      `${options.file} is for ${what} "${its}", and this is ${what} "${here}"`,
      `apply it where ${what} is "${its}", or make a new plan here`,
    );
  if (saved.environment === environment && saved.owner === owner && saved.organization) {
    const here = await ports.organization.find();
    // The platform did not tell this client the organisation: the plan is compared with what is live all the same.
    if (here === null || here.id === saved.organization.id) return [];
    return [other("organisation", sayOrganization(saved.organization), sayOrganization(here))];
  }
  return [
    ...(saved.environment === environment ? [] : [other("environment", saved.environment, environment)]),
    ...(saved.owner === owner ? [] : [other("owner", saved.owner, owner)]),
  ];
}

async function findApplied({ saved, options, ports }: Application): Promise<readonly Diagnostic[]> {
  const startedAt = await findRunStart(ports.files, options.audit.path, saved.runId);
  if (startedAt === null) return [];
  const message = `${options.file} was already applied, on ${startedAt}: a saved plan can be applied only once`;
  const hint = `\`reconcile audit log --run ${saved.runId}\` shows what it did; if something is left to do, make a new plan (in GitHub Actions by "Re-run all jobs", because "Re-run failed jobs" takes this plan again)`;
  return [problem("plan/appliedAlready", message, hint)];
}

async function compareAndApply(
  desired: readonly Subscription[],
  application: Application,
): Promise<Ending> {
  const { trail, saved, options, ports } = application;
  const listed = await readLive(scopeOf(desired, saved, options.plan.kinds), options, ports);
  const origins = saved.overrides.pruneRemoved
    ? await findOrigins({ ...listed, desired }, options, ports)
    : undefined;
  const { plan, live } = await planSurely(
    (now, unsure) => planAgain(application, desired, { ...listed, live: now, unsure, origins }),
    { ...listed, doubtful: listed.deleted },
    ports,
  );
  const known = { ...listed, live };
  const { unread } = listed;
  const now = makeFingerprints(saved.plan, desired, live);
  const differences = findDifferences(saved.fingerprints, now, {
    ...{ desired, live, unread },
    saved: saved.plan,
    kinds: options.plan.kinds,
  });
  if (differences.length > 0) {
    const number = count(differences.length, "difference");
    const message = `${options.file} is stale: ${number} from what it was made from`;
    return endWithoutPlan([problem("plan/stale", message, remakeFor(options)), ...differences]);
  }
  const untold = plan.diagnostics.filter(({ code }) => unknownOrigins.has(code));
  if (untold.length > 0 && !saved.plan.diagnostics.some(({ code }) => unknownOrigins.has(code)))
    return endWithoutPlan(untold);
  const unlike = findUnlike(plan, application);
  if (unlike) return endWithoutPlan([unlike]);
  const { olderCommit } = options;
  const run = { trail, options, ports, runId: saved.runId, dryRun: false, settlesOpen: false, olderCommit };
  const done = await carryOut({ plan, desired, known, replan: null }, run);
  return { plan: done.plan, base: null, diagnostics: [...known.diagnostics, ...done.diagnostics] };
}

/** The errors of a checkout that does not tell which manifests were removed. */
const unknownOrigins = new Set(["pruneRemoved/shallow", "pruneRemoved/noCommit"]);

/** The pass lists the kinds of the chosen groups, and the kinds of everything that the saved plan writes. */
function scopeOf(
  desired: readonly Subscription[],
  { overrides, plan }: SavedPlan,
  kinds: Kinds,
): PassScope {
  const { scope } = select(desired, selectionOf(overrides));
  return {
    needed: scope.needed,
    others: new Set(allOperations(plan).map(kinds.of)),
    prune: overrides.prune || overrides.pruneRemoved === true,
    groups: null,
  };
}

function selectionOf({ groups, selector: labels }: SavedPlan["overrides"]): Selection {
  return { groups, labels };
}

/** Plans the saved plan's own groups. A group in which the saved plan had nothing to do, and which now differs, is left out. */
function planAgain(
  { saved, options }: Application,
  desired: readonly Subscription[],
  known: Known & Pick<PlanOptions, "origins"> & { readonly unsure: Unsure },
): Plan {
  const { live, recorded, listed, unlisted, unread, unsure, origins } = known;
  const { prune, adopt, adoptFrom, allowDeletes, createOnly } = saved.overrides;
  const selection = selectionOf(saved.overrides);
  const unknown = findUnknown(desired, live, { ...selection, owner: saved.owner });
  const within = unknown.length > 0 ? new Set<string>() : select(desired, selection).groups;
  const planOf = (groups: ReadonlySet<string>): Plan =>
    makePlan(desired, live, {
      ...options.plan,
      ...{ prune, adopt, adoptFrom, allowDeletes, createOnly, groups, within },
      ...{ recorded, listed, unlisted, unread, unsure, origins },
      explain: false,
    });
  const { groups, orphans } = saved.plan;
  const all = new Set([...groups, ...orphans].map(({ group }) => group));
  const concerned = findConcerned(saved.plan);
  const plan = planOf(new Set([...all, ...concerned]));
  const others = [...findConcerned(plan)].filter((group) => !concerned.has(group));
  if (others.length === 0) return plan;
  return planOf(new Set([...all, ...concerned].filter((group) => !others.includes(group))));
}

/**
 * Returns why the new plan differs from the file's plan; null if it does not. The comparison leaves out `reason` and
 * `error`, because these sentences hold details that may change.
 */
function findUnlike(plan: Plan, { saved, options }: Application): Diagnostic | null {
  const prints = (told: ToldPlan): string[] =>
    allOperations(told).map((operation) => fingerprint({ ...operation, reason: "", error: "" }));
  const [planned, expected] = [prints(tellPlan(plan)), prints(saved.plan)];
  const at = expected.findIndex((print, index) => print !== planned[index]);
  if (at < 0 && expected.length === planned.length) return null;
  const its = allOperations(saved.plan)[at] ?? allOperations(saved.plan).at(-1);
  const which = its ? ` (at ${its.action} of ${its.name})` : "";
  const message = `${options.file} differs from a new plan of the same manifests and the same live state${which}`;
  const refused = plan.diagnostics.find(({ code }) => code === "prune/tooMany");
  const hint =
    refused && !saved.plan.diagnostics.some(({ code }) => code === "prune/tooMany")
      ? `the new plan is refused, and the saved one was not: it ${refused.message}; ${remakeFor(options)}`
      : `the file was edited, or it was made by another version (${saved.madeBy}) or with another config: ${remakeFor(options)}`;
  return problem("plan/notReproduced", message, hint);
}

function remakeFor({ audit }: SavedPlanOptions): string {
  const flag = audit.environment === "sandbox" ? " --sandbox" : "";
  return `make a new plan with \`reconcile plan${flag} --out FILE\``;
}

function problem(code: string, message: string, hint: string): Diagnostic {
  return { severity: "error", code, message, hint, ...nowhere };
}
