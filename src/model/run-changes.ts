// What a run did, as its records have it: what a rollback goes by.
import type { ResourceDocument } from "./resource.ts";

/** One webhook, over all of the run's writes of it. */
export interface RunChange {
  readonly webhookId: string;
  readonly group: string;
  /** Null where the run created it. */
  readonly before: ResourceDocument | null;
  /** Null where the run deleted it. */
  readonly after: ResourceDocument | null;
}

/** The manifest that a group came from. */
export interface RunSource {
  readonly file: string;
  readonly line: number;
}
