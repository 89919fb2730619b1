// Derives the TypeScript type of the values that a schema describes.
import type { Static, TSchema } from "typebox";

/** The type of the values, readonly throughout. */
export type TypeOf<S extends TSchema> = DeepReadonly<Static<S>>;

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;
