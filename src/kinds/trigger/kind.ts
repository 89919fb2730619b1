// Process Automation triggers: they start workflows (endpoints with workflow:), one trigger for each event type.
import type { Kind } from "../../model/kind.ts";
import { permissionsOf } from "../permissions.ts";
import { triggerOptions } from "./options.ts";
import { triggerStart } from "./start.ts";
import { triggerTest } from "./trigger-test.ts";
import { workflowEndpoint } from "./workflow.ts";

export const trigger: Kind = {
  name: "trigger",
  scheme: "workflow:",
  noun: "trigger",
  nouns: "triggers",
  servedNoun: "endpoint",
  fullNouns: "Process Automation triggers",
  endpoint: workflowEndpoint,
  path: "/api/v2/processautomation/triggers",
  probePath: "/api/v2/processautomation/triggers?pageSize=1",
  isInSdk: true,
  permissions: permissionsOf("processautomation:trigger"),
  eventTest: triggerTest,
  throughput: {
    limits: [
      { per: "hour", most: 36_000, whom: "an organisation", of: "all" },
      { per: "minute", most: 6_000, whom: "an organisation", of: "all" },
      // 80 % of a minute's.
      { per: "minute", most: 4_800, whom: "one target", of: "endpoint" },
    ],
    ...{ verb: "start", things: "workflows", platform: "Genesys Cloud" },
    wayOut:
      "state the rate of the events that match spec.trigger, let fewer events match, or ask Genesys Cloud for higher limits " +
      "(namespace event.orchestration)",
  },
  // A trigger's topic cannot change, but its workflow can.
  granularity: "eventType",
  maxEventTypes: null,
  isMovable: true,
  isMadeInSteps: false,
  isUnique: false,
  eventTypeOfTwoGroups: {
    becomes: "startedTwice",
    code: "trigger/twice",
    effect: (isOne) => `${isOne ? "starts" : "start"} a workflow twice`,
  },
  options: triggerOptions,
  start: triggerStart,
  markedIn: "description",
  maxDescriptionLength: 512,
  topics: {
    transport: "ProcessAutomation",
    path: "/api/v2/processautomation/triggers/topics",
    excluded: { pattern: /^v2\.audits\./, nouns: "audit topics" },
    withIdentifier: {
      becomes: "refused",
      wayOut: "choose the events with spec.trigger.matchCriteria",
    },
  },
};
