// A saved plan applied: read → list → compare with what it was made from → plan again → carry out.
import type { RecordOptions } from "../apply/on-record.ts";
import { findRunStart } from "../audit/find-run.ts";
import { carryOut } from "./carry-out.ts";
import { count } from "../lib/count.ts";
import { schemesOf } from "./list-kinds.ts";
import { readLive, type About, type Known } from "./live.ts";
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { tellPlan, type Plan, type ToldOperation, type ToldPlan } from "../model/plan.ts";
import { endWithoutPlan, type Ending } from "../model/result.ts";
import type { SavedPlan } from "../model/saved-plan.ts";
import type { Subscription } from "../model/subscription.ts";
import type { PassPorts } from "./pass.ts";
import { findConcerned, findDifferences, fingerprint, makeFingerprints } from "../plan/fingerprints.ts";
import { makePlan, type PlanOptions } from "../plan/make-plan.ts";
import { preselect, selectGroups } from "../plan/select.ts";

export interface SavedPlanOptions extends RecordOptions {
  /** Its file, for messages. */
  readonly file: string;
  readonly desired: Omit<DesiredSource, "allowEmpty">;
  /** The policies of here and now: a file cannot bring its own. */
  readonly plan: Pick<PlanOptions, "owner" | "limits" | "maxDeletePercent">;
}

interface Given {
  readonly saved: SavedPlan;
  readonly options: SavedPlanOptions;
  readonly ports: PassPorts;
}

/**
 * Applies exactly the plan, or says why not. What is sent is planned here and now, and only has to be what the file
 * says: so a file that somebody made up is worth nothing. Throws ReconcileError as the platform and the disk do.
 */
export async function applySavedPlan(
  saved: SavedPlan,
  options: SavedPlanOptions,
  ports: PassPorts,
): Promise<Ending> {
  const ending = await check({ saved, options, ports });
  return { ...ending, runId: saved.runId };
}

async function check(given: Given): Promise<Ending> {
  const { saved, options, ports } = given;
  const elsewhere = findElsewhere(given);
  const refusals = elsewhere.length > 0 ? elsewhere : await findApplied(given);
  if (refusals.length > 0) return endWithoutPlan(refusals);
  const { allowEmpty } = saved.overrides;
  const desired = await readDesired({ ...options.desired, allowEmpty }, ports.files);
  if (!desired.ok) return endWithoutPlan(desired.diagnostics);
  const ending = await compareAndApply(desired.value, given);
  return { ...ending, diagnostics: [...desired.diagnostics, ...ending.diagnostics] };
}

function findElsewhere({ saved, options }: Given): readonly Diagnostic[] {
  const { environment } = options.audit;
  const { owner } = options.plan;
  const other = (what: string, its: string, here: string): Diagnostic =>
    problem(
      "plan/otherTarget",
      `${options.file} is for ${what} "${its}", and this is ${what} "${here}"`,
      `apply it where ${what} is "${its}", or make a new plan here`,
    );
  return [
    ...(saved.environment === environment ? [] : [other("environment", saved.environment, environment)]),
    ...(saved.owner === owner ? [] : [other("owner", saved.owner, owner)]),
  ];
}

async function findApplied({ saved, options, ports }: Given): Promise<readonly Diagnostic[]> {
  const startedAt = await findRunStart(ports.files, options.audit.path, saved.runId);
  if (startedAt === null) return [];
  const message = `${options.file} was applied already, on ${startedAt}: a saved plan is applied once`;
  const hint = `\`reconcile audit log --run ${saved.runId}\` shows what came of it; for what is left, make a new plan`;
  return [problem("plan/appliedAlready", message, hint)];
}

async function compareAndApply(desired: readonly Subscription[], given: Given): Promise<Ending> {
  const { saved, options, ports } = given;
  const known = await readLive(aboutOf(desired, saved), options, ports);
  const { live } = known;
  const now = makeFingerprints(saved.plan, desired, live);
  const differences = findDifferences(saved.fingerprints, now, { desired, live, saved: saved.plan });
  if (differences.length > 0) {
    const number = count(differences.length, "difference");
    const message = `${options.file} is stale: ${number} from what it was made from`;
    return endWithoutPlan([problem("plan/stale", message, remakeFor(options)), ...differences]);
  }
  const plan = planAgain(given, desired, known);
  const unlike = findUnlike(plan, given);
  if (unlike) return endWithoutPlan([unlike]);
  const run = { options, ports, runId: saved.runId, dryRun: false, settlesOpen: false };
  const done = await carryOut({ plan, desired, known, replan: null }, run);
  return { plan: done.plan, base: null, diagnostics: [...known.diagnostics, ...done.diagnostics] };
}

/** Of the groups that it is about, and of what it writes. */
function aboutOf(desired: readonly Subscription[], { overrides, plan }: SavedPlan): About {
  const chosen = preselect(desired, { groups: overrides.groups, labels: overrides.selector });
  const written = [...plan.operations, ...plan.prunes].map(({ endpoint }) => ({ endpointUrl: endpoint }));
  return { needed: schemesOf(chosen), others: schemesOf(written), prune: overrides.prune, groups: null };
}

/** The plan's own groups; one that it had nothing to do in, and now would, is not its business. */
function planAgain({ saved, options }: Given, desired: readonly Subscription[], known: Known): Plan {
  const { live, recorded, unseen } = known;
  const { prune, adopt, allowDeletes, createOnly, selector } = saved.overrides;
  const selection = { groups: saved.overrides.groups, labels: selector, owner: saved.owner };
  const selected = selectGroups(desired, live, selection);
  const within = selected.ok ? selected.value : new Set<string>();
  const planOf = (groups: ReadonlySet<string>): Plan =>
    makePlan(desired, live, {
      ...options.plan,
      ...{ prune, adopt, allowDeletes, createOnly, groups, within, recorded, unseen },
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

/** Why what would be done is not what the file says. Reasons and refusals are words, with things in them that may change. */
function findUnlike(plan: Plan, { saved, options }: Given): Diagnostic | null {
  const prints = (told: ToldPlan): string[] =>
    allOf(told).map((operation) => fingerprint({ ...operation, reason: "", error: "" }));
  const [planned, expected] = [prints(tellPlan(plan)), prints(saved.plan)];
  const at = expected.findIndex((print, index) => print !== planned[index]);
  if (at < 0 && expected.length === planned.length) return null;
  const its = allOf(saved.plan)[at] ?? allOf(saved.plan).at(-1);
  const which = its ? ` (at ${its.action} of ${its.name})` : "";
  const message = `planned again from the same manifests and the same live state, ${options.file} comes out differently${which}`;
  const refused = plan.diagnostics.find(({ code }) => code === "prune/tooMany");
  const hint =
    refused && !saved.plan.diagnostics.some(({ code }) => code === "prune/tooMany")
      ? `it ${refused.message}, which was not so then: ${remakeFor(options)}`
      : `the file was edited, or another version (${saved.madeBy}) or another config made it: ${remakeFor(options)}`;
  return problem("plan/notReproduced", message, hint);
}

function allOf({ operations, prunes }: ToldPlan): readonly ToldOperation[] {
  return [...operations, ...prunes];
}

function remakeFor({ audit }: SavedPlanOptions): string {
  const flag = audit.environment === "sandbox" ? " --sandbox" : "";
  return `make a new plan with \`reconcile plan${flag} --out FILE\``;
}

function problem(code: string, message: string, hint: string): Diagnostic {
  return { severity: "error", code, message, hint, ...nowhere };
}
