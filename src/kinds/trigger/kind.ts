// Process Automation triggers: endpoints with workflow:, one trigger an event type.
import type { Kind } from "../../model/kind.ts";
import type { TriggerOptions } from "../../model/subscription.ts";
import { sameTriggerOptions } from "../../model/trigger-options.ts";
import { permissionsOf } from "../permissions.ts";

export const trigger: Kind = {
  name: "trigger",
  scheme: "workflow:",
  noun: "trigger",
  nouns: "triggers",
  servedNoun: "endpoint",
  fullNouns: "Process Automation triggers",
  endpointForm: "workflow:…",
  path: "/api/v2/processautomation/triggers",
  probePath: "/api/v2/processautomation/triggers?pageSize=1",
  isInSdk: true,
  permissions: permissionsOf("processautomation:trigger"),
  // The topic is fixed once it is set; the workflow is not.
  granularity: "eventType",
  maxEventTypes: null,
  isMovable: true,
  isMadeInSteps: false,
  isUnique: false,
  another: "startedTwice",
  needsAssociation: false,
  options: {
    key: "trigger",
    unset: undefined,
    spellAs: (options, other) => {
      const [one, another] = [options, other] as (TriggerOptions | undefined)[];
      return one && another && sameTriggerOptions(one, another) ? another : one;
    },
  },
  markedIn: "description",
  maxDescriptionLength: 512,
  hasPublishedTopics: true,
};
