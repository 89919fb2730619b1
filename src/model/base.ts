// Separates what a pull request changes from what was pending without it.
import type * as schema from "./schema/base.ts";
import type { TypeOf } from "./schema/type-of.ts";

/** A plan beside that of a base revision, from the same live state and the same history. */
export type Base = TypeOf<typeof schema.base>;

/** Counts operations in the same way as the summary. */
export type BaseCounts = TypeOf<typeof schema.baseCounts>;
