// `--base`: plans a base revision from the same listing and the same history, to compare it with the pass's own plan.
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import type { ReadableFiles } from "../lib/files.ts";
import type { Base } from "../model/base.ts";
import { hasErrors, nowhere, type Diagnostic, type Loaded } from "../model/diagnostic.ts";
import type { Plan } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import { dividePlan } from "../plan/divide.ts";
import { makePlan, type PlanOptions } from "../plan/make-plan.ts";

export interface BaseOptions extends Pick<Base, "ref" | "commit"> {
  /** The input that a pass on the base would read; null if the base has no commit; a text if it cannot be used, with the reason. */
  readonly source: BaseSource | string | null;
}

export interface BaseSource {
  readonly files: ReadableFiles;
  readonly desired: DesiredSource;
  readonly plan: Omit<PlanOptions, "groups" | "recorded" | "unlisted">;
}

/** The input that the pass made its own plan from. */
export interface PlanInputs extends PlanOptions {
  readonly live: readonly LiveResource[];
}

export interface DividedPlan {
  /** It holds a warning if the base cannot be used, or has no manifests. */
  readonly plan: Plan;
  readonly base: Base;
}

/** A base whose manifests were read. */
export interface ReadBase {
  readonly options: BaseOptions;
  /** Its manifests, valid or not; null if the base has none to read. */
  readonly desired: Loaded<readonly Subscription[]> | null;
}

export async function readBase(options: BaseOptions): Promise<ReadBase> {
  const { source } = options;
  if (source === null || typeof source === "string") return { options, desired: null };
  return { options, desired: await readDesired({ ...source.desired, allowEmpty: true }, source.files) };
}

/** If the base cannot be used, the plan stays as it is, with a warning. */
export function divideByBase(plan: Plan, from: PlanInputs, { options, desired }: ReadBase): DividedPlan {
  const { ref, commit, source } = options;
  if (typeof source === "string") return undivided(plan, options, source);
  const isMissing = desired?.diagnostics.every(({ code }) => code === "folder/missing") ?? true;
  if (desired && !desired.ok && !isMissing)
    return undivided(plan, options, whyInvalid(desired.diagnostics));
  const subscriptions = desired?.ok ? desired.value : [];
  const manifests = subscriptions.length === 0 ? "absent" : "read";
  const { groups, within, recorded, unlisted } = from;
  const planned = { ...from, ...source?.plan, groups, within, recorded, unlisted, explain: false };
  // A base without manifests must not lead to a plan that deletes everything.
  const pruning = manifests === "read" ? {} : { prune: false, origins: undefined };
  const before = makePlan(subscriptions, from.live, { ...planned, ...pruning });
  const divided = dividePlan(plan, before, from.kinds);
  const note: Diagnostic = {
    severity: "warning",
    code: "base/absent",
    message: `there are no manifests at ${ref}, so every operation counts as part of this change`,
    hint: null,
    ...nowhere,
  };
  const notes = manifests === "absent" && plan.groups.length > 0 ? [note] : [];
  return {
    plan: withDiagnostics(divided.plan, notes),
    base: { ref, commit, manifests, ...divided.parts },
  };
}

function whyInvalid(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((diagnostic) => hasErrors([diagnostic]));
  const [first] = errors;
  const place = first?.file ? ` at ${first.file}:${first.line ?? 1}` : "";
  const more = errors.length > 1 ? ` and ${errors.length - 1} more` : "";
  return `its manifests are not valid: ${first?.message ?? ""}${place}${more}`;
}

function undivided(plan: Plan, { ref, commit }: BaseOptions, why: string): DividedPlan {
  const diagnostic: Diagnostic = {
    severity: "warning",
    code: "base/invalid",
    message: `this change cannot be separated from what was already pending at ${ref}: ${why}`,
    hint: null,
    ...nowhere,
  };
  const base = { ref, commit, manifests: "invalid", change: null, pending: null, obsolete: [] } as const;
  return { plan: withDiagnostics(plan, [diagnostic]), base };
}

function withDiagnostics(plan: Plan, more: readonly Diagnostic[]): Plan {
  return { ...plan, diagnostics: [...more, ...plan.diagnostics] };
}
