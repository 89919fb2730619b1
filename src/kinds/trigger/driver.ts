// Reads and writes Process Automation triggers (endpoints with workflow:), one for each event type. A trigger's topic
// cannot change, but its workflow can. A PUT states the version that it is based on.
import { isCode, ReconcileError } from "../../model/errors.ts";
import { maxOptionLevels } from "../../model/nesting.ts";
import type { Listing, UnreadResource } from "../../model/listing.ts";
import { sameJson } from "../../model/options.ts";
import { makeLive, type LiveResource, type ResourceDocument } from "../../model/resource.ts";
import type { Api } from "../../genesys/client/api.ts";
import { isObject } from "../../genesys/client/json.ts";
import { trigger as kind } from "./kind.ts";
import { testEvent } from "./test-event.ts";
import { asNotReady } from "./not-ready.ts";
import { readCriterion, readTriggerOptions, settingsOf } from "./read-options.ts";
import type { MatchCriterion } from "./trigger-options.ts";
import { parseWorkflowId } from "./workflow.ts";
import type { Driver, DriverPorts } from "../../genesys/driver.ts";
import { makeListLimits } from "../../genesys/list-limits.ts";
import { maxPages } from "../../genesys/list-pages.ts";
import { parseCursor } from "../../genesys/parse-cursor.ts";
import {
  believe,
  believeStored,
  expected,
  isResourceId,
  orNotFound,
  pathOf,
  requireId,
  type Parsed,
} from "../../genesys/parsed.ts";
import { distinctUnread, readEntities, type Entities } from "../../genesys/read-entity.ts";
import {
  askUntilShown,
  forgetWrite,
  makeWriteMemory,
  noteListed,
  noterOf,
  noteWrite,
} from "../../genesys/write-memory.ts";
import { nameFields, otherFields, type Fields } from "../../genesys/unmodelled.ts";

const { path } = kind;
/** The largest page that the platform allows. */
const pageSize = 200;

/** The fields of the last answer that a PUT must repeat, because a document does not hold them. */
interface RepeatedFields {
  readonly version: number;
  readonly target: Fields;
  readonly others: Fields;
  /** The criteria that have fields which a document does not hold. */
  readonly criteria: readonly Fields[];
}

interface Trigger extends RepeatedFields {
  readonly live: LiveResource;
}

export function makeTriggersDriver(options: DriverPorts): Driver {
  const { api, clock, onWait, memory = makeWriteMemory() } = options;
  const untilShown = <T>(id: string, ask: () => Promise<T>): Promise<T | null> =>
    askUntilShown({ id, noun: "trigger" }, () => orNotFound(ask()), { ...options, memory });
  const [gone, lastRead] = [new Set<string>(), new Map<string, RepeatedFields>()];
  const note = ({ live, version, target, others, criteria }: Trigger): LiveResource => {
    lastRead.set(live.id, { version, target, others, criteria });
    return live;
  };
  const noteStored = (stored: Trigger): LiveResource => {
    noteWrite(stored.live.id, memory, clock);
    return note(stored);
  };
  const read = async (id: string): Promise<LiveResource | null> => {
    const at = pathOf(path, id, "trigger");
    const answer = await untilShown(id, () => api.request("GET", at));
    if (!answer) return null;
    const found = believe(parseTrigger(answer.body), `GET ${at}`);
    requireId(found.live.id, id, `GET ${at}`);
    return note(found);
  };
  return {
    list: async (): Promise<Listing> => {
      const { found, unread } = await listAll(api);
      noteListed(new Set(found.map(({ live }) => live.id)), memory);
      return { live: found.map(note), unread, hidden: 0 };
    },
    read,
    create: async (document) => {
      try {
        const { body } = await api.request("POST", path, makeBody(document, null));
        return noteStored(believeStored(parseTrigger(body), `POST ${path}`));
      } catch (error) {
        throw sayNotReady(error, document, onWait);
      }
    },
    update: async (id, document) => {
      const at = pathOf(path, id, "trigger");
      const notFound = new ReconcileError("api/notFound", `PUT ${at}: not found`);
      if (!lastRead.has(id) && !(await read(id))) throw notFound;
      const before = lastRead.get(id) ?? null;
      try {
        const answer = await untilShown(id, () => api.request("PUT", at, makeBody(document, before)));
        if (!answer) throw notFound;
        return noteStored(believeStored(parseTrigger(answer.body), `PUT ${at}`));
      } catch (error) {
        const isMove = before?.target["id"] !== parseWorkflowId(document.endpoint);
        const failure = isMove ? sayNotReady(error, document, onWait) : error;
        // Else the platform may have stored a new version although the request failed.
        if (!isCode(failure, "api/notReady")) lastRead.delete(id);
        throw failure;
      }
    },
    delete: async (id) => {
      const at = pathOf(path, id, "trigger");
      if ((await untilShown(id, () => api.request("DELETE", at))) === null) gone.add(id);
      forgetWrite(id, memory);
    },
    noteWritten: noterOf(memory, clock),
    found: (id) => (gone.has(id) ? "refused" : null),
    testEvent: (id, body) => testEvent(id, body, api),
  };
}

function sayNotReady(error: unknown, document: ResourceDocument, onWait: DriverPorts["onWait"]): unknown {
  const failure = asNotReady(error, document);
  if (isCode(failure, "api/notReady"))
    onWait(`the platform does not take ${document.endpoint} yet; is it published and active?`);
  return failure;
}

