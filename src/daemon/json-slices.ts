// Makes large JSON in slices, between which the daemon answers probes and signals: 5,000 groups are some 20 MB.
import { nextTurn } from "../lib/next-turn.ts";
import { shownJson } from "../lib/hide-queries.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Takes some 10 ms to make. */
const sliceLength = 256 * 1024;
/** Lists and objects down to this depth are made part by part: `lastChange`, its result, the operations, each of them. */
const deepestPart = 4;

const encoder = new TextEncoder();

/** The same as `shownJson`, as UTF-8. All answers share the slices, so a slow client holds no copy of its own. */
export async function makeJsonSlices(value: unknown): Promise<readonly Bytes[]> {
  const slices: Bytes[] = [];
  let text = "";
  for (const part of partsOf(value, deepestPart)) {
    text += part;
    if (text.length < sliceLength) continue;
    slices.push(encoder.encode(text));
    text = "";
    await nextTurn();
  }
  return [...slices, encoder.encode(text)];
}

function* partsOf(value: unknown, depth: number): Generator<string> {
  if (depth === 0 || typeof value !== "object" || value === null) yield shownJson(value);
  else if (Array.isArray(value)) {
    yield "[";
    for (const [index, item] of value.entries()) {
      if (index > 0) yield ",";
      yield* partsOf(item, depth - 1);
    }
    yield "]";
  } else {
    let separator = "{";
    for (const [key, part] of Object.entries(value)) {
      if (part === undefined) continue;
      yield `${separator}${JSON.stringify(key)}:`;
      yield* partsOf(part, depth - 1);
      separator = ",";
    }
    yield separator === "{" ? "{}" : "}";
  }
}
