// What the schemas are put together from, beside TypeBox's own words.
import { Type, type Static, type TSchema, type TUnsafe } from "typebox";

/** A whole number, 0 or more. */
export function count(description: string) {
  return Type.Integer({ description, minimum: 0 });
}

/** Texts, such as event types. */
export function texts(description: string) {
  return Type.Array(Type.String(), { description });
}

/** The value or null; the description is the value's. */
export function nullable<S extends TSchema>(schema: S): TUnsafe<Static<S> | null> {
  const { type, enum: values } = schema as { readonly type?: string; readonly enum?: readonly unknown[] };
  return Type.Unsafe(values ? { ...schema, enum: [...values, null] } : { ...schema, type: [type, "null"] });
}

/** A schema with a name of its own or null, which is described by what it means here. */
export function namedOrNull<S extends TSchema>(schema: S, description: string) {
  return Type.Union([schema, Type.Null()], { description });
}

/** A schema with a name of its own, which is described by what it means here. */
export function named<S extends TSchema>(schema: S, description: string): TUnsafe<Static<S>> {
  return Type.Unsafe({ description, $ref: schema });
}

/** An object with any keys. */
export function byKey<S extends TSchema>(
  value: S,
  words: { readonly $id?: string; readonly description: string },
) {
  return Type.Unsafe<Record<string, Static<S>>>({ type: "object", additionalProperties: value, ...words });
}
