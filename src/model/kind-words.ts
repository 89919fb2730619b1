// What kinds say for themselves: warnings and conflicts, the first steps, and the test of an event. Each kind's module
// holds its own.
import type { Config } from "./config.ts";
import type { CriterionTest } from "./event-test.ts";
import type { DocumentOptions } from "./options.ts";

/** The step outside of reconcile without which the events of a new endpoint are lost. */
export interface Association {
  /** The code of the warning. */
  readonly code: string;
  /** The word for one endpoint: `event source`. */
  readonly noun: string;
  /** The state of an endpoint after the step: `associated with an event bus in AWS`. */
  readonly result: string;
  /** Returns what the user has to do: `associate it in AWS`. */
  readonly step: (it: "it" | "them") => string;
  /** True if the config lets reconcile do it. */
  readonly isAutomatic: (config: Config) => boolean;
  /** The place where the user does it: `in the EventBridge console, under partner event sources`. */
  readonly where: string;
}

/** The form of names that are ids: such a name cannot change, and no two resources can have the same one. */
export interface NameForm {
  /** How many letters, digits and `.`, `-`, `_` a name has at most. */
  readonly longest: number;
}

/** The part of an endpoint that names its destination, and the words for two endpoints with the same one. */
export interface EndpointNaming {
  /** The word for that part: `suffix`. */
  readonly noun: string;
  /** Returns the part; null if the endpoint has no valid form. */
  readonly findName: (endpoint: string) => string | null;
  /** The reason why two endpoints should not have the same name, and what to do. */
  readonly why: string;
  readonly wayOut: string;
}

/** The effect of two groups whose resources have the same event type at the same endpoint. */
export type EventTypeOfTwoGroups = Delivered | StartedTwice | Refused;

/** Each group gets it. */
interface Delivered {
  readonly becomes: "delivered";
}

/** It has its effect twice. */
interface StartedTwice {
  readonly becomes: "startedTwice";
  /** The code of the warning. */
  readonly code: string;
  /** Says it of one event type or of several: `starts a workflow twice`. */
  readonly effect: (isOne: boolean) => string;
}

/** The platform refuses the second resource, or may refuse it. */
export interface Refused {
  readonly becomes: "refused";
  /** The code of the conflict. */
  readonly code: string;
  /** Why there is no second one: `reconcile makes one integration for an event source`. */
  readonly rule: string;
  /** The change of its manifest by which a group gets a resource after all: `use another suffix`. */
  readonly wayOut: string;
}

/** The test of an event: a POST that changes nothing. */
export interface KindEventTest {
  /** The path below the resource's. */
  readonly path: string;
  readonly permission: string;
  /** The word for what an event starts, and what to do if the platform cannot start it. */
  readonly target: { readonly noun: string; readonly hint: string };
  /** Returns the field of a document that holds the tested condition, as `key.list.0`; null if none does. */
  readonly findField: (criterion: CriterionTest, options: DocumentOptions) => string | null;
  readonly countConditions: (options: DocumentOptions) => number;
}

/** The first steps with a kind: the example that `init` writes, and the user's next steps. */
export interface KindStart {
  /** The resource that delivers to such an endpoint, with its article: `a webhook`. */
  readonly deliveredBy: string;
  /** What the user has to have: `an AWS account, and …`. */
  readonly needs: string;
  /** The config's key by which it is chosen, and its example as YAML; absent for the default kind of a scheme. */
  readonly config?: { readonly key: string; readonly lines: string };
  /** The keys of the example's `spec` that are particular to this kind, as YAML. */
  readonly spec: string;
  readonly steps: readonly NextStep[];
}

export interface NextStep {
  /** Absent for a step that is done outside of reconcile. */
  readonly command?: string;
  readonly does: string;
}
