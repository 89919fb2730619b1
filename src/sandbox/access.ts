// Refuses requests of a client that may not come from this address, or that has no scope for what it asks.
import { refuse, type Answer } from "./messages.ts";
import type { SandboxQuirks } from "./quirks.ts";

/** Seen: the OAuth scope of each part of the API. */
const scopes: Readonly<Record<string, string>> = {
  integrations: "integrations",
  processautomation: "process-automation",
  notifications: "notifications",
};

/** Null if the request may go on. */
export function refuseAccess(
  path: string,
  { refusesAddress, scopes: granted }: SandboxQuirks,
  correlationId: string,
): Answer | null {
  if (refusesAddress) {
    const message = "Requests from this IP address are not allowed.";
    return refuse({ status: 401, code: "ip.not.authorized", message }, correlationId);
  }
  const scope = scopes[path.split("/")[3] ?? ""];
  if (!granted || scope === undefined || granted.includes(scope)) return null;
  const message = `App not authorized to use scope [${scope}]`;
  return refuse({ status: 403, code: "app.not.authorized.for.scope", message }, correlationId);
}
