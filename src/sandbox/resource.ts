// What a resource of the sandbox is: the requests that it answers, and its part of the state file.
import type { ApiCall } from "./call.ts";
import type { Answer } from "./messages.ts";
import type { SandboxState } from "./state.ts";

export interface SandboxResource {
  /** One of its entries, in a sentence: `webhook`. */
  readonly noun: string;
  /** The list of its entries in a state file: `webhooks`. */
  readonly list: string;
  /** Whether each state file has the list, even an empty one. */
  readonly isRequired: boolean;
  readonly routes: readonly ResourceRoute[];
  /** Its entries, as a state file has them. */
  readonly entriesOf: (state: SandboxState) => readonly unknown[];
  /** Adds an entry of a state file, or returns what is wrong with it, as it follows `webhook 3`. */
  readonly add: (state: SandboxState, entry: unknown) => string | undefined;
}

/** `path`: below `/api/v2`, with `{id}` for an entry's id. */
export type ResourceRoute = readonly [
  method: string,
  path: string,
  answer: (call: ApiCall, id: string) => Answer,
];
