// The resource `/api/v2/notifications/availabletopics`: what an organisation can subscribe to.
import type { ApiCall } from "./call.ts";
import type { Answer } from "./messages.ts";
import { genesysTopics } from "../model/genesys-topics.ts";

/** Ours: the platform states them for each topic, and no list of that is published. */
const transports = ["Websocket", "EventBridge", "ProcessAutomation"] as const;

/** Not by pages. What is expanded has to be asked for. */
export function listTopics({ query }: ApiCall): Answer {
  const expand = query.getAll("expand").flatMap((names) => names.split(","));
  const more = expand.includes("transports") ? { transports } : {};
  return { status: 200, json: { entities: genesysTopics.map((id) => ({ id, ...more })) } };
}
