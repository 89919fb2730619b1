// Finds the known word that the user most likely meant.
import { distance } from "fastest-levenshtein";

/** The nearest known word, if at most a third of the word's letters differ, so that a typing error is likely. */
export function findNearest(word: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    // So many letters are missing or too many at least.
    if (Math.abs(word.length - candidate.length) >= least) continue;
    const letters = distance(word.toLowerCase(), candidate.toLowerCase());
    if (letters < least) [nearest, least] = [candidate, letters];
  }
  return nearest;
}
