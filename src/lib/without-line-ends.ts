/** The line ends around a text are not part of it; its blanks are. */
export function withoutLineEnds(text: string): string {
  return text.replace(/^[\r\n]+|[\r\n]+$/g, "");
}
