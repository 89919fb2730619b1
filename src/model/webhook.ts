// The live resource: what reconcile writes to Genesys Cloud, and what it reads back.
import type { RetryPolicy } from "./subscription.ts";

export interface WebhookDocument {
  readonly name: string;
  readonly endpoint: string;
  /** A set; sent sorted. */
  readonly eventTypes: readonly string[];
  readonly retryPolicy: RetryPolicy;
  readonly state: "enabled" | "disabled";
  readonly description: string;
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
}
