import type { SchemaValidator } from "../../manifest/schema-validator.ts";
export declare const validatePlan: SchemaValidator;
