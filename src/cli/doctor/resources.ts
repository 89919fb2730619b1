// The resources that deliver events: where each is asked for, what that takes, which the manifests name.
import { schemesOf } from "../../live.ts";
import { ReconcileError } from "../../model/errors.ts";
import type { Scheme } from "../../model/resource-kind.ts";
import type { Answer, Online, Seen } from "./check.ts";

export interface Resource {
  readonly scheme: Scheme;
  readonly key: keyof Pick<Online, "webhooks" | "integrations" | "triggers">;
  /** Several of them, in words. */
  readonly nouns: string;
  readonly path: string;
  /** What its endpoints look like in a manifest. */
  readonly endpoint: string;
  readonly permissions: { readonly list: string; readonly write: readonly string[] };
}

const webhooks: Resource = {
  scheme: "https:",
  key: "webhooks",
  nouns: "webhooks",
  path: "/api/v2/webhooks",
  endpoint: "https://…",
  permissions: { list: "webhook:read", write: ["webhook:write"] },
};

export const resources: readonly Resource[] = [
  webhooks,
  {
    scheme: "eventbridge:",
    key: "integrations",
    nouns: "EventBridge integrations",
    path: "/api/v2/integrations",
    endpoint: "eventbridge://…",
    permissions: permissionsOf("integrations:integration"),
  },
  {
    scheme: "workflow:",
    key: "triggers",
    nouns: "Process Automation triggers",
    path: "/api/v2/processautomation/triggers",
    endpoint: "workflow:…",
    permissions: permissionsOf("processautomation:trigger"),
  },
];

function permissionsOf(entity: string): Resource["permissions"] {
  return { list: `${entity}:view`, write: [`${entity}:add`, `${entity}:edit`, `${entity}:delete`] };
}

/** What the manifests name; null where no manifests are known that would say so. */
export function namedResources({ manifests }: Pick<Seen, "manifests">): readonly Resource[] | null {
  if (!manifests?.ok || manifests.value.length === 0) return null;
  const schemes = schemesOf(manifests.value);
  return resources.filter(({ scheme }) => schemes.has(scheme));
}

/** Without manifests, what the first ones most likely name. */
export function likelyResources(seen: Pick<Seen, "manifests">): readonly Resource[] {
  return namedResources(seen) ?? [webhooks];
}

export type Offer = "offered" | "hidden" | "missing" | "unknown";

/** `hidden`: it is there, and not to be seen with this token. */
export function offerOf(answer: Answer | null): Offer {
  if (answer === null) return "unknown";
  if (!(answer instanceof ReconcileError)) return "offered";
  if (answer.code === "api/notFound") return "missing";
  return answer.code === "api/forbidden" || answer.code === "api/unauthorized" ? "hidden" : "unknown";
}
