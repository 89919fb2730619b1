// Puts odd values anywhere into JSON, as a person or a fault of the disk may have done.
import fc from "fast-check";

/** The place of an odd value, and the value itself. */
export interface Oddity {
  /** Each number picks one of the keys at its depth, by its rank; the last number picks the key that changes. */
  readonly picks: readonly number[];
  /** The new value; undefined removes the key. */
  readonly value: unknown;
}

const special: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    "",
    "x",
    [],
    {},
    [null],
    [{}],
    { toString: 1, valueOf: 1 },
  ],
  ...[
    "\ud800",
    JSON.parse('{"__proto__":{"a":1}}') as unknown,
    [[[[[[]]]]]],
    { length: 3 },
    "2026-01-01T00:00:00.000Z",
  ],
];

export const oddities: fc.Arbitrary<Oddity> = fc.record({
  // Half of the odd values are in one of the record's two documents, which are its tenth and eleventh key.
  picks: fc
    .tuple(fc.oneof(fc.nat(40), fc.constantFrom(9, 10)), fc.array(fc.nat(40), { maxLength: 4 }))
    .map(([first, others]) => [first, ...others]),
  value: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...special) },
    { weight: 1, arbitrary: fc.jsonValue() },
  ),
});

/** Returns a copy that holds the odd value. */
export function spoil<T>(sound: T, { picks, value }: Oddity): T {
  const copy = structuredClone(sound);
  let at = copy as Record<string, unknown>;
  for (const [depth, pick] of picks.entries()) {
    const keys = Object.keys(at);
    const key = keys[pick % Math.max(1, keys.length)];
    if (key === undefined) break;
    const below = at[key];
    const isEnd = depth === picks.length - 1 || typeof below !== "object" || below === null;
    if (!isEnd && Object.keys(below).length > 0) {
      at = below as Record<string, unknown>;
      continue;
    }
    if (value === undefined) Reflect.deleteProperty(at, key);
    else at[key] = value;
    break;
  }
  return copy;
}
