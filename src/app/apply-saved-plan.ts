// A saved plan applied: read → validate → list → compare with what it was made from → plan again → apply → audit.
import { applyOnRecord, type RecordOptions } from "../apply/on-record.ts";
import { describeOpen } from "../apply/close-intents.ts";
import { findRunStart } from "../audit/find-run.ts";
import { count } from "../lib/count.ts";
import { readLive, schemesOf, type About, type Known } from "./live.ts";
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Operation, Plan } from "../model/plan.ts";
import { emptyPlan, makeResult, type Result } from "../model/result.ts";
import type { SavedPlan } from "../model/saved-plan.ts";
import type { Subscription } from "../model/subscription.ts";
import { isWork, type PassPorts } from "./pass.ts";
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

interface Applied {
  readonly plan: Plan;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Applies exactly the plan, or says why not. What is sent is planned here and now, and only has to be what the file
 * says: so a file that somebody made up is worth nothing. Throws ReconcileError as the platform and the disk do.
 */
export async function applySavedPlan(
  saved: SavedPlan,
  options: SavedPlanOptions,
  ports: PassPorts,
): Promise<Result> {
  const { plan, diagnostics } = await check({ saved, options, ports });
  return makeResult(plan, { dryRun: false, runId: saved.runId, traffic: ports.traffic(), diagnostics });
}

async function check(given: Given): Promise<Applied> {
  const { saved, options, ports } = given;
  const elsewhere = findElsewhere(given);
  if (elsewhere.length > 0) return refuse(elsewhere);
  const startedAt = await findRunStart(ports.files, options.audit.path, saved.runId);
  if (startedAt !== null) {
    const message = `${options.file} was applied already, on ${startedAt}: a saved plan is applied once`;
    const hint = `\`reconcile audit log --run ${saved.runId}\` shows what came of it; for what is left, make a new plan`;
    return refuse([problem("plan/appliedAlready", message, hint)]);
  }
  const desired = await readDesired(
    { ...options.desired, allowEmpty: saved.overrides.allowEmpty },
    ports.files,
  );
  if (!desired.ok) return refuse(desired.diagnostics);
  const { plan, diagnostics } = await compareAndApply(desired.value, given);
  return { plan, diagnostics: [...desired.diagnostics, ...diagnostics] };
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

async function compareAndApply(desired: readonly Subscription[], given: Given): Promise<Applied> {
  const { saved, options, ports } = given;
  const known = await readLive(aboutOf(desired, saved), options, ports);
  const { driver, live, open, hidden, late } = known;
  const now = makeFingerprints(saved.plan, desired, live);
  const differences = findDifferences(saved.fingerprints, now, { desired, live, saved: saved.plan });
  if (differences.length > 0) {
    const number = count(differences.length, "difference");
    const message = `${options.file} is stale: ${number} from what it was made from`;
    return refuse([problem("plan/stale", message, remakeFor(options)), ...differences]);
  }
  const plan = planAgain(given, { ...known, desired });
  const unlike = findUnlike(plan, given);
  if (unlike) return refuse([unlike]);
  if (!isWork(plan)) return { plan, diagnostics: [...known.diagnostics, ...describeOpen(open, false)] };
  const work = { plan, desired, driver, live, open, hidden, late, replan: null };
  const applied = await applyOnRecord(work, { options, ports, runId: saved.runId });
  const diagnostics = [...known.diagnostics, ...describeOpen(open, true), ...applied.diagnostics];
  return { plan: applied.plan, diagnostics };
}

/** Of the groups that it is about, and of what it writes. */
function aboutOf(desired: readonly Subscription[], { overrides, plan }: SavedPlan): About {
  const chosen = preselect(desired, { groups: overrides.groups, labels: overrides.selector });
  const written = [...plan.operations, ...plan.prunes].map(({ endpoint }) => ({ endpointUrl: endpoint }));
  return { needed: schemesOf(chosen), others: schemesOf(written), prune: overrides.prune, groups: null };
}

interface Now extends Pick<Known, "live" | "recorded" | "unseen"> {
  readonly desired: readonly Subscription[];
}

/** The plan's own groups; one that it had nothing to do in, and now would, is not its business. */
function planAgain({ saved, options }: Given, { desired, live, recorded, unseen }: Now): Plan {
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
  const prints = ({ operations, prunes }: Plan): string[] =>
    [...operations, ...prunes].map((operation) => fingerprint({ ...operation, reason: "", error: "" }));
  const [planned, expected] = [prints(plan), prints(saved.plan)];
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

function allOf({ operations, prunes }: Plan): readonly Operation[] {
  return [...operations, ...prunes];
}

function remakeFor({ audit }: SavedPlanOptions): string {
  const flag = audit.environment === "sandbox" ? " --sandbox" : "";
  return `make a new plan with \`reconcile plan${flag} --out FILE\``;
}

function refuse(diagnostics: readonly Diagnostic[]): Applied {
  return { plan: emptyPlan, diagnostics };
}

function problem(code: string, message: string, hint: string): Diagnostic {
  return { severity: "error", code, message, hint, ...nowhere };
}