/** Follows the cursors from page to page, and returns each trigger once, by id. */
async function listAll(api: Pick<Api, "request">): Promise<Entities<Trigger>> {
  const found = new Map<string, Trigger>();
  const unread: UnreadResource[] = [];
  const seen = new Set<string>();
  const count = makeListLimits(kind);
  let after: string | null = null;
  for (let page = 1; page <= maxPages; page += 1) {
    const cursor: string = after === null ? "" : `&after=${encodeURIComponent(after)}`;
    const answer = await api.request("GET", `${path}?pageSize=${pageSize}${cursor}`);
    count(answer);
    const { next, ...read } = believe(parsePage(answer.body), `GET ${path}`);
    for (const trigger of read.found) if (!found.has(trigger.live.id)) found.set(trigger.live.id, trigger);
    unread.push(...read.unread);
    if (next === null)
      return { found: [...found.values()], unread: distinctUnread(unread, new Set(found.keys())) };
    if (seen.has(next)) throw new ReconcileError("api/malformed", `GET ${path}: a page leads to itself`);
    seen.add(next);
    after = next;
  }
  throw new ReconcileError("api/tooManyPages", `GET ${path}: more than ${maxPages} pages of triggers`);
}

interface Page extends Entities<Trigger> {
  /** The cursor of the next page; null after the last. */
  readonly next: string | null;
}

function parsePage(body: unknown): Parsed<Page> {
  if (!isObject(body)) return expected("a JSON object with a page of triggers");
  // The platform may leave out the list where there are none.
  const entities = body["entities"] ?? [];
  if (!Array.isArray(entities)) return expected("entities to be an array");
  const next = parseCursor(body);
  if (!next.ok) return next;
  return {
    ok: true,
    value: { ...readEntities(entities, { kind, parse: parseTrigger }), next: next.value },
  };
}

function parseTrigger(body: unknown): Parsed<Trigger> {
  if (!isObject(body)) return expected("a trigger as a JSON object");
  const { id, version, topicName, enabled } = body;
  if (!isResourceId(id)) return expected("a trigger's id to be 1 to 128 letters, digits, or _ . : ~ -");
  if (!Number.isSafeInteger(version)) return expected(`version of trigger ${id} to be a whole number`);
  if (typeof topicName !== "string") return expected(`topicName of trigger ${id} to be text`);
  const name = body["name"] ?? "";
  const description = body["description"] ?? "";
  if (typeof name !== "string" || typeof description !== "string")
    return expected(`name and description of trigger ${id} to be text`);
  const target = isObject(body["target"]) ? body["target"] : {};
  const trigger = readTriggerOptions(body);
  if (!trigger)
    return expected(
      `the options of trigger ${id} to be criteria and seconds, at most ${maxOptionLevels} levels deep`,
    );
  const workflow = workflowOf(target);
  const others = otherFields(body, knownFields);
  const criteria = findOddCriteria(body["matchCriteria"]);
  const live = makeLive(kind, {
    ...{ id, name, endpoint: `workflow:${workflow}`, eventTypes: [topicName] },
    ...{ state: enabled === true || enabled === "true" ? "enabled" : "disabled", description, trigger },
    ...nameFields(
      ...[["", others] as const, ["target.", otherFields(target, knownOfTarget)] as const],
      ["target.workflowTargetSettings.", otherFields(settingsOf(target), ["dataFormat"])],
      ...criteria.map((one) => ["matchCriteria.", otherFields(one, knownOfCriterion)] as const),
    ),
  });
  return { ok: true, value: { live, version: version as number, target, others, criteria } };
}

const knownFields = [
  ...["name", "topicName", "target", "enabled", "matchCriteria"],
  ...["eventTTLSeconds", "delayBySeconds", "description"],
];
const knownOfTarget = ["type", "id", "workflowTargetSettings"];
const knownOfCriterion = ["jsonPath", "operator", "value", "values"];

function findOddCriteria(criteria: unknown): readonly Fields[] {
  if (!Array.isArray(criteria)) return [];
  return criteria.filter(
    (one): one is Fields => Object.keys(otherFields(one, knownOfCriterion)).length > 0,
  );
}

/** Empty if the target is no workflow. */
function workflowOf({ type, id }: Readonly<Record<string, unknown>>): string {
  const isWorkflow = typeof type === "string" && type.toLowerCase() === "workflow";
  return isWorkflow && typeof id === "string" ? id : "";
}

function makeBody(
  document: ResourceDocument,
  before: RepeatedFields | null,
): Readonly<Record<string, unknown>> {
  const { name, endpoint, eventTypes, state, description, trigger } = document;
  const { matchCriteria = [], eventTTLSeconds = null, delayBySeconds = null, dataFormat } = trigger ?? {};
  const settings = { ...settingsOf(before?.target), dataFormat };
  const asRead = (criterion: MatchCriterion): object =>
    before?.criteria.find((one) => sameJson(readCriterion(one), criterion)) ?? criterion;
  return {
    ...before?.others,
    name,
    topicName: eventTypes[0],
    target: {
      ...before?.target,
      ...{ type: "Workflow", id: parseWorkflowId(endpoint) },
      ...(dataFormat === undefined ? {} : { workflowTargetSettings: settings }),
    },
    enabled: state === "enabled",
    matchCriteria: matchCriteria.map(asRead),
    ...(eventTTLSeconds === null ? {} : { eventTTLSeconds }),
    ...(delayBySeconds === null ? {} : { delayBySeconds }),
    description,
    ...(before ? { version: before.version } : {}),
  };
}
