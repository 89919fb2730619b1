// JSON pointers (RFC 6901), which name a value inside a document.

/** Each manifest asks for much the same pointers. */
const known = new Map<string, readonly string[]>();
const maxKnown = 2000;

export function splitPointer(pointer: string): readonly string[] {
  const found = known.get(pointer);
  if (found) return found;
  if (known.size >= maxKnown) known.clear();
  const segments = split(pointer);
  known.set(pointer, segments);
  return segments;
}

function split(pointer: string): readonly string[] {
  const segments = pointer.split("/").slice(1);
  return pointer.includes("~")
    ? segments.map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"))
    : segments;
}

/** Returns the pointer of a key's value. */
export function pointTo(parent: string, key: string): string {
  return `${parent}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Returns the value at a pointer, or undefined. */
export function valueAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const segment of splitPointer(pointer)) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, segment)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[segment];
  }
  return found;
}

/** Returns the pointer as people write it: `spec.endpointPool[1].url`. */
export function showPointer(pointer: string): string {
  return splitPointer(pointer)
    .map((segment) => (/^\d+$/.test(segment) ? `[${segment}]` : `.${segment}`))
    .join("")
    .replace(/^\./, "");
}
