// What the checks and their excuses look at: what happened, what is live, and what the manifests declare.
import type { Head } from "../../src/audit/record.ts";
import type { MemoryFiles } from "../support/memory-files.ts";
import type { Journal } from "./journal.ts";
import type { Platform } from "./platform.ts";
import type { Group } from "./scenario.ts";
import type { TrailView } from "./trail-view.ts";

export interface Evidence {
  readonly journal: Journal;
  readonly platform: Platform;
  readonly trail: TrailView;
  readonly files: MemoryFiles;
  readonly auditKey: string | undefined;
  /** What the manifests say now. */
  groups: readonly Group[];
  /** The part of the trail that is known to be sound, and its last record. */
  verified: { readonly text: string; readonly head: Head };
  /** When all was last known to be as it should. */
  calmAt: number;
}
