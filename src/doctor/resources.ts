// The resources that deliver events: where each is asked for, what that takes, which the manifests name.
import { joinWords } from "../lib/join-words.ts";
import { schemesOf } from "../app/list-kinds.ts";
import { ReconcileError } from "../model/errors.ts";
import { resourceKinds, type ResourceKind } from "../model/resource-kind.ts";
import type { Answer, Online, Seen } from "./check.ts";

export interface Resource extends Pick<ResourceKind, "scheme" | "nouns" | "path" | "permissions"> {
  readonly key: keyof Pick<Online, "webhooks" | "integrations" | "triggers">;
  /** What its endpoints look like in a manifest. */
  readonly endpoint: string;
}

const webhooks: Resource = { ...resourceKinds["https:"], key: "webhooks", endpoint: "https://…" };

export const resources: readonly Resource[] = [
  webhooks,
  { ...resourceKinds["eventbridge:"], key: "integrations", endpoint: "eventbridge://…" },
  {
    ...resourceKinds["workflow:"],
    key: "triggers",
    nouns: "Process Automation triggers",
    endpoint: "workflow:…",
  },
];

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

/** For a plan, and for a sync; `more`: what a sync takes beside. */
export function describePermissions(some: readonly Resource[], more: readonly string[] = []): string {
  const reads = some.map(({ permissions }) => permissions.list);
  const writes = [...some.flatMap(({ permissions }) => permissions.write), ...more];
  return `the permissions ${joinWords(reads, "and")} (plan) and ${joinWords(writes, "and")} (sync)`;
}

export type Offer = "offered" | "hidden" | "missing" | "unknown";

/** `hidden`: it is there, and not to be seen with this token. */
export function offerOf(answer: Answer | null): Offer {
  if (answer === null) return "unknown";
  if (!(answer instanceof ReconcileError)) return "offered";
  if (answer.code === "api/notFound") return "missing";
  return answer.code === "api/forbidden" || answer.code === "api/unauthorized" ? "hidden" : "unknown";
}
