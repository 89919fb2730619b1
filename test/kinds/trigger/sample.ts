// A trigger's document, for the tests of its driver.
import type { ResourceDocument } from "../../../src/model/resource.ts";

export const unset = { matchCriteria: [], eventTTLSeconds: null, delayBySeconds: null };

export const document: ResourceDocument = {
  name: "g-1a2b3c4d",
  endpoint: "workflow:flow-1",
  eventTypes: ["v2.users.{id}.presence"],
  retryPolicy: null,
  state: "enabled",
  description: "Consumer group: g | Managed by: reconcile (default)",
  trigger: unset,
};
