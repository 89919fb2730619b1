// Makes the port by which a session finds its organisation, from its settings and its platform.
import type { Api } from "../genesys/client/api.ts";
import type { Log } from "../model/deps.ts";
import type { Organization } from "../model/organization.ts";
import { makeOrganizationPort, type OrganizationPort } from "./find-organization.ts";
import { openOrganizationFile, type OrganizationMemory } from "./organization-memory.ts";
import type { Settings } from "./pass-settings.ts";
import type { PlatformAccess } from "./settings.ts";
import { stateDirectory } from "../state/files/state-directory.ts";
import type { World } from "./world.ts";

interface Source {
  readonly flags: { readonly dryRun?: true };
  readonly world: Pick<World, "files">;
  readonly organizations?: OrganizationMemory;
  readonly needsOrganization?: boolean;
  readonly onOrganization?: (organization: Organization) => void;
  readonly api: Pick<Api, "request">;
  readonly log: Log;
}

interface Target {
  readonly settings: Pick<Settings, "config">;
  readonly platform: PlatformAccess;
}

export function openOrganization(
  { settings, platform }: Target,
  { flags, world, organizations, needsOrganization = false, onOrganization, api, log }: Source,
): OrganizationPort {
  const { environment, credentials } = platform;
  const { embedded } = platform;
  const memory = embedded
    ? memoryOf(embedded)
    : (organizations ??
      openOrganizationFile({
        files: world.files,
        path: `${stateDirectory}/organizations.json`,
        writes: flags.dryRun !== true,
        onNotice: (notice) => {
          log("warn", notice);
        },
      }));
  return makeOrganizationPort({
    ...{ api, memory, isNeeded: needsOrganization },
    client: { environment, clientId: credentials.clientId },
    // The embedded platform has the pinned id.
    pinned: embedded ? null : settings.config.organization,
    onKnown: onOrganization ?? (() => undefined),
  });
}

/** Another config may give the sandbox another id, so that nothing of it is kept. */
function memoryOf(embedded: Organization): OrganizationMemory {
  return { find: () => Promise.resolve(embedded), remember: () => Promise.resolve() };
}
