// Rule: a group's endpoints have one URI scheme, because the scheme decides which kind of resource delivers to them.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft, DraftEndpoint } from "../draft.ts";
import { errorAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";

export function oneScheme(draft: Draft, { kinds }: RuleOptions): readonly Diagnostic[] {
  const mix = findMix(draft, new Set(kinds.all.map(({ scheme }) => scheme)));
  if (!mix) return [];
  const { first, other } = mix;
  const message =
    `a group uses one kind of endpoint, but this one is ${schemeOf(other)} ` +
    `and ${first.key} at line ${first.place.line} is ${schemeOf(first)}`;
  const hint = "put them into two manifests";
  return [errorAt(other.place, { code: `${other.key}/mixedSchemes`, message, hint })];
}

/** Returns the first endpoint and the first one with another scheme; null if all have one scheme. */
function findMix(
  { endpoints }: Draft,
  schemes: ReadonlySet<string>,
): Record<"first" | "other", DraftEndpoint> | null {
  const [first, ...others] = endpoints.filter((endpoint) => schemes.has(schemeOf(endpoint)));
  const other = first && others.find((endpoint) => schemeOf(endpoint) !== schemeOf(first));
  return other ? { first, other } : null;
}

function schemeOf({ parsed }: DraftEndpoint): string {
  return parsed?.protocol ?? "";
}
