// The sandbox's default resources.
import { integrations } from "./integrations.ts";
import type { SandboxResource } from "./resource.ts";
import { triggers } from "./triggers.ts";
import { webhooks } from "./webhooks.ts";

export const builtInResources: readonly SandboxResource[] = [webhooks, integrations, triggers];
