// A plan on disk, with what it was made from: so that another process can apply exactly it, or refuse.
import type { ToldPlan } from "./plan.ts";

export interface SavedPlan {
  readonly formatVersion: 1;
  readonly kind: "ReconcilePlan";
  /** The version of reconcile that made it. */
  readonly madeBy: string;
  /** The region's domain, `sandbox`, or the host of an overridden address. */
  readonly environment: string;
  readonly owner: string;
  /** Of the pass that made it, and of the one that applies it: so the trail shows which plan was applied. */
  readonly runId: string;
  readonly overrides: Overrides;
  readonly fingerprints: Fingerprints;
  readonly plan: ToldPlan;
}

/** The flags of a pass that decide what its plan is; `apply` takes none of them. */
export interface Overrides {
  readonly prune: boolean;
  readonly adopt: boolean;
  readonly allowDeletes: boolean;
  readonly createOnly: boolean;
  readonly allowEmpty: boolean;
  /** `--group`; null for all. */
  readonly groups: readonly string[] | null;
  /** `--selector`; null for any labels. */
  readonly selector: Readonly<Record<string, string>> | null;
}

/** What the plan relies on, and no more: other webhooks and other manifests may change. */
export interface Fingerprints {
  /** Of each group that the plan writes or leaves alone for a conflict, by group. */
  readonly manifests: readonly ManifestFingerprint[];
  /**
   * Of every live webhook of those groups, whoever manages it, and of any that has a name and endpoint that the plan
   * creates, by id. One that is not here was not there.
   */
  readonly webhooks: readonly WebhookFingerprint[];
}

/** SHA-256 of the canonical JSON of a key's value, by the key: so that what differs can be named. */
export type KeyHashes = Readonly<Record<string, string>>;

export interface ManifestFingerprint {
  readonly group: string;
  /** Null of a group without a manifest, whose webhooks are pruned. */
  readonly keys: KeyHashes | null;
}

export interface WebhookFingerprint {
  readonly webhookId: string;
  readonly name: string;
  /** Null where its description names none. */
  readonly group: string | null;
  readonly keys: KeyHashes;
}
