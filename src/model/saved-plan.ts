// A plan on disk, with fingerprints of what it was made from, so that another process can apply exactly it, or refuse.
import type { ToldPlan } from "./plan.ts";
import type * as schema from "./schema/saved-plan.ts";
import type { TypeOf } from "./schema/type-of.ts";

export interface SavedPlan extends Omit<TypeOf<typeof schema.savedPlan>, "plan"> {
  readonly plan: ToldPlan;
}

/** Fingerprints of only what the plan relies on: other resources and other manifests may change. */
export type Fingerprints = TypeOf<typeof schema.fingerprints>;

/** SHA-256 of the canonical JSON of each key's value, by key, so that a message can name the key that differs. */
export type KeyHashes = TypeOf<typeof schema.keyHashes>;

export type ManifestFingerprint = TypeOf<typeof schema.manifestFingerprint>;

export type WebhookFingerprint = TypeOf<typeof schema.webhookFingerprint>;
