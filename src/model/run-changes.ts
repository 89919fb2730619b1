// The changes of a run, from its records; a rollback is planned from them.
import type { ResourceDocument } from "./resource.ts";

/** The change of one resource, over all of the run's writes to it. */
export interface RunChange {
  readonly webhookId: string;
  /** Null for a resource that several groups share. */
  readonly group: string | null;
  /** Null if the run created it. */
  readonly before: ResourceDocument | null;
  /** Null if the run deleted it. */
  readonly after: ResourceDocument | null;
}

/** The manifest that a group came from. */
export interface RunSource {
  readonly file: string;
  readonly line: number;
  /** As the record has it; null if it names none. */
  readonly commit: string | null;
}
