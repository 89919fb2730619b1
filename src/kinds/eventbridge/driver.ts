// Reads and writes EventBridge integrations (endpoints with eventbridge:), which send events to a partner event source
// in AWS. Making one takes several writes: create → configure → switch on → wait until the platform reports it active.
import { rowOf } from "../../model/error-class.ts";
import { answerFacts, isCode, isOfClass, ReconcileError } from "../../model/errors.ts";
import { groupOf } from "../../model/ownership.ts";
import type { LiveResource, ResourceDocument } from "../../model/resource.ts";
import { requireActiveSource, withSourceStates } from "./associate.ts";
import { begin, findBegun, forgetBegun, type Begun } from "./begin.ts";
import { converge, foundAfter, type Stepping } from "./converge.ts";
import { remove } from "./remove.ts";
import { readRoom } from "./room.ts";
import type { Driver, DriverPorts, Found } from "../../genesys/driver.ts";
import { forgetWrite, makeWriteMemory, noteListed, noterOf } from "../../genesys/write-memory.ts";
import {
  asLive,
  isHalfMade,
  isWithoutSource,
  type ConfiguredIntegration,
  type Integration,
} from "./shape.ts";
import {
  integrationsPath as path,
  listIntegrations,
  readForWrite,
  readIntegration,
  type ReadPorts,
} from "./integrations.ts";
import { orNotFound, pathOf } from "../../genesys/parsed.ts";

export function makeEventBridgeDriver(options: DriverPorts): Driver {
  const { api, memory = makeWriteMemory() } = options;
  const ports: ReadPorts = { ...options, memory };
  /** The integrations of the last list, by name, so that `create` goes on with one that was begun before. */
  let listed = new Map<string, Integration>();
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
  const steppingFor = (...ours: readonly (string | undefined)[]) => makeStepping(ports, ours);
  const goOnWith = (begun: Begun, document: ResourceDocument): Promise<LiveResource> => {
    const stepping = steppingFor(document.description);
    descriptions.set(begun.id, document.description);
    return goOn(begun, document, stepping).then(noteFound(stepping));
  };
  /** Null if no integration of the name was begun before, or if it is gone: a list that lags behind still shows it. */
  const goOnWithBegun = async (document: ResourceDocument): Promise<LiveResource | null> => {
    const begun = findBegun(document, listed, memory);
    if (!begun) return null;
    const made = await orNotFound(goOnWith(begun, document));
    forgetBegun(begun, made !== null, memory);
    return made;
  };
  return {
    list: async () => {
      const { found: integrations, unread, shown, hidden } = await listIntegrations(api);
      noteListed(shown, memory);
      listed = new Map(integrations.map((one) => [one.name, one]));
      used = integrations.length + unread.length + hidden;
      const live = integrations.filter((one) => !isHalfMade(one)).map((one) => note(asLive(one)));
      return { live: await withSourceStates(live, ports), unread, hidden };
    },
    read: async (id) => {
      const found = await readIntegration(id, ports);
      if (!found) return null;
      const live = asLive(found);
      if (!descriptions.has(id)) note(live);
      const [shown = live] = await withSourceStates([live], ports);
      return shown;
    },
    create: async (document) => {
      const made = await goOnWithBegun(document);
      if (made) return note(made);
      const id = await begin(document, used, ports);
      descriptions.set(id, document.description);
      return note(await finish(id, document, ports));
    },
    update: async (id, document, before) => {
      if (ports.aws && document.state === "enabled" && groupOf(document) === null)
        await requireActiveSource(document.endpoint, ports.aws);
      const stepping = steppingFor(before?.description ?? descriptions.get(id), document.description);
      return converge(id, document, stepping).then(noteFound(stepping)).then(note, failHalfDone(stepping));
    },
    delete: (id, before) => {
      const stepping = steppingFor(before?.description ?? descriptions.get(id));
      return remove(id, stepping).then((how) => void found.set(id, how), failHalfDone(stepping));
    },
    noteWritten: noterOf(memory, options.clock),
    found: (id) => found.get(id) ?? null,
    room: () => readRoom([...listed.values()], used, api),
  };
}

function makeStepping(ports: ReadPorts, ours: readonly (string | undefined)[]): Stepping {
  return {
    ...ports,
    progress: { writes: 0, refusals: 0 },
    isOurs: (now) => isHalfMade(now) || ours.includes(now.config.notes),
  };
}

/**
 * Completes an integration that an earlier call, or another machine, has created, so this call may configure it but never
 * deletes it.
 */
async function goOn(begun: Begun, document: ResourceDocument, stepping: Stepping): Promise<LiveResource> {
  try {
    return await converge(begun.id, document, stepping);
  } catch (error) {
    const hasChangedNothing = begun.isHalfMade && stepping.progress.writes === 0;
    throw hasChangedNothing && isFinal(error) ? beforeRejection(error) : halfDone(error, stepping);
  }
}

/**
 * Completes an integration that this call has created. If the platform refuses its configuration, it is deleted again.
 */
function finish(id: string, document: ResourceDocument, ports: ReadPorts): Promise<LiveResource> {
  const progress = { writes: 1, refusals: 0 };
  let firstNotes: string | null = null;
  const isOurs = (now: ConfiguredIntegration): boolean => {
    firstNotes ??= now.config.notes;
    // Before our first write, the notes may hold a text of the platform's own, but the id is that of our own create.
    if (progress.writes === 1) return true;
    return isHalfMade(now) || [document.description, firstNotes].includes(now.config.notes);
  };
  const stepping = { ...ports, progress, isOurs };
  return converge(id, document, stepping).catch(async (error: unknown) => {
    if (isFinal(error) && (await isTakenAway(id, firstNotes ?? "", ports))) throw beforeRejection(error);
    throw halfDone(error, stepping);
  });
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
async function isTakenAway(id: string, firstNotes: string, ports: ReadPorts): Promise<boolean> {
  const { api, memory } = ports;
  try {
    const now = await readForWrite(id, ports);
    if (!now) return true;
    const isOff = now.intendedState === "DISABLED" && now.reportedState !== "ACTIVE";
    if (!isOff || !isWithoutSource(now.config) || now.config.notes !== firstNotes) return false;
    forgetWrite(id, memory);
    await orNotFound(api.request("DELETE", pathOf(path, id, "integration")));
    return true;
  } catch (error) {
    if (error instanceof ReconcileError) return false;
    throw error;
  }
}

/** Errors after which the integration's state is known. */
const conclusiveCodes = [
  "api/stateError",
  "api/unsettled",
  "api/storedOtherwise",
  "api/rejected",
  "aws/sourceNotActive",
];

function failHalfDone(stepping: Stepping): (error: unknown) => never {
  return (error) => {
    throw halfDone(error, stepping);
  };
}

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
