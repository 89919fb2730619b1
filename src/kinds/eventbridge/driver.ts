// Reads and writes EventBridge integrations (endpoints with eventbridge:), which send events to a partner event source
// in AWS. Making one takes several writes: create → configure → switch on → wait until the platform reports it active.
import { rowOf } from "../../model/error-class.ts";
import { findDifferingFields } from "../../model/field-changes.ts";
import { answerFacts, isCode, isOfClass, ReconcileError } from "../../model/errors.ts";
import type { Room } from "../../model/room.ts";
import type { LiveResource, ResourceDocument } from "../../model/resource.ts";
import type { Api } from "../../genesys/client/api.ts";
import { isObject } from "../../genesys/client/json.ts";
import { readCap } from "../../genesys/read-cap.ts";
import { cap, eventBridge, integrationType } from "./kind.ts";
import { count } from "../../lib/count.ts";
import { converge, foundAfter, type Stepping } from "./converge.ts";
import { remove } from "./remove.ts";
import type { Driver, DriverPorts, Found } from "../../genesys/driver.ts";
import { asLive, isHalfMade, isWithoutSource, parseConfiguration, type Integration } from "./shape.ts";
import {
  integrationsPath as path,
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
  /** The integrations of the last list, by name, so that `create` goes on with one that was begun before. */
  const listed = new Map<string, Integration>();
  /**
   * Each integration's description as last listed or written. Plans are made from it, so a read in between does not
   * replace it: otherwise a write would not notice that someone else has taken the integration meanwhile.
   */
  const descriptions = new Map<string, string>();
  /** How many integrations the last list showed, those of others included. */
  let used = 0;
  /** By id, how the last write found the integration done, if it did. */
  const found = new Map<string, Found | null>();
  const note = (live: LiveResource): LiveResource => {
    descriptions.set(live.id, live.description);
    return live;
  };
  const noteFound =
    ({ progress }: Stepping) =>
    (live: LiveResource): LiveResource => {
      found.set(live.id, foundAfter(progress));
      return live;
    };
  const steppingFor = (...ours: readonly (string | undefined)[]) => ({
    ...options,
    progress: { writes: 0, refusals: 0 },
    isOurs: (now: Integration) => isHalfMade(now) || ours.includes(now.config?.notes),
  });
  /**
   * An earlier call, or another machine, created the integration, so this call may configure it but never deletes it.
   */
  const goOnWith = (begun: Integration, document: ResourceDocument): Promise<LiveResource> => {
    const stepping = steppingFor(document.description);
    const going = converge(begun.id, document, stepping);
    return going.then(noteFound(stepping)).catch((error: unknown) => {
      const hasChangedNothing = isHalfMade(begun) && stepping.progress.writes === 0;
      throw hasChangedNothing && isFinal(error) ? beforeRejection(error) : halfDone(error, stepping);
    });
  };
  return {
    list: async () => {
      const { found, unread } = await listIntegrations(api);
      listed.clear();
      for (const one of found) listed.set(one.name, one);
      used = found.length + unread.length;
      const whole = found.filter((one) => !isHalfMade(one));
      return { live: whole.map((one) => note(asLive(one))), unread, hidden: 0 };
    },
    read: async (id) => {
      const found = await readIntegration(id, api);
      if (!found) return null;
      return descriptions.has(id) ? asLive(found) : note(asLive(found));
    },
    create: async (document) => {
      const named = listed.get(document.name);
      listed.delete(document.name);
      // A list that lags behind may show one that is gone.
      const begun = named && isBegun(named, document) && (await isThere(named, api)) ? named : null;
      const id = begun?.id ?? (await begin(document, used, api));
      descriptions.set(id, document.description);
      return note(await (begun ? goOnWith(begun, document) : finish(id, document, options)));
    },
    update: (id, document, before) => {
      const stepping = steppingFor(before?.description ?? descriptions.get(id), document.description);
      return converge(id, document, stepping)
        .then(noteFound(stepping))
        .then(note, (error: unknown) => {
          throw halfDone(error, stepping);
        });
    },
    delete: (id, before) => {
      const stepping = steppingFor(before?.description ?? descriptions.get(id));
      const noteGone = (how: Found | null): void => void found.set(id, how);
      return remove(id, stepping).then(noteGone, (error: unknown) => {
        throw halfDone(error, stepping);
      });
    },
    found: (id) => found.get(id) ?? null,
    room: () => readRoom([...listed.values()], used, api),
  };
}

