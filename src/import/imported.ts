// The input and the result of an import, as data.
import type { RuleOptions } from "../manifest/rules/rule.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Plan } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import type { LiveResource } from "../model/resource.ts";
import type { PlanOptions } from "../plan/make-plan.ts";

export interface ImportOptions {
  /** The folder of the manifests. */
  readonly folder: string;
  /** Patterns of files in that folder that no command reads. */
  readonly ignore: readonly string[];
  /** The line by which an editor finds the schema, without its `#`; null if there is no schema to find. */
  readonly modeline: string | null;
  /** Consumer groups by name; null for all. */
  readonly groups: readonly string[] | null;
  /** True if import changes existing manifests to what is live. */
  readonly update: boolean;
  readonly rules: RuleOptions;
  readonly plan: PlanOptions;
}

export interface ImportSource {
  readonly live: readonly LiveResource[];
  readonly desired: readonly Subscription[];
  /** The text of each existing manifest file, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** The names of everything in the folder, because import overwrites none of it. */
  readonly entries: readonly string[];
}

export interface Import {
  /** One manifest for each group, sorted by group. */
  readonly manifests: readonly ImportedManifest[];
  /** The whole text of each file to write, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Groups that cannot be expressed. */
  readonly refused: readonly RefusedGroup[];
  readonly leftAlone: readonly LeftAlone[];
  /** How many resources have a manifest already. */
  readonly covered: number;
  /** The word for one live resource, such as `webhook`. */
  readonly noun: string;
  /** The plan that `plan --adopt` would make for the imported groups. */
  readonly plan: Plan;
  /** The warnings that `validate` gives for the files. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ImportedManifest {
  readonly file: string;
  readonly group: string;
  readonly change: "new" | "updated" | "unchanged";
  readonly webhooks: readonly LiveResource[];
  readonly eventTypes: number;
  readonly endpoints: number;
  /** One sentence for each thing that a manifest cannot express, or that the user has to check. */
  readonly notes: readonly string[];
}

export interface RefusedGroup {
  readonly group: string;
  readonly webhooks: readonly LiveResource[];
  /** Each reason tells the user what to do. */
  readonly reasons: readonly string[];
}

export interface LeftAlone {
  readonly webhook: LiveResource;
  readonly reason: string;
}

/** The result of importing one group. */
export type GroupImport =
  | { readonly ok: false; readonly reasons: readonly string[] }
  | {
      readonly ok: true;
      readonly manifest: Omit<ImportedManifest, "webhooks">;
      /** The file's new text; null if the file stays as it is. */
      readonly text: string | null;
      readonly subscription: Subscription;
    };
