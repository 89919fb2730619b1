// Makes the sentence that tells why an operation is planned; a reviewer understands it without the code.
import { count } from "../lib/count.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import type { Cause, Difference } from "../model/cause.ts";
import type { Operation } from "../model/plan.ts";
import type { Kind } from "../model/kind.ts";
import { sayLeave } from "./say-move.ts";

interface CauseContext extends Pick<Operation, "action"> {
  /** The kind of the resource that the operation writes. */
  readonly kind: Kind;
}

/** Returns the `reason` of an operation. */
export function sayCause(cause: Cause, { action, kind }: CauseContext): string {
  const { noun, nouns, granularity } = kind;
  switch (cause.code) {
    case "changed":
      return cause.differences.map((difference) => sayDifference(difference, kind)).join("; ");
    case "takenBack":
      return sayTakenBack(action, `run ${cause.runId.slice(0, 8)}`);
    case "sharedIsMissing":
      return `all ${cause.nouns} of this owner get their events through it`;
    case "sharedIsUnused":
      return `no ${cause.nouns} of this owner get their events through it any more`;
    case "groupChangesKind":
      return `the group goes over to ${nouns}`;
    case "surplus":
      return granularity === "eventType"
        ? `another ${noun} of the group has the same event type`
        : `another ${noun} of the group delivers to the same endpoint`;
    default:
      return causes[cause.code];
  }
}

/** Returns the `reason` of an operation that is carried out although not every manifest is valid. */
export function sayPutBack(reason: string): string {
  return `${reason}; --keep-healing puts it back although not every manifest is valid`;
}

const causes = {
  deletedOutside: "what delivered there was deleted outside this repository",
  groupIsNew: "the consumer group is new",
  groupIsOthers: "the consumer group exists, but without this owner's mark",
  groupChangesEndpoint: "the group goes over to this endpoint",
  groupIsSplit: "the group is split over its pool",
  endpointJoined: "the pool gained this endpoint",
  eventTypeAdded: "the event type is added",
  eventTypeRemoved: "the event type is removed",
  endpointLeft: "the group no longer uses this endpoint",
  partAdded: "the event types of the endpoint need one resource more",
  otherKindDelivers: "the group has another kind of resource for this endpoint now",
  partIsEmpty: "none of its event types is left to it",
  shareIsNothing: "the endpoint's share is nothing",
  groupHasNoManifest: "no manifest declares this group",
  released: "this owner gives it up; it goes on delivering as it does",
} as const;

function sayTakenBack(action: Operation["action"], run: string): string {
  switch (action) {
    case "create":
      return `${run} deleted it`;
    case "update":
    case "adopt":
      return `as before ${run}`;
    case "delete":
      return `${run} created it`;
  }
}

function sayDifference(difference: Difference, { noun, options }: Kind): string {
  switch (difference.code) {
    case "takenOver":
      return `taken over from group "${difference.fromGroup}", which has no manifest any more`;
    case "takenFromOwner":
      return `taken over from owner "${difference.owner}"`;
    case "repointed":
      return `re-pointed from ${shownEndpoint(difference.from)}, which ${sayLeave(difference.why)}`;
    case "gains":
      return `takes over ${eventTypes(difference)} from ${otherEndpoints(difference)}`;
    case "losses":
      return `hands ${eventTypes(difference)} to ${otherEndpoints(difference)}`;
    case "added":
      return `${eventTypes(difference)} ${are(difference)} added`;
    case "removed":
      return `${eventTypes(difference)} ${are(difference)} removed`;
    case "liveTwice":
      return `${eventTypes(difference)} ${are(difference)} also live on another ${noun}`;
    case "state":
      return `state ${difference.from} → ${difference.to}`;
    case "changedOutside":
      return "changed outside this repository";
    default:
      return `${difference.code === options?.key ? options.noun : difference.code} changed`;
  }
}

interface Counted {
  readonly eventTypes: number;
}

function eventTypes({ eventTypes: number }: Counted): string {
  return count(number, "event type");
}

function are({ eventTypes: number }: Counted): string {
  return number === 1 ? "is" : "are";
}

function otherEndpoints({ endpoints }: { readonly endpoints: number }): string {
  return endpoints > 1 ? `${endpoints} other endpoints` : "another endpoint";
}
