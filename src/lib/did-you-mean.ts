// Finds the known word that the user most likely meant.
import { distance } from "fastest-levenshtein";

/** The nearest known word, if at most a third of the word's letters differ, so that a typing error is likely. */
export function findNearest(word: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    // So many letters are missing or too many at least.
    if (Math.abs(word.length - candidate.length) >= least) continue;
    const letters = countEdits(word.toLowerCase(), candidate.toLowerCase());
    if (letters < least) [nearest, least] = [candidate, letters];
  }
  return nearest;
}

/** Two neighbours that changed places are one slip of the fingers, and not two letters that differ. */
function countEdits(word: string, candidate: string): number {
  const edits = distance(word, candidate);
  if (edits !== 2 || word.length !== candidate.length) return edits;
  let at = 0;
  while (word[at] === candidate[at]) at += 1;
  const swapped = `${word.slice(0, at)}${word[at + 1] ?? ""}${word[at] ?? ""}${word.slice(at + 2)}`;
  return swapped === candidate ? 1 : 2;
}

/** More would not help the user to choose. */
const maxRelated = 3;

/** The known names that have the most words in common with a name, the most similar first; none without a common word. */
export function findRelated(name: string, known: readonly string[]): readonly string[] {
  const own = wordsOf(name);
  return known
    .map((candidate) => {
      const its = wordsOf(candidate);
      const common = [...own].filter((word) => its.has(word)).length;
      return { candidate, common, others: its.size - common };
    })
    .filter(({ common }) => common > 0)
    .sort((a, b) => b.common - a.common || a.others - b.others)
    .slice(0, maxRelated)
    .map(({ candidate }) => candidate);
}

/** Words in the singular: `routing.queues.{id}.conversationSummary` has routing, queue, conversation and summary. */
function wordsOf(name: string): ReadonlySet<string> {
  const words = name.replaceAll(/\{\w*\}/g, "").split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/);
  return new Set(
    words.filter((word) => word.length > 2).map((word) => word.toLowerCase().replace(/s$/, "")),
  );
}