async function readRoom(
  listed: readonly Integration[],
  used: number,
  api: Pick<Api, "request">,
): Promise<Room> {
  const begun = listed.filter(isHalfMade).map(({ name }) => name);
  return { ...(await readCap(cap, api)), used, begun: new Set(begun) };
}

/** True for an integration of that name that is not configured yet, or that only has to be switched on. */
function isBegun(one: Integration, document: ResourceDocument): boolean {
  return isHalfMade(one) || findDifferingFields(asLive(one), document).every((field) => field === "state");
}

async function isThere({ id }: Integration, api: Pick<Api, "request">): Promise<boolean> {
  return (await readIntegration(id, api)) !== null;
}

/**
 * Completes an integration that this call has created. If the platform refuses its configuration, it is deleted again.
 */
function finish(id: string, document: ResourceDocument, options: DriverPorts): Promise<LiveResource> {
  const { api } = options;
  const progress = { writes: 1, refusals: 0 };
  let firstNotes: string | null = null;
  const isOurs = (now: Integration): boolean => {
    firstNotes ??= now.config?.notes ?? null;
    // Before our first write, the notes may hold a text of the platform's own, but the id is that of our own create.
    if (progress.writes === 1) return true;
    return isHalfMade(now) || [document.description, firstNotes].includes(now.config?.notes ?? "");
  };
  const stepping = { ...options, progress, isOurs };
  return converge(id, document, stepping).catch(async (error: unknown) => {
    if (isFinal(error) && (await isTakenAway(id, firstNotes ?? "", api))) throw beforeRejection(error);
    throw halfDone(error, stepping);
  });
}

/** `used`: how many integrations the last list showed, for the message of a refusal. */
async function begin({ name }: ResourceDocument, used: number, api: Pick<Api, "request">): Promise<string> {
  const type = { id: integrationType };
  const { body } = await api
    .request("POST", path, { name, integrationType: type })
    .catch((error: unknown) => {
      throw explainCap(error, used);
    });
  return believeStored(parseId(body), `POST ${path}`);
}

/** Adds the number and the way out to the platform's refusal of one integration too many. */
function explainCap(error: unknown, used: number): unknown {
  if (!(error instanceof ReconcileError) || error.platformCode !== "max.integrations.reached") return error;
  const message =
    `${error.message}; the list before showed ${count(used, eventBridge.noun)}, those of others included: delete those ` +
    "that are not needed, or ask Genesys Cloud to raise the limit";
  return new ReconcileError(error.code, message, { ...answerFacts(error), cause: error });
}

function parseId(body: unknown): Parsed<string> {
  const id = isObject(body) ? body["id"] : undefined;
  return isResourceId(id) ? { ok: true, value: id } : expected("an integration with an id");
}

/** True for an error that another try would not change. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ReconcileError)) return false;
  return error.code === "api/rejected" || rowOf(error.code).isAccessRefused;
}

/** Returns the conflict behind a rejection, so that the caller looks which resource stands in the way. */
function beforeRejection(error: unknown): unknown {
  const cause = error instanceof ReconcileError ? error.cause : undefined;
  return isCode(cause, "api/conflict") ? cause : error;
}

/**
 * Deletes the integration that this call has created in vain, if it is switched off and empty; otherwise it stays, and
 * the next run goes on with it. The check reads `config/current`, because only that shows the complete configuration,
 * and the platform would also delete an integration that delivers.
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

/** Errors after which the integration's state is known. */
const conclusiveCodes = ["api/stateError", "api/unsettled", "api/storedOtherwise", "api/rejected"];

/** Marks an error after some writes have taken effect, so that no caller treats the operation as undone. */
function halfDone(error: unknown, { progress }: Pick<Stepping, "progress">): unknown {
  if (!(error instanceof ReconcileError) || progress.writes === 0 || isOfClass(error, "unknown"))
    return error;
  const { hint } = error;
  const isConclusive = isFinal(error) || conclusiveCodes.includes(error.code);
  const message = isConclusive ? error.message : `done in part, and not to its end: ${error.message}`;
  return new ReconcileError(isConclusive ? "api/halfDone" : "api/outcomeUnknown", message, {
    ...(hint === null ? {} : { hint }),
    ...{ ...answerFacts(error), cause: error },
  });
}
