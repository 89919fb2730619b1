// EventBridge integrations: each sends events to one partner event source in AWS (an endpoint with eventbridge:).
import type { Kind } from "../../model/kind.ts";
import type { Cap } from "../../model/room.ts";
import { permissionsOf } from "../permissions.ts";
import { remindToAssociate, sourceAssociation } from "./event-source.ts";
import { sourceEndpoint } from "./endpoint.ts";
import { integrationStart } from "./start.ts";

export const integrationType = "amazon-eventbridge-source";

export const cap: Cap = {
  path: `/api/v2/integrations/types/${integrationType}`,
  findMax: findMaxInstances,
};

export const eventBridge: Kind = {
  name: "eventbridge",
  scheme: "eventbridge:",
  noun: "EventBridge integration",
  nouns: "EventBridge integrations",
  servedNoun: "endpoint",
  fullNouns: "EventBridge integrations",
  endpoint: sourceEndpoint,
  path: "/api/v2/integrations",
  probePath: "/api/v2/integrations?pageSize=1",
  cap,
  isInSdk: true,
  permissions: permissionsOf("integrations:integration"),
  granularity: "endpoint",
  maxEventTypes: null,
  // Whether the platform lets an integration's event source change is unknown, so no plan changes it.
  isMovable: false,
  isMadeInSteps: true,
  isUnique: false,
  eventTypeOfTwoGroups: {
    becomes: "refused",
    code: "source/taken",
    rule: "reconcile makes one integration for an event source",
    wayOut: "use another suffix",
  },
  association: sourceAssociation,
  remind: remindToAssociate,
  options: null,
  start: integrationStart,
  markedIn: "notes",
  maxDescriptionLength: null,
  topics: { transport: "EventBridge", withIdentifier: { becomes: "unknown" } },
};

/** The type's definition leaves `maxInstances` optional. */
function findMaxInstances(type: unknown): number | null {
  const max =
    typeof type === "object" && type !== null && "maxInstances" in type ? type.maxInstances : null;
  return typeof max === "number" && Number.isSafeInteger(max) && max >= 0 ? max : null;
}
