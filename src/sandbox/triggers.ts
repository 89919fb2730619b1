// The resource `/api/v2/processautomation/triggers`: list, create, read, replace, delete.
import { creationTime, isHiddenStill, refuseBody, refuseMissing, type ApiCall } from "./call.ts";
import { refuse, type Answer } from "./messages.ts";
import { listFromCursor } from "./pages.ts";
import type { SandboxResource } from "./resource.ts";
import { parseJson, type SandboxState } from "./state.ts";
import { isTriggerTopic, listTriggerTopics } from "./topics.ts";
import { testTrigger } from "./trigger-test.ts";
import { parseTriggerFields, type StoredTrigger, type TriggerFields } from "./trigger-rules.ts";
import { isObject, type JsonObject } from "./webhook-rules.ts";

const collectionPath = "/api/v2/processautomation/triggers";

function listTriggers(call: ApiCall): Answer {
  const topics = call.query.get("topicName")?.split(",");
  const enabled = call.query.get("enabled");
  const all = [...call.state.triggers.values()]
    .filter(({ topicName }) => topics?.includes(topicName) ?? true)
    .filter((trigger) => enabled === null || String(trigger.enabled) === enabled);
  return listFromCursor(
    call,
    collectionPath,
    all.map((one) => show(one, call)),
  );
}

function createTrigger(call: ApiCall): Answer {
  const parsed = parseBody(call);
  if (!parsed.ok) return parsed.refusal;
  const { topicName } = parsed.fields;
  if (!isTriggerTopic(topicName, call)) return refuseBody(call, `${topicName} is not a topic of triggers.`);
  if (!isPublished(call, parsed.fields)) return refuseUnpublished(call);
  return store(call, {
    ...parsed.unknown,
    ...{ id: call.newId(), ...parsed.fields, ...creationTime(call), version: 1 },
  });
}

function readTrigger(call: ApiCall, id: string): Answer {
  const trigger = findTrigger(call, id);
  return trigger ? { status: 200, json: show(trigger, call) } : refuseMissing(call, "trigger", id);
}

function findTrigger(call: ApiCall, id: string): StoredTrigger | null {
  const trigger = call.state.triggers.get(id);
  return trigger && !isHiddenStill(trigger, call) ? trigger : null;
}

/** The body must hold the stored version. A field that the body leaves out is removed. */
function replaceTrigger(call: ApiCall, id: string): Answer {
  const before = findTrigger(call, id);
  if (!before) return refuseMissing(call, "trigger", id);
  const parsed = parseBody(call);
  if (!parsed.ok) return parsed.refusal;
  if (parsed.version !== before.version) {
    const message = `The version does not match the current version ${before.version}.`;
    return refuse({ status: 409, code: "version.mismatch", message }, call.correlationId);
  }
  if (parsed.fields.topicName !== before.topicName) return refuseBody(call, "topicName cannot be updated.");
  const isMove = parsed.fields.target.id !== before.target.id;
  if (isMove && call.quirks.checksMoves && !isPublished(call, parsed.fields))
    return refuseUnpublished(call);
  const { createdAtMs } = before;
  const created = createdAtMs === undefined ? {} : { createdAtMs };
  return store(call, {
    ...parsed.unknown,
    ...{ id, ...parsed.fields, ...created, version: before.version + 1 },
  });
}

function deleteTrigger(call: ApiCall, id: string): Answer {
  const existed = call.state.triggers.delete(id);
  return existed ? { status: 204, changed: true } : refuseMissing(call, "trigger", id);
}

function isPublished({ quirks, nowMs }: ApiCall, { target }: Pick<TriggerFields, "target">): boolean {
  return quirks.isPublished?.(target.id, nowMs) ?? true;
}

/** The vendor's sources state the status alone, so a client cannot rely on the words. */
function refuseUnpublished(call: ApiCall): Answer {
  return refuseBody(call, "The target is not a workflow that is published and active.");
}

type ParsedBody =
  | {
      readonly ok: true;
      readonly fields: TriggerFields;
      /** The fields that the sandbox does not know, if it keeps them. */
      readonly unknown: JsonObject;
      readonly version: unknown;
    }
  | { readonly ok: false; readonly refusal: Answer };

function parseBody(call: ApiCall): ParsedBody {
  const body = parseJson(call.body);
  if (!isObject(body)) return { ok: false, refusal: refuseBody(call, "The body must be a JSON object.") };
  const parsed = parseTriggerFields(body);
  return parsed.ok
    ? { ...parsed, unknown: call.quirks.keepsUnknown ? body : {}, version: body["version"] }
    : { ok: false, refusal: refuseBody(call, `${parsed.problem}.`) };
}

function store(call: ApiCall, trigger: StoredTrigger): Answer {
  call.state.triggers.set(trigger.id, trigger);
  return { status: 200, json: show(trigger, call), changed: true };
}

function show(trigger: StoredTrigger, { quirks }: ApiCall): JsonObject & { readonly id: string } {
  const shown = { ...trigger, createdAtMs: undefined, selfUri: `${collectionPath}/${trigger.id}` };
  if (quirks.dataFormat === undefined) return shown;
  const { target } = trigger;
  const workflowTargetSettings = { dataFormat: quirks.dataFormat, ...target.workflowTargetSettings };
  const stating = { ...shown, target: { ...target, workflowTargetSettings } };
  return stating;
}

const invalid = " is not valid";

function addTrigger(state: SandboxState, entry: unknown): string | undefined {
  if (!isObject(entry)) return invalid;
  const { id, version } = entry;
  const parsed = parseTriggerFields(entry);
  if (typeof id !== "string" || typeof version !== "number" || !parsed.ok) return invalid;
  state.triggers.set(id, { id, ...parsed.fields, version });
  return undefined;
}

export const triggers: SandboxResource = {
  noun: "trigger",
  list: "triggers",
  isRequired: false,
  routes: [
    ["GET", "/processautomation/triggers", listTriggers],
    ["POST", "/processautomation/triggers", createTrigger],
    ["GET", "/processautomation/triggers/topics", listTriggerTopics],
    ["GET", "/processautomation/triggers/{id}", readTrigger],
    ["PUT", "/processautomation/triggers/{id}", replaceTrigger],
    ["DELETE", "/processautomation/triggers/{id}", deleteTrigger],
    ["POST", "/processautomation/triggers/{id}/test", testTrigger],
  ],
  entriesOf: (state) => [...state.triggers.values()],
  add: addTrigger,
};
