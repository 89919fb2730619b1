// What an import is told, and what it comes to, as data.
import type { RuleOptions } from "../manifest/rules/rule.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Plan } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import type { PlanOptions } from "../plan/make-plan.ts";

export interface ImportOptions {
  /** The folder of the manifests. */
  readonly folder: string;
  /** The line by which an editor finds the schema, without its `#`; null if there is no schema to find. */
  readonly modeline: string | null;
  /** Consumer groups by name; null for all. */
  readonly groups: readonly string[] | null;
  /** Whether manifests that are there are to follow what is live. */
  readonly update: boolean;
  readonly rules: RuleOptions;
  readonly plan: PlanOptions;
}

export interface ImportSource {
  readonly live: readonly LiveResource[];
  readonly desired: readonly Subscription[];
  /** The text of each manifest file that is there, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** What is in the folder, under any name: nothing of it is overwritten. */
  readonly entries: readonly string[];
}

export interface Import {
  /** One a group, by group. */
  readonly manifests: readonly ImportedManifest[];
  /** The files to write, whole, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Groups that cannot be expressed. */
  readonly refused: readonly RefusedGroup[];
  readonly leftAlone: readonly LeftAlone[];
  /** How many webhooks have a manifest already. */
  readonly covered: number;
  /** For a number of what is live, such as `webhook`. */
  readonly noun: string;
  /** Of the groups with a manifest here, with --adopt. */
  readonly plan: Plan;
  /** What `validate` warns of in the files. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ImportedManifest {
  readonly file: string;
  readonly group: string;
  readonly change: "new" | "updated" | "unchanged";
  readonly webhooks: readonly LiveResource[];
  readonly eventTypes: number;
  readonly endpoints: number;
  /** What could not be expressed or has to be looked at, a sentence each. */
  readonly notes: readonly string[];
}

export interface RefusedGroup {
  readonly group: string;
  readonly webhooks: readonly LiveResource[];
  /** The reasons, each with its way out. */
  readonly reasons: readonly string[];
}

export interface LeftAlone {
  readonly webhook: LiveResource;
  readonly reason: string;
}

/** What one group comes to. */
export type GroupImport =
  | { readonly ok: false; readonly reasons: readonly string[] }
  | {
      readonly ok: true;
      readonly manifest: Omit<ImportedManifest, "webhooks">;
      /** Null where the file stays as it is. */
      readonly text: string | null;
      readonly subscription: Subscription;
    };
