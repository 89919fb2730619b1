// Why an operation is planned and why an event type moves, as data; src/words/ makes the sentences.

import type { OptionsKey } from "./options.ts";

/** Why an operation is planned. */
export type Cause =
  | { readonly code: CreateCode | DeleteCode }
  /** An update: all that differs, in the order of its sentence. */
  | { readonly code: "changed"; readonly differences: readonly Difference[] }
  /** The operation writes a resource through which all resources of a kind, `nouns`, get their events. */
  | { readonly code: "sharedIsMissing" | "sharedIsUnused"; readonly nouns: string }
  /** Its owner gives the resource up, which stays as it is otherwise. */
  | { readonly code: "released" }
  /** A rollback: it takes back what this run did. */
  | { readonly code: "takenBack"; readonly runId: string };

type CreateCode =
  /** The resource that delivered there was live at the last pass, and someone else deleted it. */
  | "deletedOutside"
  | "groupIsNew"
  /** The group's live resources are another owner's, or have no owner's mark. */
  | "groupIsOthers"
  /** The group had another kind of resource before. */
  | "groupChangesKind"
  /** The group has one endpoint, which it did not have before. */
  | "groupChangesEndpoint"
  | "groupIsSplit"
  | "endpointJoined"
  | "eventTypeAdded"
  /** The endpoint's event types need one part more. */
  | "partAdded";

type DeleteCode =
  /** Another resource of the group does the same. */
  | "surplus"
  /** The group has another kind of resource at the endpoint now. */
  | "otherKindDelivers"
  | "eventTypeRemoved"
  | "endpointLeft"
  | "partIsEmpty"
  | "shareIsNothing"
  | "groupHasNoManifest";

export type Difference =
  | { readonly code: "changedOutside" | OptionsKey | "description" | "name" }
  | { readonly code: "takenOver"; readonly fromGroup: string }
  /** It was another owner's. */
  | { readonly code: "takenFromOwner"; readonly owner: string }
  | { readonly code: "repointed"; readonly from: string; readonly why: LeaveCause }
  | { readonly code: "state"; readonly from: string; readonly to: string }
  /** `eventTypes` is how many event types move here or away; `endpoints` is how many endpoints they come from or go to. */
  | { readonly code: "gains" | "losses"; readonly eventTypes: number; readonly endpoints: number }
  | { readonly code: "added" | "removed" | "liveTwice"; readonly eventTypes: number };

/** Why an event type cannot stay at its endpoint. */
export type LeaveCause =
  | { readonly code: "endpointLeft" }
  | { readonly code: "overShare"; readonly share: Fraction; readonly quota: number };

/** The denominator is above 0. */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}
