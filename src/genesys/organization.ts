// Asks the platform which organisation a token belongs to.
import type { Organization } from "../model/organization.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Api } from "./client/api.ts";
import { isObject } from "./client/json.ts";
import { shownText } from "./client/server-text.ts";

const tokenPath = "/api/v2/tokens/me";
const organizationPath = "/api/v2/organizations/me";

/** The platform's ids are UUIDs. A wider form is taken, and none that could mean something else in a path. */
const plainId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * Returns null if the platform answers both requests with 403 or 404. Throws as the client does, and `api/malformed` if an
 * answer names no organisation.
 */
export async function askOrganization(api: Pick<Api, "request">): Promise<Organization | null> {
  const ofToken = await read(api, tokenPath);
  const found = isObject(ofToken) ? parseOrganization(ofToken["organization"]) : null;
  if (found) return found;
  const body = await read(api, organizationPath);
  if (body === refused && ofToken === refused) return null;
  const organization = parseOrganization(body);
  if (organization) return organization;
  if (body !== refused) throw malformed(organizationPath, "an id of the organisation");
  throw malformed(tokenPath, "organization.id");
}

const refused = Symbol("refused");

/** Returns the answer's body, or `refused` for 403 and 404. */
async function read(api: Pick<Api, "request">, path: string): Promise<unknown> {
  try {
    return (await api.request("GET", path)).body;
  } catch (error) {
    if (error instanceof ReconcileError && (error.status === 403 || error.status === 404)) return refused;
    throw error;
  }
}

function parseOrganization(value: unknown): Organization | null {
  if (!isObject(value)) return null;
  const { id, name } = value;
  if (typeof id !== "string" || !plainId.test(id)) return null;
  const shown = typeof name === "string" ? shownText(name) : "";
  return { id, name: shown === "" ? null : shown };
}

function malformed(path: string, expected: string): ReconcileError {
  return new ReconcileError("api/malformed", `the answer has not ${expected}`, {
    request: `GET ${path}`,
    hint: "check GENESYS_ENVIRONMENT and GENESYS_API_URL, and that no proxy answers in place of the platform",
  });
}
