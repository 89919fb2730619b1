// Writes a number with its noun: `1 event type`, `2 event types`.
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
