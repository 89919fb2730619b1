// Writes a list in words: `a, b and c`.
export function joinWords(texts: readonly string[], word: "and" | "or"): string {
  return texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(", ")} ${word} ${texts.at(-1) ?? ""}`;
}
