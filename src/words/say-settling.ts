// Makes the words for the time that what was gained takes until it is delivered.

/** Tells a person who waits how long it still takes. */
export function saySettling(leftMs: number): string {
  return `waiting until AWS has taken the change: ${Math.ceil(leftMs / 1_000)} s left`;
}
