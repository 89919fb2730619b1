// The live resource: what reconcile writes to Genesys Cloud, and what it reads back. A webhook, or another resource in a
// webhook's words: `endpoint` says by its scheme which.
import type { TypeOf } from "./schema/type-of.ts";
import type * as schema from "./schema/webhook.ts";
import type { RetryPolicy, TriggerOptions } from "./subscription.ts";

export type WebhookDocument = TypeOf<typeof schema.webhook>;

/** As the platform reports it. Fields that someone else wrote may hold anything of their type. */
export interface LiveWebhook {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly eventTypes: readonly string[];
  /** Null where the platform reports none. */
  readonly retryPolicy: RetryPolicy | null;
  readonly state: string;
  readonly description: string;
  /** Of a trigger only. */
  readonly trigger?: TriggerOptions;
}
