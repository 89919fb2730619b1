// The organisation that the sandbox is: `/api/v2/tokens/me` tells the one of a token, `/api/v2/organizations/me` the same.
import type { ApiCall } from "./call.ts";
import { refuse, type Answer } from "./messages.ts";

export function tellToken(call: ApiCall): Answer {
  const { quirks, organisation: organization, clientId } = call;
  const status = quirks.tokenInfoStatus ?? quirks.organisationStatus;
  if (status !== undefined) return refuseWith(call, status);
  const client = { id: clientId, name: "sandbox", authorizedGrantType: "CLIENT_CREDENTIALS", organization };
  return {
    status: 200,
    json: {
      ...{ organization, homeOrganization: organization },
      authorizedScope: quirks.scopes ?? [],
      OAuthClient: client,
    },
  };
}

export function tellOrganisation(call: ApiCall): Answer {
  const { quirks, organisation } = call;
  if (quirks.organisationStatus !== undefined) return refuseWith(call, quirks.organisationStatus);
  const { id, name } = organisation;
  return {
    status: 200,
    json: { id, name, version: 1, state: "active", selfUri: "/api/v2/organizations/me" },
  };
}

function refuseWith({ correlationId }: ApiCall, status: number): Answer {
  const code = status === 403 ? "missing.any.permissions" : status === 404 ? "not.found" : "internal.error";
  return refuse({ status, code, message: "The organisation is not told." }, correlationId);
}
