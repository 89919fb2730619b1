// A request to one of the resources, with everything that is needed to answer it.
import type { SandboxQuirks } from "./quirks.ts";
import { refuse, type Answer } from "./messages.ts";
import type { SandboxOrganisation } from "./sandbox-organisation.ts";
import type { SandboxState } from "./state.ts";

export interface ApiCall {
  readonly state: SandboxState;
  readonly body: string;
  readonly query: URLSearchParams;
  readonly nowMs: number;
  readonly newId: () => string;
  readonly correlationId: string;
  readonly quirks: SandboxQuirks;
  readonly organisation: SandboxOrganisation;
  /** The id of the OAuth client that asks. */
  readonly clientId: string;
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

/** True for a resource that was created so recently that a read by its id does not find it yet. */
export function isHiddenStill(
  { createdAtMs }: { readonly createdAtMs?: number },
  { nowMs, quirks }: ApiCall,
): boolean {
  return createdAtMs !== undefined && nowMs < createdAtMs + (quirks.hiddenAfterPostMs ?? 0);
}

/** What a new resource keeps for `isHiddenStill`; nothing unless the quirk is on. */
export function creationTime({ nowMs, quirks }: ApiCall): { readonly createdAtMs?: number } {
  return (quirks.hiddenAfterPostMs ?? 0) > 0 ? { createdAtMs: nowMs } : {};
}
