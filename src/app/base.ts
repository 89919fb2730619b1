// `--base`: the plan of a base revision, from the same listing and the same history, beside the pass's own.
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import type { ReadableFiles } from "../lib/files.ts";
import type { Base } from "../model/base.ts";
import { hasErrors, nowhere, type Diagnostic, type Loaded } from "../model/diagnostic.ts";
import type { Plan } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveWebhook } from "../model/webhook.ts";
import { dividePlan } from "../plan/divide.ts";
import { makePlan, type PlanOptions } from "../plan/make-plan.ts";

export interface BaseOptions extends Pick<Base, "ref" | "commit"> {
  /** What a pass on the base would go by; null where it has nothing; a text that says why it is of no use. */
  readonly source: BaseSource | string | null;
}

export interface BaseSource {
  readonly files: ReadableFiles;
  readonly desired: DesiredSource;
  readonly plan: Omit<PlanOptions, "groups" | "recorded" | "unseen">;
}

/** What the pass's own plan was made from. */
export interface MadeFrom extends PlanOptions {
  readonly live: readonly LiveWebhook[];
}

export interface Divided {
  /** With a warning where the base is of no use, or has no manifests. */
  readonly plan: Plan;
  readonly base: Base;
}

/** A base whose manifests are read, whether they are valid or not; null where it has nothing. */
export interface ReadBase {
  readonly options: BaseOptions;
  readonly desired: Loaded<readonly Subscription[]> | null;
}

export async function readBase(options: BaseOptions): Promise<ReadBase> {
  const { source } = options;
  if (source === null || typeof source === "string") return { options, desired: null };
  return { options, desired: await readDesired({ ...source.desired, allowEmpty: true }, source.files) };
}

/** Where the base is of no use the plan stays as it is, with a warning. */
export function divideByBase(plan: Plan, from: MadeFrom, { options, desired }: ReadBase): Divided {
  const { ref, commit, source } = options;
  if (typeof source === "string") return undivided(plan, options, source);
  const isMissing = desired?.diagnostics.every(({ code }) => code === "folder/missing") ?? true;
  if (desired && !desired.ok && !isMissing)
    return undivided(plan, options, whyInvalid(desired.diagnostics));
  const subscriptions = desired?.ok ? desired.value : [];
  const manifests = subscriptions.length === 0 ? "absent" : "read";
  const { groups, within, recorded, unseen } = from;
  const planned = { ...from, ...source?.plan, groups, within, recorded, unseen, explain: false };
  // No manifests never mean: delete everything.
  const prune = planned.prune && manifests === "read";
  const before = makePlan(subscriptions, from.live, { ...planned, prune });
  const divided = dividePlan(plan, before);
  const note: Diagnostic = {
    severity: "warning",
    code: "base/absent",
    message: `there are no manifests at ${ref}, so everything is taken for this change`,
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

function undivided(plan: Plan, { ref, commit }: BaseOptions, why: string): Divided {
  const diagnostic: Diagnostic = {
    severity: "warning",
    code: "base/invalid",
    message: `what this change does cannot be told from what was pending at ${ref}: ${why}`,
    hint: null,
    ...nowhere,
  };
  const base = { ref, commit, manifests: "invalid", change: null, pending: null, obsolete: [] } as const;
  return { plan: withDiagnostics(plan, [diagnostic]), base };
}

function withDiagnostics(plan: Plan, more: readonly Diagnostic[]): Plan {
  return { ...plan, diagnostics: [...more, ...plan.diagnostics] };
}
