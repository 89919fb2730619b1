// A group's endpoints have one URI scheme: it says which resource of Genesys Cloud delivers to them.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft, DraftEndpoint } from "../draft.ts";
import { errorAt } from "../problem.ts";

export function oneScheme(draft: Draft): readonly Diagnostic[] {
  const mix = findMix(draft);
  if (!mix) return [];
  const { first, other } = mix;
  const message =
    `a group uses one kind of endpoint, and this one is ${other.scheme} ` +
    `where ${first.key} at line ${first.place.line} is ${first.scheme}`;
  const hint = "put them into two manifests";
  return [errorAt(other.place, { code: `${other.key}/mixedSchemes`, message, hint })];
}

export function hasMixedSchemes(draft: Draft): boolean {
  return findMix(draft) !== null;
}

interface Schemed extends DraftEndpoint {
  readonly scheme: string;
}

const knownSchemes = new Set(["https:", "eventbridge:", "workflow:"]);

/** The first endpoint, and the first that differs from it. */
function findMix({ endpoints }: Draft): { readonly first: Schemed; readonly other: Schemed } | null {
  const [first, ...others] = endpoints.flatMap((endpoint) => {
    const scheme = endpoint.parsed?.protocol ?? "";
    return knownSchemes.has(scheme) ? [{ ...endpoint, scheme }] : [];
  });
  const other = others.find(({ scheme }) => scheme !== first?.scheme);
  return first && other ? { first, other } : null;
}
