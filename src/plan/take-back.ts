// Finds the write that takes one resource of a run back, and the reasons against it.
import { sameEndpoint, shownEndpoint } from "../model/endpoint.ts";
import type { Operation } from "../model/plan.ts";
import type { Kinds } from "../model/kind.ts";
import type { RunChange } from "../model/run-changes.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { sortedSet } from "../model/document.ts";
import { diffDocuments } from "../model/document-diff.ts";
import { isSharedOf } from "./find-shared.ts";
import { makeOperation } from "./make-operation.ts";
import { ownerOf } from "../model/ownership.ts";

export interface TakenBack {
  /** The live resource; null if it is to be created. */
  readonly before: LiveResource | null;
  /** The document before the run; null if there was none. */
  readonly after: ResourceDocument | null;
  /** Why it must not be done, even with --force. */
  readonly forbidden: string | null;
  /** Describes the change that someone made to it since the run; null if none did. */
  readonly touched: string | null;
}

interface LiveAndLater {
  readonly live: readonly LiveResource[];
  readonly byId: ReadonlyMap<string, LiveResource>;
  /** By resource id, the last run after it that wrote the resource. */
  readonly later: ReadonlyMap<string, string>;
  readonly options: {
    readonly kinds: Kinds;
    readonly owner: string;
    readonly isAllowed: (endpoint: string) => boolean;
  };
}

/** Returns null if the resource is already as it was. */
export function takeBack(change: RunChange, given: LiveAndLater): TakenBack | null {
  const { before: wanted } = change;
  const now = findNow(change, given);
  if (wanted === null ? now === null : now !== null && diffDocuments(now, wanted, now.kind).length === 0)
    return null;
  return {
    before: now,
    after: wanted,
    forbidden: (now && findStranger(now, change, given)) ?? (wanted && findUnwanted(wanted, given)),
    touched: findTouch(change, now, given),
  };
}

/** Finds it by its id; if it is gone, finds a resource that someone made in its place. */
function findNow(
  { webhookId, before }: RunChange,
  { live, byId, options }: LiveAndLater,
): LiveResource | null {
  const own = byId.get(webhookId);
  if (own || !before) return own ?? null;
  const { name, endpoint } = before;
  const kind = options.kinds.of(before);
  return (
    live.find(
      (other) => other.kind === kind && other.name === name && sameEndpoint(other.endpoint, endpoint),
    ) ?? null
  );
}

/** A resource whose marker the run itself removed, as the rollback of an adoption does, may be taken again. */
function findStranger(now: LiveResource, { after }: RunChange, { options }: LiveAndLater): string | null {
  const { name, id, owner, kind } = now;
  const isGivenBack = owner === null && after !== null && diffDocuments(now, after, kind).length === 0;
  if (owner === options.owner || isGivenBack) return null;
  return `${kind.noun} "${name}" (id ${id}) ${owner === null ? "has no owner" : `is managed by owner "${owner}"`} now`;
}

/** A trail may come from anywhere, so it cannot make a resource that a manifest could not. */
function findUnwanted(document: ResourceDocument, { live, options }: LiveAndLater): string | null {
  const { name, endpoint } = document;
  const owner = ownerOf(document);
  const kind = options.kinds.of(document);
  const { noun } = kind;
  const isFed =
    !kind.shared ||
    options.kinds.findSharedEndpoint(kind) !== null ||
    live.some((one) => isSharedOf(kind, one, options));
  if (!isFed)
    return `${noun} "${name}" would get no events: the config no longer asks for ${kind.nouns}, nor for what they share`;
  if (owner !== null && owner !== options.owner)
    return `${noun} "${name}" was managed by owner "${owner}" then`;
  if (options.isAllowed(endpoint)) return null;
  return `${noun} "${name}" went to ${shownEndpoint(endpoint)} then, which is no endpoint that the config allows`;
}

function findTouch(
  change: RunChange,
  now: LiveResource | null,
  { later, options }: LiveAndLater,
): string | null {
  const { webhookId, before, after } = change;
  const of = now ?? after ?? before;
  const which = `${options.kinds.of(of ?? nothing).noun} "${of?.name ?? ""}" (id ${now?.id ?? webhookId})`;
  const run = later.get(webhookId);
  if (run !== undefined) return `run ${run.slice(0, 8)} wrote ${which} since`;
  if (after === null) return now && `someone made ${which} since`;
  if (!now) return `someone deleted ${which} since`;
  const keys = diffDocuments(now, after, now.kind).map(({ path }) => path.split("/")[1]);
  return keys.length === 0 ? null : `someone changed ${which} since: ${[...new Set(keys)].join(", ")}`;
}

/** Every change has a document before or after it; the types do not tell. */
const nothing = { endpoint: "" };

export function inverseOf(
  { before, after }: TakenBack,
  {
    runId,
    kinds,
    ...about
  }: Pick<Operation, "group" | "phase"> & {
    readonly runId: string;
    readonly owner: string;
    readonly kinds: Kinds;
  },
): Operation {
  const kind = before?.kind ?? kinds.of(after ?? nothing);
  const sorted = after && sentOf(after);
  return makeOperation({ before, after: sorted }, { ...about, kind, cause: { code: "takenBack", runId } });
}

/** A write has only the fields that reconcile knows. */
function sentOf(document: ResourceDocument): ResourceDocument {
  const known = Object.entries(document).filter(([key]) => key !== "unmodelled");
  const sent = Object.fromEntries(known) as unknown as ResourceDocument;
  return { ...sent, eventTypes: sortedSet(sent.eventTypes) };
}
