// The type of a resource of the sandbox: the requests that it answers, and its part of the state file.
import type { ApiCall } from "./call.ts";
import type { Answer } from "./messages.ts";
import type { SandboxState } from "./state.ts";

export interface SandboxResource {
  /** The word for one of its entries, such as `webhook`. */
  readonly noun: string;
  /** The key of its list in a state file, such as `webhooks`. */
  readonly list: string;
  /** True if every state file must have the list, even an empty one. */
  readonly isRequired: boolean;
  readonly routes: readonly ResourceRoute[];
  /** Returns its entries in the form of a state file. */
  readonly entriesOf: (state: SandboxState) => readonly unknown[];
  /** Adds an entry of a state file; or returns its fault, as a phrase that follows `webhook 3`. */
  readonly add: (state: SandboxState, entry: unknown) => string | undefined;
}

/** The path is below `/api/v2`, with `{id}` for an entry's id. */
export type ResourceRoute = readonly [
  method: string,
  path: string,
  answer: (call: ApiCall, id: string) => Answer,
];
