// What a rule is: one manifest after the other in, diagnostics out. A rule that compares manifests remembers what it
// needs of those before, so that no manifest has to stay in memory for the others' sake.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Kinds } from "../../model/kind.ts";
import type { Limits, Policy } from "../../model/config.ts";
import type { Subscription } from "../../model/subscription.ts";
import type { Draft } from "../draft.ts";

export interface RuleOptions {
  readonly limits: Limits;
  /** Hosts, or `*.` and a host; empty allows any. */
  readonly allowedEndpointHosts: readonly string[];
  readonly policy: Policy;
  /** The allowed event types; null for any. */
  readonly catalog: readonly string[] | null;
  readonly kinds: Kinds;
}

/** Begins a validation: what it returns looks at each of its manifests once, in order. */
export type Rule = (options: RuleOptions) => (draft: Draft) => readonly Diagnostic[];

/** A rule over one manifest's values, each of which may be missing. */
export function forDraft(rule: (draft: Draft, options: RuleOptions) => readonly Diagnostic[]): Rule {
  return (options) => (draft) => rule(draft, options);
}

/** A rule over whole manifests: where a part is missing or wrong, it could only report the same mistake again. */
export function forWhole(
  rule: (subscription: Subscription, options: RuleOptions, draft: Draft) => readonly Diagnostic[],
): Rule {
  return (options) => (draft) => (draft.subscription ? rule(draft.subscription, options, draft) : []);
}
