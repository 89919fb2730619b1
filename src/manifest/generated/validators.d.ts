import type { SchemaValidator } from "../schema-validator.ts";
export declare const validateWebhookSubscription: SchemaValidator;
export declare const validateReconcileConfig: SchemaValidator;
