// From a schema to the type of what it describes.
import type { Static, TSchema } from "typebox";

/** What the schema describes, readonly throughout. */
export type TypeOf<S extends TSchema> = DeepReadonly<Static<S>>;

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;
