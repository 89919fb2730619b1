// Endpoints with eventbridge: — integrations that send events to a partner event source in AWS. To make one takes
// several writes: create → configure → switch on → wait until the platform reports that it delivers.
import { rowOf } from "../../model/error-class.ts";
import { isCode, isOfClass, ReconcileError } from "../../model/errors.ts";
import type { LiveResource, ResourceDocument } from "../../model/resource.ts";
import type { Api } from "../../genesys/client/api.ts";
import { isObject } from "../../genesys/client/json.ts";
import { converge, remove, type Stepping } from "./converge.ts";
import type { Driver, DriverPorts } from "../../genesys/driver.ts";
import { asLive, isHalfMade, isWithoutSource, parseConfiguration, type Integration } from "./shape.ts";
import {
  integrationsPath as path,
  integrationType,
  listIntegrations,
  readConfiguration,
  readIntegration,
} from "./integrations.ts";
import {
  believeStored,
  expected,
  isResourceId,
  orNotFound,
  pathOf,
  type Parsed,
} from "../../genesys/parsed.ts";

export function makeEventBridgeDriver(options: DriverPorts): Driver {
  const { api } = options;
  /** As they were last listed, by name: one that was begun is not begun again. */
  const listed = new Map<string, Integration>();
  /**
   * What each said of whose it is when it was last listed, which is what a plan is made from, or written. A look in
   * between changes nothing: who has taken it meanwhile shall be found out.
   */
  const known = new Map<string, string>();
  const note = (live: LiveResource): LiveResource => {
    known.set(live.id, live.description);
    return live;
  };
  const steppingFor = (...descriptions: readonly (string | undefined)[]) => ({
    ...options,
    progress: { writes: 0 },
    isOurs: (now: Integration) => isHalfMade(now) || descriptions.includes(now.config?.notes),
  });
  /** An earlier call, or another machine, made it: this call may configure it, and never deletes it. */
  const goOnWith = (begun: Integration, document: ResourceDocument): Promise<LiveResource> => {
    const stepping = steppingFor(document.description);
    return converge(begun.id, document, stepping).catch((error: unknown) => {
      const hasChangedNothing = isHalfMade(begun) && stepping.progress.writes === 0;
      throw hasChangedNothing && isFinal(error) ? beforeRejection(error) : halfDone(error, stepping);
    });
  };
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
      const begun = named && isBegun(named, document) ? named : null;
      const id = begun?.id ?? (await begin(document, api));
      known.set(id, document.description);
      return note(await (begun ? goOnWith(begun, document) : finish(id, document, options)));
    },
    update: (id, document, before) => {
      const stepping = steppingFor(before?.description ?? known.get(id), document.description);
      return converge(id, document, stepping).then(note, (error: unknown) => {
        throw halfDone(error, stepping);
      });
    },
    delete: (id, before) => {
      const stepping = steppingFor(before?.description ?? known.get(id));
      return remove(id, stepping).catch((error: unknown) => {
        throw halfDone(error, stepping);
      });
    },
  };
}

/** By whoever made it so far: it is empty, or all that is left is to switch it on. */
function isBegun(one: Integration, { endpoint, description }: ResourceDocument): boolean {
  const live = asLive(one);
  return isHalfMade(one) || (live.endpoint === endpoint && live.description === description);
}

/** Takes one that this call has begun to its end; what the platform refuses is deleted again. */
function finish(id: string, document: ResourceDocument, options: DriverPorts): Promise<LiveResource> {
  const { api } = options;
  const progress = { writes: 1 };
  let firstNotes: string | null = null;
  const isOurs = (now: Integration): boolean => {
    firstNotes ??= now.config?.notes ?? null;
    // Until we have written its notes, its id alone says whose it is; the platform may have put something into them.
    if (progress.writes === 1) return true;
    return isHalfMade(now) || [document.description, firstNotes].includes(now.config?.notes ?? "");
  };
  const stepping = { ...options, progress, isOurs };
  return converge(id, document, stepping).catch(async (error: unknown) => {
    if (isFinal(error) && (await isTakenAway(id, firstNotes ?? "", api))) throw beforeRejection(error);
    throw halfDone(error, stepping);
  });
}

async function begin({ name }: ResourceDocument, api: Pick<Api, "request">): Promise<string> {
  const { body } = await api.request("POST", path, { name, integrationType: { id: integrationType } });
  return believeStored(parseId(body), `POST ${path}`);
}

function parseId(body: unknown): Parsed<string> {
  const id = isObject(body) ? body["id"] : undefined;
  return isResourceId(id) ? { ok: true, value: id } : expected("an integration with an id");
}

/** Another try would come to the same. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ReconcileError)) return false;
  return error.code === "api/rejected" || rowOf(error.code).isAccessRefused;
}

/** Where another one stands in the way, somebody may look whose it is. */
function beforeRejection(error: unknown): unknown {
  const cause = error instanceof ReconcileError ? error.cause : undefined;
  return isCode(cause, "api/conflict") ? cause : error;
}

/**
 * Deletes what this call made in vain, as long as it is switched off and empty; else it stays, and is used the next
 * time. Only `config/current` shows the complete configuration, and the platform also deletes what delivers.
 */
async function isTakenAway(id: string, firstNotes: string, api: Pick<Api, "request">): Promise<boolean> {
  try {
    const now = await readIntegration(id, api);
    const config = (await readConfiguration(id, api, parseConfiguration))?.config ?? null;
    if (!now || !config) return !now && !config;
    const isOff = now.intendedState === "DISABLED" && now.reportedState !== "ACTIVE";
    if (!isOff || !isWithoutSource(config) || config.notes !== firstNotes) return false;
    await orNotFound(api.request("DELETE", pathOf(path, id, "integration")));
    return true;
  } catch (error) {
    if (error instanceof ReconcileError) return false;
    throw error;
  }
}

/** What tells all that there is to know. */
const told = ["api/stateError", "api/unsettled", "api/storedOtherwise", "api/rejected"];

/** Where some of its writes have taken effect, nobody may take it for undone. */
function halfDone(error: unknown, { progress }: Pick<Stepping, "progress">): unknown {
  if (!(error instanceof ReconcileError) || progress.writes === 0 || isOfClass(error, "unknown"))
    return error;
  const { hint, fields } = error;
  const isTold = isFinal(error) || told.includes(error.code);
  const message = isTold ? error.message : `done in part, and not to its end: ${error.message}`;
  return new ReconcileError(isTold ? "api/halfDone" : "api/outcomeUnknown", message, {
    ...(hint === null ? {} : { hint }),
    ...{ fields, correlationId: error.correlationId ?? undefined, cause: error },
  });
}
