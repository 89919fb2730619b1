// A trail's bytes as lines, and lines as text: one reading of "line" for all who look at a trail.
const newline = 0x0a;

/** The longest line that is read back; the largest body the platform takes, three times over and escaped, fits. */
export const maxLineBytes = 16 * 1024 * 1024;

/** Each full line without its newline, first to last. What follows the last newline is not a line. */
export function* splitLines(content: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let end = content.indexOf(newline); end >= 0; end = content.indexOf(newline, start)) {
    yield content.subarray(start, end);
    start = end + 1;
  }
}

/** The same, last to first. */
export function* splitLinesBackwards(content: Uint8Array): Generator<Uint8Array> {
  let end = content.lastIndexOf(newline);
  while (end >= 0) {
    const start = findLineStart(content, end);
    yield content.subarray(start, end);
    end = start - 1;
  }
}

/** True where a line ends inside the content. */
export function endsALine(content: Uint8Array): boolean {
  return content.includes(newline);
}

/** Where the first line starts that begins inside the content; its end where none does. */
export function findFirstLine(content: Uint8Array): number {
  const first = content.indexOf(newline);
  return first < 0 ? content.length : first + 1;
}

/** Where the line starts whose newline, or whose last byte, is at `end`. */
export function findLineStart(content: Uint8Array, end: number): number {
  return content.subarray(0, end).lastIndexOf(newline) + 1;
}

/** True where the content stops in the middle of a line, as after a crash. */
export function hasTornTail(content: Uint8Array): boolean {
  return content.length > 0 && content.at(-1) !== newline;
}

/** The line's text, or undefined where it is not UTF-8. A byte order mark stays, for it is a change. */
export function decodeLine(line: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(line);
  } catch {
    return undefined;
  }
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
