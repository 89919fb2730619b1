// What a rule is: all manifests in, diagnostics out.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Limits, Subscription } from "../../model/subscription.ts";
import type { Draft } from "../draft.ts";

export interface RuleOptions {
  readonly limits: Limits;
  /** Hosts, or `*.` and a host; empty allows any. */
  readonly allowedEndpointHosts: readonly string[];
  /** The allowed event types; null for any. */
  readonly catalog: readonly string[] | null;
}

export type Rule = (drafts: readonly Draft[], options: RuleOptions) => readonly Diagnostic[];

/** A rule over one manifest's values, each of which may be missing. */
export function forEachDraft(rule: (draft: Draft, options: RuleOptions) => readonly Diagnostic[]): Rule {
  return (drafts, options) => drafts.flatMap((draft) => rule(draft, options));
}

/** A rule over whole manifests: where a part is missing or wrong, it could only report the same mistake again. */
export function forEachWhole(
  rule: (subscription: Subscription, options: RuleOptions, draft: Draft) => readonly Diagnostic[],
): Rule {
  return (drafts, options) =>
    drafts.flatMap((draft) => (draft.subscription ? rule(draft.subscription, options, draft) : []));
}
