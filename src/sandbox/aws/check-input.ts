// Checks the input of an action against its shape, and refuses it in the words of AWS.
import { refuseAws, refuseInvalid, type AwsAnswer } from "./aws-call.ts";

export type Shape =
  | {
      readonly type: "string";
      readonly min?: number;
      readonly max?: number;
      /** The whole text has to match it. */
      readonly pattern?: string;
      readonly values?: readonly string[];
    }
  | { readonly type: "integer"; readonly min?: number; readonly max?: number }
  | { readonly type: "boolean" }
  | { readonly type: "list"; readonly of: Shape; readonly min?: number; readonly max?: number }
  | StructureShape
  /** Any JSON: the sandbox does not judge it. */
  | { readonly type: "any" };

export interface StructureShape {
  readonly type: "structure";
  readonly members: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
}

/** Null if the input is valid. Members that the shape does not name are no fault: `pickMembers` leaves them out. */
export function refuseInput(shape: StructureShape, input: unknown): AwsAnswer | null {
  const faults: string[] = [];
  const wrong = check(shape, input, { at: "", faults });
  if (wrong !== null) return refuseAws("SerializationException", wrong);
  if (faults.length === 0) return null;
  const count = `${faults.length} validation error${faults.length === 1 ? "" : "s"} detected: `;
  return refuseInvalid(count + faults.join("; "));
}

/** Returns the members that the shape names and the valid input has, as AWS does; null is as good as nothing. */
export function pickMembers<Input>({ members }: StructureShape, input: Input): Input {
  const picked = Object.entries(input as Readonly<Record<string, unknown>>).flatMap(([name, value]) => {
    const shape = Object.hasOwn(members, name) ? members[name] : undefined;
    return shape && value !== null ? [[name, pick(shape, value)]] : [];
  });
  return Object.fromEntries(picked) as Input;
}

function pick(shape: Shape, value: unknown): unknown {
  if (shape.type === "structure") return pickMembers(shape, value);
  if (shape.type !== "list") return value;
  return (value as readonly unknown[]).map((one) => pick(shape.of, one));
}

interface Place {
  readonly at: string;
  readonly faults: string[];
}

/** Returns what is wrong with the type of a value; broken constraints are added to the faults. */
function check(shape: Shape, value: unknown, place: Place): string | null {
  switch (shape.type) {
    case "string":
      return typeof value === "string" ? checkText(shape, value, place) : wrongType(value, "a String");
    case "integer":
      return Number.isInteger(value)
        ? checkRange(shape, value as number, { ...place, word: "value" })
        : wrongType(value, "an Integer");
    case "boolean":
      return typeof value === "boolean" ? null : wrongType(value, "a Boolean");
    case "list":
      return Array.isArray(value) ? checkList(shape, value, place) : wrongType(value, "a List");
    case "structure":
      return isObject(value) ? checkMembers(shape, value, place) : wrongType(value, "a Structure");
    case "any":
      return null;
  }
}

function checkText(shape: Shape & { type: "string" }, value: string, { at, faults }: Place): null {
  const { pattern, values } = shape;
  checkRange(shape, value.length, { at, faults, word: "length", shown: value });
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value))
    faults.push(breach(value, at, `Member must satisfy regular expression pattern: ${pattern}`));
  if (values && !values.includes(value))
    faults.push(breach(value, at, `Member must satisfy enum value set: [${values.join(", ")}]`));
  return null;
}

function checkRange(
  { min, max }: { readonly min?: number; readonly max?: number },
  size: number,
  { at, faults, word, shown = size }: Place & { readonly word: string; readonly shown?: string | number },
): null {
  if (min !== undefined && size < min)
    faults.push(breach(shown, at, `Member must have ${word} greater than or equal to ${min}`));
  if (max !== undefined && size > max)
    faults.push(breach(shown, at, `Member must have ${word} less than or equal to ${max}`));
  return null;
}

function checkList(
  shape: Shape & { type: "list" },
  value: readonly unknown[],
  place: Place,
): string | null {
  checkRange(shape, value.length, { ...place, word: "length", shown: JSON.stringify(value) });
  for (const [index, one] of value.entries()) {
    const wrong = check(shape.of, one, { ...place, at: `${place.at}.${index + 1}.member` });
    if (wrong !== null) return wrong;
  }
  return null;
}

function checkMembers(
  { members, required = [] }: StructureShape,
  value: Readonly<Record<string, unknown>>,
  { at, faults }: Place,
): string | null {
  for (const [name, shape] of Object.entries(members)) {
    const where = `${at === "" ? "" : `${at}.`}${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    const member = value[name] ?? null;
    if (member === null) {
      if (required.includes(name))
        faults.push(`Value null at '${where}' failed to satisfy constraint: Member must not be null`);
      continue;
    }
    const wrong = check(shape, member, { at: where, faults });
    if (wrong !== null) return wrong;
  }
  return null;
}

function breach(value: string | number, at: string, constraint: string): string {
  return `Value '${value}' at '${at}' failed to satisfy constraint: ${constraint}`;
}

function wrongType(value: unknown, wanted: string): string {
  const found = Array.isArray(value) ? "LIST" : (value === null ? "null" : typeof value).toUpperCase();
  return `${found}_VALUE can not be converted to ${wanted}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
