// The live resource: what reconcile writes to Genesys Cloud, and what it reads back. A webhook, or another resource in a
// webhook's words: `endpoint` says by its scheme which.
import type { RetryPolicy, TriggerOptions } from "./subscription.ts";

export interface WebhookDocument {
  readonly name: string;
  readonly endpoint: string;
  /** A set; sent sorted. */
  readonly eventTypes: readonly string[];
  /** Null of a resource that has none. */
  readonly retryPolicy: RetryPolicy | null;
  readonly state: "enabled" | "disabled";
  readonly description: string;
  /** Of a trigger only. */
  readonly trigger?: TriggerOptions;
}

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
