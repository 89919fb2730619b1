// Finds the organisation that a run works in: the memory tells it, or the platform is asked.
import { askOrganization } from "../genesys/organization.ts";
import type { Api } from "../genesys/client/api.ts";
import { once } from "../lib/once.ts";
import { ReconcileError } from "../model/errors.ts";
import { sayOrganization, type Organization } from "../model/organization.ts";
import type { OrganizationClient, OrganizationMemory } from "./organization-memory.ts";

export interface OrganizationPort {
  /** Asks the memory alone; null if it does not know the client. */
  readonly recall: () => Promise<Organization | null>;
  /**
   * Asks the platform only where the memory does not know the client, or where the organisation is pinned. Null if the
   * platform tells it to nobody. Throws ReconcileError `organization/…`, and as the client does.
   */
  readonly find: () => Promise<Organization | null>;
  /** As `find`, and asks the platform in any case, once a session: called before anything is written. */
  readonly confirm: () => Promise<Organization | null>;
}

export interface OrganizationSource {
  readonly api: Pick<Api, "request">;
  readonly memory: OrganizationMemory;
  readonly client: OrganizationClient;
  /** The id that the config pins; null if it pins none. */
  readonly pinned: string | null;
  /** True if the state needs to know it, as a shared store does. */
  readonly isNeeded: boolean;
  /** Called once it is known. */
  readonly onKnown: (organization: Organization) => void;
}

export function makeOrganizationPort(source: OrganizationSource): OrganizationPort {
  const { memory, client, pinned, onKnown } = source;
  const told = (organization: Organization | null): Organization | null => {
    if (organization) onKnown(organization);
    return organization;
  };
  const recall = once(async () => told(await memory.find(client)));
  const ask = once(async () => told(await askAndCompare(source, await recall())));
  const find = once(async () => (pinned === null ? await recall() : null) ?? (await ask()));
  return { recall, find, confirm: ask };
}

async function askAndCompare(
  { api, memory, client, pinned, isNeeded }: OrganizationSource,
  remembered: Organization | null,
): Promise<Organization | null> {
  const asked = await askOrganization(api);
  const organization = asked ?? remembered;
  if (organization === null) {
    if (pinned !== null || isNeeded) throw unknown(pinned);
    return null;
  }
  if (pinned !== null && organization.id !== pinned) throw notPinned(organization, pinned);
  if (pinned === null && remembered && organization.id !== remembered.id)
    throw notRemembered(organization, remembered);
  const isNews = remembered?.id !== organization.id || remembered.name !== organization.name;
  if (isNews) await memory.remember(client, organization);
  return organization;
}

function notPinned(organization: Organization, pinned: string): ReconcileError {
  const message = `this OAuth client belongs to organisation ${sayOrganization(organization)}, and the config pins ${pinned}`;
  return new ReconcileError("organization/notPinned", message, {
    hint: "use the credentials of the pinned organisation, or correct `organization` in the config; nothing was written",
  });
}

function notRemembered(organization: Organization, remembered: Organization): ReconcileError {
  const message =
    `this OAuth client belongs to organisation ${sayOrganization(organization)}, and it belonged to ` +
    `${sayOrganization(remembered)} when it was last asked`;
  return new ReconcileError("organization/changed", message, {
    hint: `check the address and the credentials; if they are right, write \`organization: ${organization.id}\` into the config; nothing was written`,
  });
}

function unknown(pinned: string | null): ReconcileError {
  const why =
    pinned === null ? "the state is in a shared store" : `the config pins the organisation ${pinned}`;
  const message = `the platform does not tell which organisation this OAuth client belongs to, and ${why}`;
  return new ReconcileError("organization/unknown", message, {
    hint: "allow the client GET /api/v2/tokens/me or GET /api/v2/organizations/me; nothing was written",
  });
}
