// Splits a trail's bytes into lines and decodes lines as text, in the same way for all readers of a trail.
export const newline = 0x0a;

/** The longest line that is read. It holds the largest body that the platform takes, three times over and escaped. */
export const maxLineBytes = 16 * 1024 * 1024;

/** Yields each full line without its newline, first to last. The bytes after the last newline are not a line. */
export function* splitLines(content: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let end = content.indexOf(newline); end >= 0; end = content.indexOf(newline, start)) {
    yield content.subarray(start, end);
    start = end + 1;
  }
}

/** Yields the same lines, last to first. */
export function* splitLinesBackwards(content: Uint8Array): Generator<Uint8Array> {
  let end = content.lastIndexOf(newline);
  while (end >= 0) {
    const start = findLineStart(content, end);
    yield content.subarray(start, end);
    end = start - 1;
  }
}

/** Shares the bytes, without a copy: a buffer can be searched, and read as Latin-1. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** True if a line ends inside the content. */
export function endsALine(content: Uint8Array): boolean {
  return content.includes(newline);
}

/** Returns the start of the first line that begins inside the content; the content's end if none does. */
export function findFirstLine(content: Uint8Array): number {
  const first = content.indexOf(newline);
  return first < 0 ? content.length : first + 1;
}

/** Returns the start of the line whose newline, or whose last byte, is at `end`. */
export function findLineStart(content: Uint8Array, end: number): number {
  return content.subarray(0, end).lastIndexOf(newline) + 1;
}

/** True if the content ends in the middle of a line, as after a crash. */
export function hasTornTail(content: Uint8Array): boolean {
  return content.length > 0 && content.at(-1) !== newline;
}

/** Returns the line's text, or undefined if it is not UTF-8. It keeps a byte order mark, because that is a change. */
export function decodeLine(line: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(line);
  } catch {
    return undefined;
  }
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
