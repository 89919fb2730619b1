// What a pull request changes, told apart from what was to be done without it.
import type { Operation } from "./plan.ts";

/** A plan beside that of a base revision, from the same live state and the same history. */
export interface Base {
  /** As it was given. */
  readonly ref: string;
  /** Null where the ref names nothing, as of a new repository. */
  readonly commit: string | null;
  /**
   * `absent`: there are no manifests in the base, so that everything is of this change. `invalid`: they, or its config,
   * are of no use, and nothing is told apart.
   */
  readonly manifests: "read" | "absent" | "invalid";
  /** What this change does, those of `both` included; null where nothing is told apart. */
  readonly change: BaseCounts | null;
  /** What was to be done before it, and still is. */
  readonly pending: BaseCounts | null;
  /** What was to be done, and is not any more. */
  readonly obsolete: readonly Pick<
    Operation,
    "action" | "group" | "endpoint" | "webhookId" | "name" | "reason"
  >[];
}

/** As the summary counts. */
export interface BaseCounts {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly adopt: number;
  readonly movedEventTypes: number;
  readonly skipped: number;
}
