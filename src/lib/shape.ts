// Checks the shape of a value from JSON, and describes its first fault.

/** Returns the first fault, with `path` as the value's name, such as `after.retryPolicy`; null if there is none. */
export type Shape = (value: unknown, path: string) => string | null;

export const text: Shape = (value, path) => (typeof value === "string" ? null : `${path} is not text`);

export const number: Shape = (value, path) =>
  typeof value === "number" ? null : `${path} is not a number`;

export const truth: Shape = (value, path) =>
  typeof value === "boolean" ? null : `${path} is neither true nor false`;

export const anything: Shape = (value, path) => (value === undefined ? `${path} is missing` : null);

export function numberIn(least: number, most = Infinity): Shape {
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  return (value, path) =>
    typeof value === "number" && value >= least && value <= most
      ? null
      : `${path} is not a number ${range}`;
}

/** Accepts a whole number that JavaScript does not round. */
export const whole: Shape = (value, path) =>
  Number.isSafeInteger(value) ? null : `${path} is not a whole number`;

export function wholeFrom(least: number): Shape {
  return (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= least
      ? null
      : `${path} is not a whole number from ${least}`;
}

export function oneOf(...texts: readonly string[]): Shape {
  const known = new Set<unknown>(texts);
  return (value, path) => (known.has(value) ? null : `${path} is none of ${texts.join(", ")}`);
}

/** `form` is a noun with its article for texts that match. */
export function textLike(pattern: RegExp, form: string): Shape {
  return (value, path) =>
    typeof value === "string" && pattern.test(value) ? null : `${path} is not ${form}`;
}

export function orNull(shape: Shape): Shape {
  return (value, path) => (value === null ? null : shape(value, path));
}

export function optional(shape: Shape): Shape {
  return (value, path) => (value === undefined ? null : shape(value, path));
}

export function listOf(shape: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} is not a list`;
    for (const [index, item] of value.entries()) {
      const fault = shape(item, `${path}[${index}]`);
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** Accepts further keys, because a later version may have written the value. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(fields);
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return `${path} is not an object`;
    for (const [key, shape] of entries) {
      const found: unknown = Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined;
      const fault = shape(found, path === "" ? key : `${path}.${key}`);
      if (fault !== null) return fault;
    }
    return null;
  };
}
