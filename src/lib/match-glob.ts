// Compares a path with a pattern, in time that grows with their lengths alone, however many stars the pattern has.

/** In a pattern `*` and `?` stand for letters of one name, and `**` for any number of folders. */
export function matchGlob(path: string, pattern: string): boolean {
  const isOfNames = (name: string, wanted: string): boolean =>
    matchStars(Array.from(name), Array.from(wanted), {
      star: "*",
      isMatch: (letter, other) => other === "?" || letter === other,
    });
  return matchStars(path.split("/"), pattern.split("/"), { star: "**", isMatch: isOfNames });
}

interface Stars {
  /** The part of a pattern that stands for any number of parts. */
  readonly star: string;
  readonly isMatch: (part: string, wanted: string) => boolean;
}

/** When a part differs, only the last star takes one part more: what an earlier star takes makes no difference. */
function matchStars(
  parts: readonly string[],
  wanted: readonly string[],
  { star, isMatch }: Stars,
): boolean {
  let [at, inWanted] = [0, 0];
  let last: { at: number; readonly next: number } | null = null;
  while (at < parts.length) {
    const [part = "", want] = [parts[at], wanted[inWanted]];
    if (want === star) {
      inWanted += 1;
      last = { at, next: inWanted };
    } else if (want !== undefined && isMatch(part, want)) {
      at += 1;
      inWanted += 1;
    } else if (last) {
      last.at += 1;
      [at, inWanted] = [last.at, last.next];
    } else return false;
  }
  return wanted.slice(inWanted).every((want) => want === star);
}
