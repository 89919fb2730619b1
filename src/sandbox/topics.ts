// The resource `/api/v2/notifications/availabletopics`: the topics that an organisation can subscribe to.
import type { ApiCall } from "./call.ts";
import type { Answer } from "./messages.ts";
import { genesysTopics } from "../model/genesys-topics.ts";

/** The sandbox names the same transports for each topic, because the platform's own are not published. */
const transports = ["Websocket", "EventBridge", "ProcessAutomation"] as const;

/** Lists all topics at once. The answer holds transports only if the query asks to expand them. */
export function listTopics({ query }: ApiCall): Answer {
  const expand = query.getAll("expand").flatMap((names) => names.split(","));
  const more = expand.includes("transports") ? { transports } : {};
  return { status: 200, json: { entities: genesysTopics.map((id) => ({ id, ...more })) } };
}
