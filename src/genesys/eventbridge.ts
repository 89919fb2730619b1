// Endpoints with eventbridge: — integrations that send events to a partner event source in AWS. To make one takes
// several writes: create → configure → switch on → wait until the platform reports that it delivers.
import { isCode, ReconcileError } from "../model/errors.ts";
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import type { Api } from "./client/api.ts";
import { isObject } from "./client/json.ts";
import { converge, remove } from "./converge-integration.ts";
import type { Driver } from "./driver.ts";
import { asLive, isHalfMade, type Integration } from "./integration-shape.ts";
import {
  integrationsPath as path,
  integrationType,
  listIntegrations,
  readIntegration,
  type EventBridgeOptions,
} from "./integrations.ts";
import { believeStored, expected, isResourceId, orNotFound, pathOf, type Parsed } from "./parsed.ts";

export function makeEventBridgeDriver(options: EventBridgeOptions): Driver {
  const { api } = options;
  /** As they were last listed, by name: one that was begun is not begun again. */
  const listed = new Map<string, Integration>();
  /**
   * What each said of whose it is when it was last listed, which is what a plan is made from, or written. A look in
   * between changes nothing: who has taken it meanwhile shall be found out.
   */
  const known = new Map<string, string>();
  const note = (live: LiveWebhook): LiveWebhook => {
    known.set(live.id, live.description);
    return live;
  };
  const steppingFor = (...descriptions: readonly (string | undefined)[]) => ({
    ...options,
    progress: { writes: 0 },
    isOurs: (now: Integration) => isHalfMade(now) || descriptions.includes(now.config?.notes),
  });
  return {
    list: async () => {
      const all = await listIntegrations(api);
      listed.clear();
      for (const one of all) listed.set(one.name, one);
      return all.filter((one) => !isHalfMade(one)).map((one) => note(asLive(one)));
    },
    read: async (id) => {
      const found = await readIntegration(id, api);
      if (!found) return null;
      const live = asLive(found);
      return known.has(id) ? live : note(live);
    },
    create: async (document) => {
      const named = listed.get(document.name);
      listed.delete(document.name);
      const stepping = steppingFor(document.description);
      const begun = named && isBegun(named, document) ? named : null;
      const id = begun?.id ?? (await begin(document, api));
      known.set(id, document.description);
      if (!begun) stepping.progress.writes += 1;
      const isEmpty = !begun || isHalfMade(begun);
      return converge(id, document, stepping).then(note, async (error: unknown) => {
        if (isEmpty && isFinal(error) && (await isTakenAway(id, api))) throw beforeRejection(error);
        return tellingHalfDone(stepping)(error);
      });
    },
    update: (id, document, before) => {
      const stepping = steppingFor(before?.description ?? known.get(id), document.description);
      return converge(id, document, stepping).then(note, tellingHalfDone(stepping));
    },
    delete: (id, before) => {
      const stepping = steppingFor(before?.description ?? known.get(id));
      return remove(id, stepping).catch(tellingHalfDone(stepping));
    },
  };
}

/** By whoever made it so far: it is empty, or all that is left is to switch it on. */
function isBegun(one: Integration, { endpoint, description }: WebhookDocument): boolean {
  const live = asLive(one);
  return isHalfMade(one) || (live.endpoint === endpoint && live.description === description);
}

async function begin({ name }: WebhookDocument, api: Pick<Api, "request">): Promise<string> {
  const { body } = await api.request("POST", path, { name, integrationType: { id: integrationType } });
  return believeStored(parseId(body), `POST ${path}`);
}

function parseId(body: unknown): Parsed<string> {
  const id = isObject(body) ? body["id"] : undefined;
  return isResourceId(id) ? { ok: true, value: id } : expected("an integration with an id");
}

/** Another try would come to the same. */
function isFinal(error: unknown): boolean {
  return isCode(error, "api/rejected", "api/forbidden", "api/unauthorized");
}

/** Where another one stands in the way, somebody may look whose it is. */
function beforeRejection(error: unknown): unknown {
  const cause = error instanceof ReconcileError ? error.cause : undefined;
  return isCode(cause, "api/conflict") ? cause : error;
}

/** What was begun in vain, as long as it is empty; else it stays, and is used the next time. */
async function isTakenAway(id: string, api: Pick<Api, "request">): Promise<boolean> {
  try {
    const now = await readIntegration(id, api);
    if (now && !isHalfMade(now)) return false;
    if (now) await orNotFound(api.request("DELETE", pathOf(path, id, "integration")));
    return true;
  } catch (error) {
    if (error instanceof ReconcileError) return false;
    throw error;
  }
}

/** What tells all that there is to know. */
const told = ["api/stateError", "api/unsettled", "api/storedOtherwise", "api/rejected"];

/** Where some of its writes have taken effect, nobody may take it for undone. */
function tellingHalfDone({ progress }: { readonly progress: { readonly writes: number } }) {
  return (error: unknown): never => {
    if (!(error instanceof ReconcileError) || progress.writes === 0 || isCode(error, "api/outcomeUnknown"))
      throw error;
    const { hint, fields } = error;
    const isTold = isFinal(error) || told.includes(error.code);
    const message = isTold ? error.message : `done in part, and not to its end: ${error.message}`;
    throw new ReconcileError(isTold ? "api/halfDone" : "api/outcomeUnknown", message, {
      ...(hint === null ? {} : { hint }),
      ...{ fields, correlationId: error.correlationId ?? undefined, cause: error },
    });
  };
}
