// Rule: each event type is in the catalogue that the config names. Without a catalogue, event types of the published
// kinds are compared with Genesys Cloud's published topics; an organisation may have more topics, so a difference is a
// warning.
import { findNearest } from "../../lib/did-you-mean.ts";
import { genesysTopics } from "../../model/genesys-topics.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Kinds } from "../../model/kind.ts";
import { makeCatalogMatcher } from "../catalog-matcher.ts";
import type { Draft } from "../draft.ts";
import { errorAt, warningAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";
import type { RuleOptions } from "./rule.ts";

/** No user reads more suggestions than this. */
const maxSuggestions = 100;
/** Each suggestion compares the event type with every letter of the catalogue; so many take about a second. */
const maxComparedLetters = 5_000_000;

export function catalogMembership({
  catalog,
  kinds,
}: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const known = catalog ?? genesysTopics;
  const { has, findLike } = makeCatalogMatcher(known);
  const letters = known.reduce((sum, { length }) => sum + length, 1);
  let suggestionsLeft = Math.min(maxSuggestions, Math.ceil(maxComparedLetters / letters));
  return ({ eventTypes, endpoints }) => {
    if (catalog === null && !isPublished(endpoints, kinds)) return [];
    return eventTypes
      .filter(({ value }) => !has(value))
      .map(({ value, place }) => {
        const nearest = findLike(value) ?? (suggestionsLeft > 0 ? findNearest(value, known) : undefined);
        suggestionsLeft -= 1;
        const didYouMean = nearest === undefined ? null : `did you mean "${nearest}"?`;
        return catalog === null
          ? warningAt(place, {
              code: "eventTypes/notPublished",
              message: `the event type ${quote(value)} is not among Genesys Cloud's published topics`,
              hint: didYouMean ?? "`reconcile catalog pull` writes the topics that your organisation has",
            })
          : errorAt(place, {
              code: "eventTypes/notInCatalog",
              message: `the event type ${quote(value)} is not in the catalogue`,
              hint: didYouMean ?? "add it to the catalogue, or correct it",
            });
      });
  };
}

function isPublished([first]: Draft["endpoints"], kinds: Kinds): boolean {
  return (kinds.choose(first?.url ?? "") ?? kinds.all[0]).hasPublishedTopics;
}
