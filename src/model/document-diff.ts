// Finds what has to change on a resource. It compares values by meaning (`PT60S` is `PT1M`) and sends them as written.
import jsonPatch from "fast-json-patch";
import { sameDocument, sortedSet, type Side } from "./document.ts";
import { sameEndpoint } from "./endpoint.ts";
import { partNumber, readOwnership, webhookName } from "./ownership.ts";
import type { Kind } from "./kind.ts";
import type { PatchStep } from "./plan.ts";

/** Returns RFC 6902 steps from one document to the other; either may be null. They are empty if both mean the same. */
export function diffDocuments(before: Side | null, after: Side | null, kind: Kind): PatchStep[] {
  if (before && after && sameDocument(before, after)) return [];
  const to = after ? normalise(after, kind) : {};
  const from = before ? normalise(before, kind) : {};
  return jsonPatch.compare(before && after ? spellAs(from, after, kind) : from, to) as PatchStep[];
}

function normalise(side: Side, { options }: Kind): Record<string, unknown> {
  const { name, endpoint, eventTypes, retryPolicy, state, description, trigger } = side;
  const types = sortedSet(eventTypes);
  if (options?.key === "retryPolicy")
    return { name, endpoint, eventTypes: types, retryPolicy, state, description };
  const document = { name, endpoint, eventTypes: types, state, description };
  return trigger ? { ...document, trigger } : document;
}

/** Returns the document with the other side's spelling for every value that means the same. */
function spellAs(
  document: Record<string, unknown>,
  other: Side,
  { options, granularity }: Kind,
): Record<string, unknown> {
  const { name, endpoint } = document as unknown as Side;
  const alike =
    options && document[options.key] !== undefined
      ? { ...document, [options.key]: options.spellAs(document[options.key], other[options.key]) }
      : document;
  if (!sameEndpoint(endpoint, other.endpoint)) return alike;
  const meansSame = typeof granularity === "object" ? isPartNameOf : isNameOf;
  const spelt = name === other.name || meansSame(name, endpoint, other) ? other.name : name;
  return { ...alike, endpoint: other.endpoint, name: spelt };
}

/** A name holds its endpoint's spelling: two spellings of one endpoint have two names that mean the same. */
function isNameOf(name: string, endpoint: string, other: Side): boolean {
  const group = readOwnership(other.description).group ?? "";
  return name === webhookName(group, endpoint) && other.name === webhookName(group, other.endpoint);
}

/** The same of an endpoint's parts: both are names of the same part. */
function isPartNameOf(name: string, endpoint: string, other: Side): boolean {
  const group = readOwnership(other.description).group ?? "";
  const number = partNumber(group, other.endpoint, other.name);
  return number !== null && number === partNumber(group, endpoint, name);
}
