// Building blocks of the schemas, beside those of TypeBox.
import { Type, type Static, type TSchema, type TUnsafe } from "typebox";

/** Describes a whole number, 0 or more. */
export function count(description: string) {
  return Type.Integer({ description, minimum: 0 });
}

/** Describes a list of texts, such as event types. */
export function texts(description: string) {
  return Type.Array(Type.String(), { description });
}

/** Describes the code of a failure that the platform answered. */
export const platformCode = Type.String({
  description: "The platform's own code of the failure, as version.conflict; absent if it sent none.",
});

/** Allows null beside the value; the description is the value's. */
export function nullable<S extends TSchema>(schema: S): TUnsafe<Static<S> | null> {
  const { type, enum: values } = schema as { readonly type?: string; readonly enum?: readonly unknown[] };
  return Type.Unsafe(values ? { ...schema, enum: [...values, null] } : { ...schema, type: [type, "null"] });
}

/** Refers to a named schema or null; `description` tells what it means here. */
export function namedOrNull<S extends TSchema>(schema: S, description: string) {
  return Type.Union([schema, Type.Null()], { description });
}

/** Refers to a named schema; `description` tells what it means here. */
export function named<S extends TSchema>(schema: S, description: string): TUnsafe<Static<S>> {
  return Type.Unsafe({ description, $ref: schema });
}

/** Describes an object with any keys. */
export function byKey<S extends TSchema>(
  value: S,
  words: { readonly $id?: string; readonly description: string },
) {
  return Type.Unsafe<Record<string, Static<S>>>({ type: "object", additionalProperties: value, ...words });
}
