// Finds what has to change on a resource. It compares values by meaning (`PT60S` is `PT1M`) and sends them as written.
import jsonPatch from "fast-json-patch";
import { sameDocument, sortedSet, type Side } from "./document.ts";
import { sameEndpoint } from "./endpoint.ts";
import { partNumber, readOwnership, webhookName } from "./ownership.ts";
import type { Kind } from "./kind.ts";
import { noOptions } from "./option-forms.ts";
import { dropUnstated } from "./options.ts";
import type { PatchStep } from "./plan.ts";

/**
 * Returns RFC 6902 steps from one document to the other; either may be null. They are empty if both mean the same. Options
 * that the document `after` leaves unstated stay as they are.
 */
export function diffDocuments(before: Side | null, after: Side | null, kind: Kind): PatchStep[] {
  if (before && after && sameDocument(before, after)) return [];
  const to = after ? normalise(after, kind) : {};
  const from = before ? normalise(before, kind) : {};
  if (!after) return removalsOf(Object.keys(from));
  return jsonPatch.compare(before ? spellAs(from, after, kind) : from, to) as PatchStep[];
}

const removals = new Map<string, PatchStep[]>();

/** All deletes of a kind have the same steps, without a value: they share them, because a pass may plan 100,000. */
function removalsOf(keys: readonly string[]): PatchStep[] {
  const known = removals.get(keys.join());
  const steps = known ?? keys.toReversed().map((key) => ({ op: "remove" as const, path: `/${key}` }));
  removals.set(keys.join(), steps);
  return steps;
}

function normalise(side: Side, { options }: Kind): Record<string, unknown> {
  const { name, endpoint, state, description } = side;
  const eventTypes = sortedSet(side.eventTypes);
  const value = options ? side[options.key] : undefined;
  const own = options && value !== undefined ? { [options.key]: value } : {};
  // Saved plans hold patches, whose steps follow the order of the keys: a key that every document has stands in the middle.
  const isInAll = options !== null && options.key in noOptions;
  return { name, endpoint, eventTypes, ...(isInAll && own), state, description, ...(!isInAll && own) };
}

/** Returns the document with the other side's spelling for every value that means the same. */
function spellAs(document: Record<string, unknown>, other: Side, kind: Kind): Record<string, unknown> {
  const { options, granularity } = kind;
  const { name, endpoint, ...rest } = document as unknown as Side;
  const [own, its] = options ? [rest[options.key], other[options.key]] : [];
  // A live resource states everything that it has.
  const stated = options && own && its && !("delivers" in other) ? dropUnstated(options, own, its) : own;
  const alike =
    options && stated && its ? { ...document, [options.key]: options.spellAs(stated, its) } : document;
  if (!sameEndpoint(endpoint, other.endpoint)) return alike;
  const meansSame = typeof granularity === "object" ? isPartNameOf : isNameOf;
  const spelt = name === other.name || meansSame(kind, { name, endpoint }, other) ? other.name : name;
  return { ...alike, endpoint: other.endpoint, name: spelt };
}

/** A name holds its endpoint's spelling: two spellings of one endpoint have two names that mean the same. */
function isNameOf(_: Kind, { name, endpoint }: Named, other: Side): boolean {
  const group = readOwnership(other.description).group ?? "";
  return name === webhookName(group, endpoint) && other.name === webhookName(group, other.endpoint);
}

type Named = Pick<Side, "name" | "endpoint">;

/** The same of an endpoint's parts: both are names of the same part. */
function isPartNameOf(kind: Kind, named: Named, other: Side): boolean {
  const group = readOwnership(other.description).group ?? "";
  const number = partNumber(kind, group, other);
  return number !== null && number === partNumber(kind, group, named);
}
