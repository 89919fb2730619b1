// What a pull request changes, told apart from what was to be done without it.
import type * as schema from "./schema/base.ts";
import type { TypeOf } from "./schema/type-of.ts";

/** A plan beside that of a base revision, from the same live state and the same history. */
export type Base = TypeOf<typeof schema.base>;

/** As the summary counts. */
export type BaseCounts = TypeOf<typeof schema.baseCounts>;
