// The type of a rule: it takes one manifest after the other, and returns the diagnostics of each. A rule that compares
// manifests remembers only the values that it needs, so that no manifest has to stay in memory.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Kinds } from "../../model/kind.ts";
import type { Limits, Policy } from "../../model/config.ts";
import type { Subscription } from "../../model/subscription.ts";
import type { Topic } from "../../model/topic.ts";
import type { Draft } from "../draft.ts";

export interface RuleOptions {
  readonly limits: Limits;
  /** Hosts, `*.` followed by a host, or AWS accounts; an empty list allows any. */
  readonly allowedEndpointHosts: readonly string[];
  readonly policy: Policy;
  /** The allowed event types; null for any. */
  readonly catalog: readonly Topic[] | null;
  readonly kinds: Kinds;
  /** Whether an endpoint must have no query string, because the state is kept where many can read it; default: false. */
  readonly refusesQueries?: boolean;
  /** The config's texts by name, which are put into the manifest before a rule sees it. */
  readonly values: Readonly<Record<string, string>>;
}

/** Begins a validation: the function that it returns is called once for each manifest, in order. */
export type Rule = (options: RuleOptions) => (draft: Draft) => readonly Diagnostic[];

/** Makes a rule that checks one manifest at a time, whose values may be missing. */
export function forDraft(rule: (draft: Draft, options: RuleOptions) => readonly Diagnostic[]): Rule {
  return (options) => (draft) => rule(draft, options);
}

/** Makes a rule that checks only well-formed manifests, because elsewhere it would report the same mistake again. */
export function forWhole(
  rule: (subscription: Subscription, options: RuleOptions, draft: Draft) => readonly Diagnostic[],
): Rule {
  return (options) => (draft) => (draft.subscription ? rule(draft.subscription, options, draft) : []);
}
