// Rule: each event type is in the catalogue that the config names, and is a topic that the group's resources can have.
// Without a catalogue, event types of the published kinds are compared with Genesys Cloud's published topics; an
// organisation may have more topics, so an unknown one is a warning.
import { findNearest, findRelated } from "../../lib/did-you-mean.ts";
import { joinWords } from "../../lib/join-words.ts";
import { quote } from "../../lib/text.ts";
import { genesysTopics } from "../../model/genesys-topics.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Kind } from "../../model/kind.ts";
import { isPlaceholder, isTopicOf, type KindTopics, type Topic } from "../../model/topic.ts";
import { makeCatalogMatcher, type CatalogMatcher } from "../catalog-matcher.ts";
import type { Draft, Located } from "../draft.ts";
import { errorAt, warningAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";

/** No user reads more suggestions than this. */
const maxSuggestions = 100;
/** Each suggestion compares the event type with every letter of the catalogue; so many take about a second. */
const maxComparedLetters = 5_000_000;

/** Genesys publishes the topics without their transports. */
const published: readonly Topic[] = genesysTopics.map((id) => ({ id, transports: [] }));

export function catalogMembership({
  catalog,
  kinds,
}: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const known = catalog ?? published;
  const all = makeShelf(known);
  const transportsOf = new Map(known.map(({ id, transports }) => [id, transports]));
  const letters = known.reduce((sum, { id }) => sum + id.length, 1);
  let suggestionsLeft = Math.min(maxSuggestions, Math.ceil(maxComparedLetters / letters));
  const suggest = (eventType: string, { ids, findLike }: Shelf): string | null => {
    const nearest = findLike(eventType) ?? (suggestionsLeft > 0 ? findNearest(eventType, ids) : undefined);
    suggestionsLeft -= 1;
    return nearest === undefined ? null : `did you mean "${nearest}"?`;
  };
  /** An event type of webhooks is seldom a slip of the pen, so those with the same words are named. */
  const suggestSeveral = (eventType: string, shelf: Shelf): string | null => {
    const one = suggest(eventType, shelf);
    if (one !== null || suggestionsLeft < 0) return one;
    const several = findRelated(eventType, shelf.ids).map((id) => `"${id}"`);
    return several.length === 0 ? null : `the nearest are ${joinWords(several, "and")}`;
  };
  const shelves = new Map<Kind, Shelf>();
  /** By kind and event type: many groups may have the same one. */
  const told = new Map<string, string | null>();
  const suggestOnce = (eventType: string, shelf: Shelf, { name, topics }: Kind): string | null => {
    const key = `${name} ${eventType}`;
    const before = told.get(key);
    if (before !== undefined) return before;
    const suggested = (topics?.isClosed ? suggestSeveral : suggest)(eventType, shelf);
    told.set(key, suggested);
    return suggested;
  };
  return ({ eventTypes, endpoints }) => {
    const kind = kinds.choose(endpoints[0]?.url ?? "") ?? kinds.all[0];
    const { topics } = kind;
    if (catalog === null && topics === null) return [];
    const own = shelves.get(kind) ?? chooseShelf(all, known, topics);
    shelves.set(kind, own);
    return eventTypes.flatMap((eventType) => {
      const { value } = eventType;
      const entry = own.find(value);
      if (entry !== undefined) return topics ? judgeIdentifiers(eventType, { kind, topics, entry }) : [];
      const didYouMean = suggestOnce(value, own, kind);
      const other = all.find(value);
      if (other !== undefined && topics) {
        const transports = transportsOf.get(other) ?? [];
        return [refuseTopic(eventType, { kind, topics, transports, didYouMean })];
      }
      if (catalog) return [refuseUnknown(eventType, didYouMean)];
      return [
        topics?.isClosed
          ? refuseUnpublished(eventType, kind, didYouMean)
          : warnOfUnpublished(eventType, didYouMean),
      ];
    });
  };
}

/** All topics, or those that resources of one kind can have. */
interface Shelf extends CatalogMatcher {
  readonly ids: readonly string[];
}

function makeShelf(some: readonly Topic[]): Shelf {
  const ids = some.map(({ id }) => id);
  return { ids, ...makeCatalogMatcher(ids) };
}

function chooseShelf(all: Shelf, known: readonly Topic[], topics: KindTopics | null): Shelf {
  const own = known.filter((topic) => topics === null || isTopicOf(topic, topics));
  return own.length === known.length ? all : makeShelf(own);
}

interface Judged {
  readonly kind: Kind;
  readonly topics: KindTopics;
}

/** `entry` is the topic that the event type is; if they differ, the event type may hold an identifier. */
function judgeIdentifiers(
  { value, place }: Located<string>,
  { kind, topics, entry }: Judged & { readonly entry: string },
): readonly Diagnostic[] {
  const entryParts = entry.split(".");
  const isIdentifier = (part: string, index: number): boolean =>
    isPlaceholder(entryParts[index] ?? "") && !isPlaceholder(part);
  const parts = value.split(".");
  if (!parts.some(isIdentifier)) return [];
  const topic = parts.map((part, index) => (isIdentifier(part, index) ? "{id}" : part)).join(".");
  const { withIdentifier } = topics;
  const code = "eventTypes/identifier";
  if (withIdentifier.becomes === "refused") {
    const message =
      `${kind.nouns} cannot have the event type ${quote(value)}, because Genesys Cloud takes their topics only with ` +
      "{id} in the place of an identifier";
    return [errorAt(place, { code, message, hint: `write ${quote(topic)}, and ${withIdentifier.wayOut}` })];
  }
  const message =
    `the event type ${quote(value)} has an identifier in the place of {id}, and it is not known whether ` +
    `${kind.nouns} then get its events`;
  return [warningAt(place, { code, message, hint: `write ${quote(topic)}` })];
}

function refuseTopic(
  { value, place }: Located<string>,
  {
    kind,
    topics,
    transports,
    didYouMean,
  }: Judged & { readonly transports: readonly string[]; readonly didYouMean: string | null },
): Diagnostic {
  const isStated = transports.length > 0;
  const why = isStated
    ? `: the catalogue lists it for ${joinWords(transports, "and")}, not for ${topics.transport}`
    : `, because Genesys Cloud has no ${kind.nouns} for ${topics.excluded?.nouns ?? "it"}`;
  const refresh = isStated ? "; `reconcile catalog pull` brings the catalogue up to date" : "";
  return errorAt(place, {
    code: "eventTypes/otherTransport",
    message: `${kind.nouns} cannot have the event type ${quote(value)}${why}`,
    hint: didYouMean ?? `remove it, or use other endpoints for it${refresh}`,
  });
}

function refuseUnknown({ value, place }: Located<string>, didYouMean: string | null): Diagnostic {
  return errorAt(place, {
    code: "eventTypes/notInCatalog",
    message: `the event type ${quote(value)} is not in the catalogue`,
    hint: didYouMean ?? "add it to the catalogue, or correct it",
  });
}

function warnOfUnpublished({ value, place }: Located<string>, didYouMean: string | null): Diagnostic {
  return warningAt(place, {
    code: "eventTypes/notPublished",
    message: `the event type ${quote(value)} is not among Genesys Cloud's published topics`,
    hint: didYouMean ?? "`reconcile catalog pull` writes the topics that your organisation has",
  });
}

function refuseUnpublished(
  { value, place }: Located<string>,
  { nouns }: Kind,
  didYouMean: string | null,
): Diagnostic {
  const pull = "`reconcile catalog pull` writes the topics that your organisation has";
  return errorAt(place, {
    code: "eventTypes/notPublished",
    message: `${nouns} have only Genesys Cloud's published topics, and the event type ${quote(value)} is none`,
    hint: didYouMean === null ? pull : `${didYouMean}; ${pull}`,
  });
}
