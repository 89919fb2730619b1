// Parses the file with an event that a command is given: an envelope of EventBridge, a notification, or the bare body.
import { isObject } from "../genesys/client/json.ts";
import { findNearest } from "../lib/did-you-mean.ts";
import type { Fault } from "../model/diagnostic.ts";
import { isPlaceholder } from "../model/topic.ts";

export interface SampleEvent {
  /** The names by which the event states its topic: with `{id}`, or with the identifier itself; empty if it states none. */
  readonly topics: readonly string[];
  /** The event's own body, a JSON object. */
  readonly body: object;
}

type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

export function parseSampleEvent(text: string): Parsed<SampleEvent> {
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  const root = parsed.value;
  if (!isObject(root)) return refuse("malformed", "the event is not a JSON object", null);
  const envelope = isObject(root["detail"]) ? root["detail"] : root;
  if (!("eventBody" in envelope)) return { ok: true, value: { topics: [], body: root } };
  const body = envelope["eventBody"];
  if (!isObject(body)) return refuse("malformed", "the eventBody of the event is not a JSON object", null);
  const topics = [root["detail-type"], envelope["topicName"]].filter((topic) => typeof topic === "string");
  return { ok: true, value: { topics, body } };
}

/**
 * Returns the group's event type that the event is of. `named` is the one that the user names; without it the event's own
 * topic counts, and without that the group's only event type.
 */
export function chooseEventType(
  { topics }: SampleEvent,
  named: string | undefined,
  { group, eventTypes }: { readonly group: string; readonly eventTypes: readonly string[] },
): Parsed<string> {
  const stated = named === undefined ? topics : [named];
  const found = eventTypes.find((eventType) => stated.some((topic) => isOf(topic, eventType)));
  if (found !== undefined) return { ok: true, value: found };
  const [topic] = stated;
  if (topic !== undefined) {
    const nearest = findNearest(topic, eventTypes);
    const hint = nearest === undefined ? `it has ${eventTypes.join(", ")}` : `did you mean ${nearest}?`;
    return refuse("otherEventType", `the group "${group}" has no event type ${topic}`, hint);
  }
  const [only, ...others] = eventTypes;
  if (only !== undefined && others.length === 0) return { ok: true, value: only };
  const message = `the event states no topic, and the group "${group}" has ${eventTypes.length} event types`;
  return refuse("noEventType", message, `name one with --event-type: ${eventTypes.join(", ")}`);
}

/** A placeholder such as `{id}` stands for one part of a topic. */
function isOf(topic: string, eventType: string): boolean {
  const [parts, pattern] = [topic.split("."), eventType.split(".")];
  return (
    parts.length === pattern.length &&
    pattern.every((part, index) => part === parts[index] || isPlaceholder(part))
  );
}

function refuse(
  problem: string,
  message: string,
  hint: string | null,
): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: { code: `test/${problem}`, message, hint } };
}

function parseJson(text: string): Parsed<unknown> {
  try {
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, "").trimEnd()) };
  } catch (error) {
    const why = error instanceof Error ? error.message : "it is not valid JSON";
    return refuse("malformed", `the event cannot be parsed: ${why}`, null);
  }
}
