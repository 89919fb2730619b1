// The topics of events: `/api/v2/notifications/availabletopics`, all that an organisation can subscribe to, and
// `/api/v2/processautomation/triggers/topics`, those that a trigger can have.
import { genesysTopics } from "../model/genesys-topics.ts";
import type { ApiCall } from "./call.ts";
import type { Answer } from "./messages.ts";
import { listFromCursor } from "./pages.ts";

const ofTriggers: ReadonlySet<string> = new Set(genesysTopics.filter((topic) => !isAuditTopic(topic)));

function isAuditTopic(topic: string): boolean {
  return topic.startsWith("v2.audits.");
}

/** Lists all topics at once. The answer holds transports only if the query asks to expand them. */
export function listTopics({ query }: ApiCall): Answer {
  const expand = query.getAll("expand").flatMap((names) => names.split(","));
  const isExpanded = expand.includes("transports");
  const entities = genesysTopics.map((id) => ({
    id,
    ...(isExpanded ? { transports: findTransports(id) } : {}),
  }));
  return { status: 200, json: { entities } };
}

/**
 * The platform's own transports are not published, except that triggers have no audit topics. So the sandbox gives the
 * other topics every transport, in both ways to write that.
 */
function findTransports(topic: string): readonly string[] {
  if (isAuditTopic(topic)) return ["Websocket", "EventBridge"];
  return topic.startsWith("v2.routing.") ? ["All"] : ["Websocket", "EventBridge", "ProcessAutomation"];
}

export function listTriggerTopics(call: ApiCall): Answer {
  return listFromCursor(call, "/api/v2/processautomation/triggers/topics", [...ofTriggers]);
}

/** True if a trigger can have the topic: it has `{id}` in the place of each identifier, letter by letter. */
export function isTriggerTopic(topic: string, { quirks }: ApiCall): boolean {
  return quirks.takesAnyTopic === true || ofTriggers.has(topic);
}
