// The resource `/api/v2/integrations`, as far as EventBridge needs it: create, configure, enable, disable, delete.
import { creationTime, isHiddenStill, refuseBody, refuseMissing, type ApiCall } from "./call.ts";
import { parseConfiguration, type ConfigurationFields } from "./integration-rules.ts";
import type { StoredIntegration } from "./integration-rules.ts";
import { integrationType, readType, refuseOverCap } from "./integration-type.ts";
import { refuse, type Answer } from "./messages.ts";
import { listPage } from "./pages.ts";
import type { LackingConfiguration } from "./quirks.ts";
import type { SandboxResource } from "./resource.ts";
import { parseJson, type SandboxState } from "./state.ts";
import { isObject, type JsonObject } from "./webhook-rules.ts";

/** How long the sandbox takes to reach an intended state. The platform's own delay is not documented. */
export const settlingMs = 2_000;

/** What a read returns for empty notes, such as those of a fresh integration. */
const emptyNotesWord = "node_dynamodb_empty_string";

const collectionPath = "/api/v2/integrations";

/** The list holds configurations only if the query has `expand=config.current`. */
function listIntegrations(call: ApiCall): Answer {
  const { query, quirks, state } = call;
  const wanted = query.get("integrationType");
  const isExpanded = query.getAll("expand").includes("config.current");
  const lacking = isExpanded ? quirks.listsConfigurations : "none";
  const ours = wanted === null || wanted === integrationType ? [...state.integrations.values()] : [];
  const others = Array.from({ length: quirks.otherIntegrations ?? 0 }, (_, index) => showOther(index));
  const shown = [...ours.map((one) => show(one, call, lacking)), ...(wanted === null ? others : [])];
  const total = ours.length + others.length + (quirks.hiddenIntegrations ?? 0);
  return listPage(call, collectionPath, { all: shown, total });
}

/** A new integration is disabled and has no configuration, even if the body holds one. */
function createIntegration(call: ApiCall): Answer {
  const body = parseJson(call.body);
  const type = isObject(body) ? body["integrationType"] : undefined;
  if (!isObject(body) || !isName(body["name"])) return refuseBody(call, "name must be text.");
  if (!isObject(type) || type["id"] !== integrationType)
    return refuseBody(call, `integrationType.id must be ${integrationType}.`);
  const refusal = refuseOverCap(call);
  if (refusal) return refusal;
  const id = call.newId();
  const integration: StoredIntegration = {
    id,
    name: body["name"],
    intendedState: "DISABLED",
    intendedAtMs: call.nowMs - settlingMs,
    ...creationTime(call),
    config: { name: body["name"], notes: "", properties: {}, version: 1 },
  };
  call.state.integrations.set(id, integration);
  return { status: 200, json: show(integration, call), changed: true };
}

function readIntegration(call: ApiCall, id: string): Answer {
  return withIntegration(call, id, (one) =>
    isHiddenStill(one, call)
      ? refuseMissing(call, "integration", id)
      : { status: 200, json: show(one, call, call.quirks.readsConfigurations) },
  );
}

/** Changes only `intendedState`. */
function patchIntegration(call: ApiCall, id: string): Answer {
  return withIntegration(call, id, (one) => {
    const body = parseJson(call.body);
    const intended = isObject(body) ? body["intendedState"] : undefined;
    if (typeof intended !== "string" || !intendedStates.includes(intended))
      return refuseBody(call, `intendedState must be one of ${intendedStates.join(", ")}.`);
    if (intended === "DELETED") return remove(call, one);
    const next = intended === "ENABLED" ? "ENABLED" : "DISABLED";
    // No source tells what becomes of an integration that is restored although it was not deleted: it stays as it is.
    if (next === one.intendedState || (intended === "RESTORED" && one.intendedState !== "DELETED"))
      return { status: 200, json: show(one, call) };
    return store(call, { ...one, intendedState: next, intendedAtMs: call.nowMs }, show);
  });
}

const intendedStates: readonly string[] = ["ENABLED", "DISABLED", "DELETED", "RESTORED"];

function deleteIntegration(call: ApiCall, id: string): Answer {
  return withIntegration(call, id, (one) => remove(call, one));
}

/** Also removes an integration that is switched on. */
function remove(call: ApiCall, one: StoredIntegration): Answer {
  if (one.intendedState === "DELETED") return { status: 200, json: show(one, call) };
  const removed: StoredIntegration = { ...one, intendedState: "DELETED", intendedAtMs: call.nowMs };
  if (call.quirks.showsDeleted) call.state.integrations.set(one.id, removed);
  else call.state.integrations.delete(one.id);
  return { status: 200, json: show(removed, call), changed: true };
}

function readConfiguration(call: ApiCall, id: string): Answer {
  return withIntegration(call, id, (one) => ({ status: 200, json: showConfiguration(one, call) }));
}

