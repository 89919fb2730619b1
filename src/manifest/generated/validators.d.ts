import type { SchemaValidator } from "../schema-problems.ts";
export declare const validateWebhookSubscription: SchemaValidator;
export declare const validateReconcileConfig: SchemaValidator;
