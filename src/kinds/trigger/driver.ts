// Reads and writes Process Automation triggers (endpoints with workflow:), one for each event type. A trigger's topic
// cannot change, but its workflow can. A PUT states the version that it is based on.
import { isCode, ReconcileError } from "../../model/errors.ts";
import { maxOptionLevels } from "../../model/nesting.ts";
import type { Listing, UnreadResource } from "../../model/listing.ts";
import { makeLive, type LiveResource, type ResourceDocument } from "../../model/resource.ts";
import type { Api } from "../../genesys/client/api.ts";
import { isObject } from "../../genesys/client/json.ts";
import { trigger as kind } from "./kind.ts";
import { asNotReady } from "./not-ready.ts";
import { readTriggerOptions, settingsOf } from "./read-options.ts";
import { parseWorkflowId } from "./workflow.ts";
import type { Driver, DriverPorts } from "../../genesys/driver.ts";
import { makeListLimits } from "../../genesys/list-limits.ts";
import { maxPages } from "../../genesys/list-pages.ts";
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

const { path } = kind;
/** The largest page that the platform allows. */
const pageSize = 200;
/** Servers take no longer request line. */
const maxUriLength = 8_000;

/** The fields of the last answer that a PUT must repeat, because a document does not hold them. */
interface RepeatedFields {
  readonly version: number;
  readonly target: Readonly<Record<string, unknown>>;
}

interface Trigger extends RepeatedFields {
  readonly live: LiveResource;
}

export function makeTriggersDriver(
  ports: Pick<DriverPorts, "api"> & Partial<Pick<DriverPorts, "onWait">>,
): Driver {
  const { api, onWait = () => undefined } = ports;
  const sayNotReady = (failure: unknown, { endpoint }: ResourceDocument): unknown => {
    if (isCode(failure, "api/notReady"))
      onWait(`the platform does not take ${endpoint} yet; is it published and active?`);
    return failure;
  };
  const gone = new Set<string>();
  const lastRead = new Map<string, RepeatedFields>();
  const note = ({ live, version, target }: Trigger): LiveResource => {
    lastRead.set(live.id, { version, target });
    return live;
  };
  const read = async (id: string): Promise<LiveResource | null> => {
    const at = pathOf(path, id, "trigger");
    const answer = await orNotFound(api.request("GET", at));
    if (!answer) return null;
    const found = believe(parseTrigger(answer.body), `GET ${at}`);
    requireId(found.live.id, id, `GET ${at}`);
    return note(found);
  };
  return {
    list: async (): Promise<Listing> => {
      const { found, unread } = await listAll(api);
      return { live: found.map(note), unread, hidden: 0 };
    },
    read,
    create: async (document) => {
      try {
        const { body } = await api.request("POST", path, makeBody(document, null));
        return note(believeStored(parseTrigger(body), `POST ${path}`));
      } catch (error) {
        throw sayNotReady(asNotReady(error), document);
      }
    },
    update: async (id, document) => {
      const at = pathOf(path, id, "trigger");
      if (!lastRead.has(id) && !(await read(id)))
        throw new ReconcileError("api/notFound", `PUT ${at}: not found`);
      const before = lastRead.get(id) ?? null;
      try {
        const { body } = await api.request("PUT", at, makeBody(document, before));
        return note(believeStored(parseTrigger(body), `PUT ${at}`));
      } catch (error) {
        const isMove = before?.target["id"] !== parseWorkflowId(document.endpoint);
        const failure = isMove ? sayNotReady(asNotReady(error), document) : error;
        // Else the platform may have stored a new version although the request failed.
        if (!isCode(failure, "api/notReady")) lastRead.delete(id);
        throw failure;
      }
    },
    delete: async (id) => {
      const answer = await orNotFound(api.request("DELETE", pathOf(path, id, "trigger")));
      if (answer === null) gone.add(id);
    },
    found: (id) => (gone.has(id) ? "refused" : null),
  };
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
  const { entities } = body;
  if (!Array.isArray(entities)) return expected("entities to be an array");
  const nextUri = body["nextUri"] ?? "";
  if (typeof nextUri !== "string") return expected("nextUri to be text");
  if (nextUri.length > maxUriLength) return expected(`nextUri to have at most ${maxUriLength} characters`);
  const queryAt = nextUri.indexOf("?");
  const next = queryAt < 0 ? null : new URLSearchParams(nextUri.slice(queryAt)).get("after");
  if (nextUri !== "" && next === null) return expected("nextUri to have a cursor");
  return { ok: true, value: { ...readEntities(entities, { kind, parse: parseTrigger }), next } };
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
  const live = makeLive(kind, {
    ...{ id, name, endpoint: `workflow:${workflow}`, eventTypes: [topicName] },
    ...{ state: enabled === true || enabled === "true" ? "enabled" : "disabled", description, trigger },
  });
  return { ok: true, value: { live, version: version as number, target } };
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
  return {
    name,
    topicName: eventTypes[0],
    target: {
      ...before?.target,
      ...{ type: "Workflow", id: parseWorkflowId(endpoint) },
      ...(dataFormat === undefined ? {} : { workflowTargetSettings: settings }),
    },
    enabled: state === "enabled",
    matchCriteria,
    ...(eventTTLSeconds === null ? {} : { eventTTLSeconds }),
    ...(delayBySeconds === null ? {} : { delayBySeconds }),
    description,
    ...(before ? { version: before.version } : {}),
  };
}
