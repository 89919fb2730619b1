// Parses the platform's answers about EventBridge integrations, and turns an integration into a live resource and a
// document into a configuration.
import { sameDocument } from "../../model/document.ts";
import { parseEventSource } from "./event-source.ts";
import { invariant } from "../../model/errors.ts";
import { makeLive, type LiveResource, type ResourceDocument } from "../../model/resource.ts";
import { isObject } from "../../genesys/client/json.ts";
import { shownText } from "../../genesys/client/server-text.ts";
import { expected, isResourceId, isTexts, type Parsed } from "../../genesys/parsed.ts";

import { nameFields, otherFields, type Fields } from "../../genesys/unmodelled.ts";
import { eventBridge } from "./kind.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Integration {
  readonly id: string;
  readonly name: string;
  readonly intendedState: string;
  /** Empty if the platform reports none. */
  readonly reportedState: string;
  /** The platform's explanation of the reported state; empty without one. */
  readonly reportedReason: string;
  /** The notes that stand beside the configuration, which has its own; empty without any. */
  readonly notes: string;
  /** Null if the answer does not hold it. */
  readonly config: Configuration | null;
  /** Its fields that reconcile does not know. */
  readonly others: Fields;
}

export interface ConfiguredIntegration extends Integration {
  readonly config: Configuration;
}

export interface Configuration {
  readonly version: number;
  readonly notes: string;
  readonly properties: JsonObject;
  /** The whole answer, because a PUT must repeat the fields that it does not change. */
  readonly whole: JsonObject;
}

/** The platform may answer this word for an empty text, such as the notes of an integration that was just created. */
const emptyWord = "node_dynamodb_empty_string";

export function parseIntegration(body: unknown): Parsed<Integration> {
  if (!isObject(body)) return expected("an integration as a JSON object");
  const { id, intendedState, reportedState } = body;
  if (!isResourceId(id))
    return expected("an integration's id to be 1 to 128 letters, digits, or _ . : ~ -");
  const name = body["name"] ?? "";
  if (typeof name !== "string") return expected(`name of integration ${id} to be text`);
  if (typeof intendedState !== "string") return expected(`intendedState of integration ${id} to be text`);
  const reported = isObject(reportedState) ? reportedState : {};
  const detail = isObject(reported["detail"]) ? reported["detail"] : {};
  const current = isObject(body["config"]) ? body["config"]["current"] : undefined;
  const config = parseConfiguration(current);
  return {
    ok: true,
    value: {
      ...{ id, name, intendedState: intendedState.toUpperCase() },
      reportedState: wordsOf(reported["code"]).toUpperCase(),
      reportedReason: wordsOf(detail["messageWithParams"]) || wordsOf(detail["message"]),
      notes: typeof body["notes"] === "string" ? body["notes"] : "",
      config: config.ok ? config.value : null,
      others: otherFields(body, knownFields),
    },
  };
}

const knownFields = [
  ...["name", "integrationType", "notes", "intendedState", "config", "reportedState", "attributes"],
];

export function parseConfiguration(body: unknown): Parsed<Configuration> {
  if (!isObject(body)) return expected("a configuration as a JSON object");
  const { version, properties } = body;
  const notes = body["notes"] === emptyWord ? "" : (body["notes"] ?? "");
  if (!Number.isSafeInteger(version)) return expected("the configuration's version to be a whole number");
  if (!isObject(properties)) return expected("the configuration's properties to be an object");
  if (typeof notes !== "string") return expected("the configuration's notes to be text");
  if (!isTexts(properties["eventFilter"] ?? [])) return expected("eventFilter to be an array of text");
  return { ok: true, value: { version: version as number, notes, properties, whole: body } };
}

function wordsOf(value: unknown): string {
  return typeof value === "string" ? shownText(value) : "";
}

/** True for an integration that was deleted but that the platform still lists. */
export function isGoing({ intendedState }: Integration): boolean {
  return intendedState === "DELETED";
}

/** True for an integration that was created, but whose configuration has not been written yet. */
export function isHalfMade({ config }: Integration): boolean {
  return config === null || (config.notes === "" && isWithoutSource(config));
}

/** True if the configuration names neither an event source nor event types. */
export function isWithoutSource({ properties }: Configuration): boolean {
  const { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter } = properties;
  return [awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter].every(isEmpty);
}

/**
 * False if an answer about the integration lacks a part of its configuration, so that only `config/current` tells
 * whether the platform has that part.
 */
export function isComplete({ whole, properties }: Configuration): boolean {
  const { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter } = properties;
  const isLacking = [awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter].some(isEmpty);
  return !isLacking && isText(whole["notes"]);
}

function isEmpty(value: unknown): boolean {
  const isBlank = value === undefined || value === null || value === "" || value === emptyWord;
  return isBlank || (Array.isArray(value) && value.length === 0);
}

export function asLive({ id, name, config, others, ...states }: Integration): LiveResource {
  const { awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter } = config?.properties ?? {};
  const region = isText(awsAccountRegion) ? awsAccountRegion.toLowerCase() : awsAccountRegion;
  const parts = [asAccount(awsAccountId), region, eventSourceSuffix].filter((part) => isText(part));
  return makeLive(eventBridge, {
    ...{ id, name },
    endpoint: `eventbridge://${parts.join("/")}`,
    eventTypes: isTexts(eventFilter) ? eventFilter : [],
    state: stateOf(states),
    description: config?.notes ?? "",
    ...nameFields(
      ["", others],
      ["config.", otherFields(config?.whole, ["name", "notes", "properties"])],
      ["config.properties.", otherFields(config?.properties, sourceFields)],
    ),
  });
}

const sourceFields = ["awsAccountId", "awsAccountRegion", "eventSourceSuffix", "eventFilter"];

/**
 * An integration is enabled once the platform reports it active, not when activation was requested. One that is to be
 * neither on nor off may deliver, so its state keeps the platform's word.
 */
function stateOf({
  intendedState,
  reportedState,
}: Pick<Integration, "intendedState" | "reportedState">): string {
  if (intendedState === "DISABLED") return "disabled";
  if (intendedState !== "ENABLED") return intendedState.toLowerCase();
  if (reportedState === "") return "activating";
  return reportedState === "ACTIVE" ? "enabled" : reportedState.toLowerCase();
}

/** An account that is answered as a number has lost the zeros that it began with. */
function asAccount(value: unknown): unknown {
  return typeof value === "number" && /^\d{9,12}$/.test(`${value}`) ? `${value}`.padStart(12, "0") : value;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Makes the body of a PUT of the configuration; null if the live configuration is the same already. */
export function makeConfiguration(
  document: ResourceDocument,
  live: ConfiguredIntegration,
): JsonObject | null {
  const source = parseEventSource(document.endpoint);
  invariant(source, "an integration is configured for an event source");
  const { name, description: notes, eventTypes, state } = document;
  const { whole, properties } = live.config;
  // The state is not part of the configuration.
  if (sameDocument({ ...asLive(live), state }, document)) return null;
  const { awsAccountId, awsRegion: awsAccountRegion, suffix: eventSourceSuffix } = source;
  return {
    ...{ advanced: {}, credentials: {} },
    ...whole,
    ...{ name, notes },
    properties: {
      ...properties,
      ...{ awsAccountId, awsAccountRegion, eventSourceSuffix, eventFilter: eventTypes },
    },
  };
}