/** The body must hold the stored version. */
function replaceConfiguration(call: ApiCall, id: string): Answer {
  return withIntegration(call, id, (one) => {
    const body = parseJson(call.body);
    if (!isObject(body)) return refuseBody(call, "The body must be a JSON object.");
    if (body["version"] !== one.config.version) {
      const message = "Integration configuration update failed due to version conflict.";
      return refuse({ status: 409, code: "version.conflict", message }, call.correlationId);
    }
    const parsed = parseConfiguration(body, one.config, call.quirks);
    if (!parsed.ok) return refuseBody(call, `${parsed.problem}.`);
    const existing = [...call.state.integrations.values()].find(
      (other) =>
        other.id !== id &&
        // One that is only still shown has given its source up.
        other.intendedState !== "DELETED" &&
        isSameSource(other.config.properties, parsed.fields.properties),
    );
    if (existing && call.quirks.refusesSharedSources) {
      const message = `Integration ${existing.id} has this event source already.`;
      return refuse({ status: 409, code: "event.source.exists", message }, call.correlationId);
    }
    const config = { ...parsed.fields, version: one.config.version + 1 };
    return store(call, { ...one, name: config.name, config }, showConfiguration);
  });
}

const sourceKeys = ["awsAccountId", "awsAccountRegion", "eventSourceSuffix"] as const;

function isSameSource(
  one: ConfigurationFields["properties"],
  other: ConfigurationFields["properties"],
): boolean {
  return sourceKeys.every((key) => one[key] !== undefined && one[key] === other[key]);
}

function withIntegration(
  call: ApiCall,
  id: string,
  action: (integration: StoredIntegration) => Answer,
): Answer {
  const integration = call.state.integrations.get(id);
  return integration ? action(integration) : refuseMissing(call, "integration", id);
}

function store(
  call: ApiCall,
  integration: StoredIntegration,
  showIt: (integration: StoredIntegration, call: ApiCall) => unknown,
): Answer {
  call.state.integrations.set(integration.id, integration);
  return { status: 200, json: showIt(integration, call), changed: true };
}

/**
 * `reportedState` follows `intendedState` after a delay. An integration without a complete configuration never becomes
 * active.
 */
function show(integration: StoredIntegration, call: ApiCall, lacking?: LackingConfiguration): unknown {
  const { id, name, intendedState, config } = integration;
  const current = showConfiguration(integration, call);
  return {
    id,
    name,
    integrationType: { id: integrationType },
    notes: showNotes(config, call),
    intendedState,
    ...(lacking !== "none" && { config: { current: lacking ? leaveIncomplete(current) : current } }),
    reportedState: reportState(integration, call.nowMs),
    selfUri: `${collectionPath}/${id}`,
  };
}

function reportState({ intendedState, intendedAtMs, config }: StoredIntegration, nowMs: number): unknown {
  const isSettled = nowMs >= intendedAtMs + settlingMs;
  if (intendedState !== "ENABLED") return { code: isSettled ? "INACTIVE" : "DEACTIVATING" };
  if (!isSettled) return { code: "ACTIVATING" };
  const missing = sourceKeys.find((key) => config.properties[key] === undefined);
  if (missing === undefined) return { code: "ACTIVE" };
  const message = `The configuration has no ${missing}.`;
  return { code: "ERROR", detail: { message, messageWithParams: message } };
}

function leaveIncomplete(current: JsonObject): JsonObject {
  return { ...current, notes: undefined, properties: {} };
}

function showOther(index: number): unknown {
  const id = `other-${index + 1}`;
  const states = { intendedState: "ENABLED", reportedState: { code: "ACTIVE" } };
  return {
    ...{ id, name: id, integrationType: { id: "custom-rest-actions" }, ...states },
    selfUri: `${collectionPath}/${id}`,
  };
}

function showConfiguration({ id, config }: StoredIntegration, call: ApiCall): JsonObject {
  const { name, properties, version } = config;
  const notes = showNotes(config, call);
  const selfUri = `${collectionPath}/${id}/config/current`;
  return { id, name, version, properties, advanced: {}, notes, credentials: {}, selfUri };
}

function showNotes({ notes }: ConfigurationFields, { quirks }: ApiCall): string {
  return notes === "" ? (quirks.emptyNotes ?? emptyNotesWord) : notes;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

const invalid = " is not valid";

function addIntegration(state: SandboxState, entry: unknown): string | undefined {
  if (!isObject(entry) || !isObject(entry["config"])) return invalid;
  const { id, name, intendedState, intendedAtMs, config } = entry;
  if (typeof id !== "string" || typeof name !== "string" || typeof intendedAtMs !== "number")
    return invalid;
  if (intendedState !== "ENABLED" && intendedState !== "DISABLED" && intendedState !== "DELETED")
    return invalid;
  const parsed = parseConfiguration(config, { name, notes: "", properties: {} });
  const version = config["version"];
  if (!parsed.ok || typeof version !== "number") return invalid;
  state.integrations.set(id, {
    id,
    name,
    intendedState,
    intendedAtMs,
    config: { ...parsed.fields, version },
  });
  return undefined;
}

export const integrations: SandboxResource = {
  noun: "integration",
  list: "integrations",
  isRequired: false,
  routes: [
    ["GET", "/integrations", listIntegrations],
    ["POST", "/integrations", createIntegration],
    ["GET", "/integrations/types/{id}", readType],
    ["GET", "/integrations/{id}", readIntegration],
    ["PATCH", "/integrations/{id}", patchIntegration],
    ["DELETE", "/integrations/{id}", deleteIntegration],
    ["GET", "/integrations/{id}/config/current", readConfiguration],
    ["PUT", "/integrations/{id}/config/current", replaceConfiguration],
  ],
  entriesOf: (state) => [...state.integrations.values()],
  add: addIntegration,
};
