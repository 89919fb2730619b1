// Finds out which kinds of resource the manifests name, and how the platform answered about each kind.
import { joinWords } from "../lib/join-words.ts";
import { rowOf } from "../model/error-class.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import type { AnswerOrError, Observations } from "./check.ts";

/** The kinds that the manifests name; null without valid manifests. */
export function namedKinds({
  kinds,
  manifests,
}: Pick<Observations, "kinds" | "manifests">): readonly Kind[] | null {
  if (!manifests?.ok || manifests.value.length === 0) return null;
  const named = new Set(manifests.value.map(({ kind }) => onPlatform(kind)));
  return kinds.all.filter((kind) => named.has(kind));
}

/** The kinds whose resources Genesys Cloud has itself. */
export function platformKinds({ all: [first, ...others] }: Kinds): readonly [Kind, ...Kind[]] {
  return [first, ...others.filter(({ isInAws }) => !isInAws)];
}

/** What is in AWS gets its events from a resource of the platform. */
function onPlatform(kind: Kind): Kind {
  return kind.isInAws ? (kind.shared?.kind ?? kind) : kind;
}

/**
 * Returns the same as `namedKinds`; without manifests, the kinds that the first manifests most likely name, which the config
 * may choose.
 */
export function likelyKinds(seen: Pick<Observations, "kinds" | "manifests" | "config">): readonly Kind[] {
  const { kinds, config } = seen;
  const [first] = kinds.all;
  const chosen = config.ok ? kinds.under(config.value).choose(first.scheme) : null;
  return namedKinds(seen) ?? [onPlatform(chosen ?? first)];
}

/** Returns the platform's answer to the first request, which is about the first kind; null if it was not sent. */
export function firstAnswer({
  kinds,
  online,
}: Pick<Observations, "kinds" | "online">): AnswerOrError | null {
  return online?.answers.get(kinds.all[0]) ?? null;
}

/** Describes the permissions for a plan and for a sync; `more` lists further ones that a sync needs. */
export function describePermissions(some: readonly Kind[], more: readonly string[] = []): string {
  const reads = some.map(({ permissions }) => permissions.list);
  const writes = [...some.flatMap(({ permissions }) => permissions.write), ...more];
  return `the permissions ${joinWords(reads, "and")} (plan) and ${joinWords(writes, "and")} (sync)`;
}

export type Offer = "offered" | "unlisted" | "missing" | "unknown";

/** Returns `unlisted` for a kind that the organisation has but that this token may not list. */
export function offerOf(answer: AnswerOrError | undefined): Offer {
  if (answer === undefined) return "unknown";
  if (!(answer instanceof ReconcileError)) return "offered";
  if (answer.code === "api/notFound") return "missing";
  return rowOf(answer.code).isAccessRefused ? "unlisted" : "unknown";
}
