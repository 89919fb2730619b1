// Event types are those of the catalogue, where there is one.
import { findNearest } from "../../lib/did-you-mean.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { makeCatalogMatcher } from "../catalog.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../text.ts";
import type { RuleOptions } from "./rule.ts";

/** Each suggestion compares with the whole catalogue; after so many, nobody reads them. */
const maxSuggestions = 100;

export function catalogMembership({ catalog }: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  if (catalog === null) return () => [];
  const isKnown = makeCatalogMatcher(catalog);
  let suggestions = 0;
  return ({ eventTypes }) =>
    eventTypes
      .filter(({ value }) => !isKnown(value))
      .map(({ value, place }) => {
        const nearest = suggestions < maxSuggestions ? findNearest(value, catalog) : undefined;
        suggestions += 1;
        return errorAt(place, {
          code: "eventTypes/notInCatalog",
          message: `the event type ${quote(value)} is not in the catalogue`,
          hint:
            nearest === undefined ? "add it to the catalogue, or correct it" : `did you mean "${nearest}"?`,
        });
      });
}
