// One webhook that a run changed: the write that takes it back, and what speaks against it.
import { sameEndpoint, shownEndpoint } from "../model/endpoint.ts";
import type { Operation } from "../model/plan.ts";
import { kindOf } from "../model/resource-kind.ts";
import type { RunChange } from "../model/run-changes.ts";
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import { sortedSet } from "../model/document.ts";
import { diffWebhooks } from "../model/document-diff.ts";
import { makeOperation } from "./make-operation.ts";
import { readOwnership } from "../model/ownership.ts";

export interface TakenBack {
  /** The live webhook; null where it is to be created. */
  readonly before: LiveWebhook | null;
  /** As it was before the run; null where it was not there. */
  readonly after: WebhookDocument | null;
  /** Why it must not be done, whatever flags say. */
  readonly forbidden: string | null;
  /** Who touched it since. */
  readonly touched: string | null;
}

interface Given {
  readonly live: readonly LiveWebhook[];
  readonly byId: ReadonlyMap<string, LiveWebhook>;
  /** By webhook id, the last run after it that wrote the webhook. */
  readonly later: ReadonlyMap<string, string>;
  readonly options: { readonly owner: string; readonly isAllowed: (endpoint: string) => boolean };
}

/** Null where it is already as it was. */
export function takeBack(change: RunChange, given: Given): TakenBack | null {
  const { before: wanted } = change;
  const now = findNow(change, given);
  if (wanted === null ? now === null : now !== null && diffWebhooks(now, wanted).length === 0) return null;
  return {
    before: now,
    after: wanted,
    forbidden: (now && findStranger(now, change, given)) ?? (wanted && findUnwanted(wanted, given)),
    touched: findTouch(change, now, given),
  };
}

/** By its id; of one that is gone, another that somebody made in its place. */
function findNow({ webhookId, before }: RunChange, { live, byId }: Given): LiveWebhook | null {
  const own = byId.get(webhookId);
  if (own || !before) return own ?? null;
  const { name, endpoint } = before;
  return live.find((other) => other.name === name && sameEndpoint(other.endpoint, endpoint)) ?? null;
}

/** One that the run itself gave back to nobody, as a rollback of an adoption does, may be taken again. */
function findStranger(now: LiveWebhook, { after }: RunChange, { options }: Given): string | null {
  const { name, id, description } = now;
  const { owner } = readOwnership(description);
  const isGivenBack = owner === null && after !== null && diffWebhooks(now, after).length === 0;
  if (owner === options.owner || isGivenBack) return null;
  return `${kindOf(now.endpoint).noun} "${name}" (id ${id}) is managed by ${owner === null ? "nobody" : `owner "${owner}"`} now`;
}

/** A trail may come from anywhere: it cannot make a webhook that a manifest could not. */
function findUnwanted({ name, endpoint, description }: WebhookDocument, { options }: Given): string | null {
  const { owner } = readOwnership(description);
  if (owner !== null && owner !== options.owner)
    return `${kindOf(endpoint).noun} "${name}" was managed by owner "${owner}" then`;
  if (options.isAllowed(endpoint)) return null;
  return `${kindOf(endpoint).noun} "${name}" went to ${shownEndpoint(endpoint)} then, which is no endpoint that the config allows`;
}

function findTouch(change: RunChange, now: LiveWebhook | null, { later }: Given): string | null {
  const { webhookId, before, after } = change;
  const of = now ?? after ?? before;
  const which = `${kindOf(of?.endpoint ?? "").noun} "${of?.name ?? ""}" (id ${now?.id ?? webhookId})`;
  const run = later.get(webhookId);
  if (run !== undefined) return `run ${run.slice(0, 8)} wrote ${which} since`;
  if (after === null) return now && `someone made ${which} since`;
  if (!now) return `someone deleted ${which} since`;
  const keys = diffWebhooks(now, after).map(({ path }) => path.split("/")[1]);
  return keys.length === 0 ? null : `someone changed ${which} since: ${[...new Set(keys)].join(", ")}`;
}

export function inverseOf(
  { before, after }: TakenBack,
  {
    runId,
    ...about
  }: Pick<Operation, "group" | "phase"> & { readonly runId: string; readonly owner: string },
): Operation {
  const sorted = after && { ...after, eventTypes: sortedSet(after.eventTypes) };
  return makeOperation({ before, after: sorted }, { ...about, cause: { code: "takenBack", runId } });
}
