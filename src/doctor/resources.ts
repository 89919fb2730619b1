// What the platform answered about each kind of resource, and which kinds the manifests name.
import { joinWords } from "../lib/join-words.ts";
import { rowOf } from "../model/error-class.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Kind } from "../model/kind.ts";
import type { AnswerOrError, Observations } from "./check.ts";

/** The kinds that the manifests name; null without valid manifests. */
export function namedKinds({
  kinds,
  manifests,
}: Pick<Observations, "kinds" | "manifests">): readonly Kind[] | null {
  if (!manifests?.ok || manifests.value.length === 0) return null;
  const named = new Set(manifests.value.map(({ kind }) => kind));
  return kinds.all.filter((kind) => named.has(kind));
}

/** As `namedKinds`; without manifests, those that the first manifests most likely name. */
export function likelyKinds(seen: Pick<Observations, "kinds" | "manifests">): readonly Kind[] {
  return namedKinds(seen) ?? [seen.kinds.all[0]];
}

/** What the platform answered to the first request, which is about the first kind; null where it was not sent. */
export function firstAnswer({
  kinds,
  online,
}: Pick<Observations, "kinds" | "online">): AnswerOrError | null {
  return online?.answers.get(kinds.all[0]) ?? null;
}

/** The permissions for a plan and for a sync; `more` are further ones that a sync needs. */
export function describePermissions(some: readonly Kind[], more: readonly string[] = []): string {
  const reads = some.map(({ permissions }) => permissions.list);
  const writes = [...some.flatMap(({ permissions }) => permissions.write), ...more];
  return `the permissions ${joinWords(reads, "and")} (plan) and ${joinWords(writes, "and")} (sync)`;
}

export type Offer = "offered" | "unlisted" | "missing" | "unknown";

/** `unlisted`: the organisation has it, but this token may not list it. */
export function offerOf(answer: AnswerOrError | undefined): Offer {
  if (answer === undefined) return "unknown";
  if (!(answer instanceof ReconcileError)) return "offered";
  if (answer.code === "api/notFound") return "missing";
  return rowOf(answer.code).isAccessRefused ? "unlisted" : "unknown";
}
