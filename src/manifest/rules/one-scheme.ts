// A group's endpoints have one URI scheme: it says which resource of Genesys Cloud delivers to them.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";

export function oneScheme(draft: Draft): readonly Diagnostic[] {
  if (!hasMixedSchemes(draft)) return [];
  const [first, ...others] = draft.endpoints.filter(({ parsed }) => isKnown(parsed));
  const other = others.find(({ parsed }) => parsed?.protocol !== first?.parsed?.protocol);
  if (!first?.parsed || !other?.parsed) return [];
  const message =
    `a group uses one kind of endpoint, and this one is ${other.parsed.protocol} ` +
    `where ${first.key} at line ${first.place.line} is ${first.parsed.protocol}`;
  const hint = "put them into two manifests";
  return [errorAt(other.place, { code: `${other.key}/mixedSchemes`, message, hint })];
}

export function hasMixedSchemes(draft: Draft): boolean {
  const schemes = draft.endpoints.flatMap(({ parsed }) =>
    parsed && isKnown(parsed) ? parsed.protocol : [],
  );
  return new Set(schemes).size > 1;
}

const knownSchemes = new Set(["https:", "eventbridge:", "workflow:"]);

function isKnown(parsed: URL | null): boolean {
  return parsed !== null && knownSchemes.has(parsed.protocol);
}
