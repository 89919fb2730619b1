// A request to one of the resources, with everything that is needed to answer it.
import type { SandboxQuirks } from "./quirks.ts";
import { refuse, type Answer } from "./messages.ts";
import type { SandboxState } from "./state.ts";

export interface ApiCall {
  readonly state: SandboxState;
  readonly body: string;
  readonly query: URLSearchParams;
  readonly nowMs: number;
  readonly newId: () => string;
  readonly correlationId: string;
  readonly quirks: SandboxQuirks;
}

export function refuseBody({ correlationId }: ApiCall, message: string): Answer {
  return refuse({ status: 400, code: "bad.request", message }, correlationId);
}

export function refuseQuery({ correlationId }: ApiCall, message: string): Answer {
  return refuse({ status: 400, code: "invalid.query", message }, correlationId);
}

/** `what` names the resource in one word. */
export function refuseMissing({ correlationId }: ApiCall, what: string, id: string): Answer {
  return refuse({ status: 404, code: "not.found", message: `There is no ${what} ${id}.` }, correlationId);
}
