// The kinds of resources that deliver events: their paths, their permissions, and which of them the manifests name.
import { joinWords } from "../lib/join-words.ts";
import { ReconcileError } from "../model/errors.ts";
import { eventBridge } from "../kinds/eventbridge/kind.ts";
import { trigger } from "../kinds/trigger/kind.ts";
import { webhook } from "../kinds/webhook/kind.ts";
import type { Kind } from "../model/kind.ts";
import type { AnswerOrError, Online, Observations } from "./check.ts";

export interface Resource extends Pick<Kind, "scheme" | "nouns" | "path" | "permissions"> {
  readonly key: keyof Pick<Online, "webhooks" | "integrations" | "triggers">;
  /** The form of its endpoints in a manifest. */
  readonly endpoint: string;
}

const webhooks: Resource = { ...webhook, key: "webhooks", endpoint: "https://…" };

export const resources: readonly Resource[] = [
  webhooks,
  { ...eventBridge, key: "integrations", endpoint: "eventbridge://…" },
  {
    ...trigger,
    key: "triggers",
    nouns: "Process Automation triggers",
    endpoint: "workflow:…",
  },
];

/** The resources that the manifests name; null without valid manifests. */
export function namedResources({ manifests }: Pick<Observations, "manifests">): readonly Resource[] | null {
  if (!manifests?.ok || manifests.value.length === 0) return null;
  const named = new Set(manifests.value.map(({ kind }) => kind.scheme));
  return resources.filter(({ scheme }) => named.has(scheme));
}

/** As `namedResources`; without manifests, those that the first manifests most likely name. */
export function likelyResources(seen: Pick<Observations, "manifests">): readonly Resource[] {
  return namedResources(seen) ?? [webhooks];
}

/** The permissions for a plan and for a sync; `more` are further ones that a sync needs. */
export function describePermissions(some: readonly Resource[], more: readonly string[] = []): string {
  const reads = some.map(({ permissions }) => permissions.list);
  const writes = [...some.flatMap(({ permissions }) => permissions.write), ...more];
  return `the permissions ${joinWords(reads, "and")} (plan) and ${joinWords(writes, "and")} (sync)`;
}

export type Offer = "offered" | "unlisted" | "missing" | "unknown";

/** `unlisted`: the organisation has it, but this token may not list it. */
export function offerOf(answer: AnswerOrError | null): Offer {
  if (answer === null) return "unknown";
  if (!(answer instanceof ReconcileError)) return "offered";
  if (answer.code === "api/notFound") return "missing";
  return answer.code === "api/forbidden" || answer.code === "api/unauthorized" ? "unlisted" : "unknown";
}
