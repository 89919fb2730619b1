// Makes the port by which a session finds its organisation, from its settings and its platform.
import type { Api } from "../genesys/client/api.ts";
import type { Log } from "../model/deps.ts";
import type { Organization } from "../model/organization.ts";
import { makeOrganizationPort, type OrganizationPort } from "./find-organization.ts";
import {
  openOrganizationFile,
  withAnswers,
  type OrganizationAnswers,
  type OrganizationMemory,
} from "./organization-memory.ts";
import type { Settings } from "./pass-settings.ts";
import type { PlatformAccess } from "./settings.ts";
import { stateDirectory } from "../state/files/state-directory.ts";
import type { World } from "./world.ts";

interface Source {
  readonly flags: { readonly dryRun?: true };
  readonly world: Pick<World, "files">;
  readonly organizations?: OrganizationMemory;
  readonly organizationAnswers?: OrganizationAnswers;
  readonly needsOrganization?: boolean;
  readonly onOrganization?: (organization: Organization) => void;
  readonly api: Pick<Api, "request">;
  readonly log: Log;
}

interface Target {
  readonly settings: Pick<Settings, "config">;
  readonly platform: PlatformAccess;
}

export function openOrganization({ settings, platform }: Target, source: Source): OrganizationPort {
  const { environment, credentials, embedded } = platform;
  const { api, organizationAnswers, needsOrganization = false, onOrganization } = source;
  const memory = embedded ? memoryOf(embedded) : (source.organizations ?? openFile(source));
  return makeOrganizationPort({
    ...{ api, isNeeded: needsOrganization },
    memory: organizationAnswers ? withAnswers(memory, organizationAnswers) : memory,
    client: { environment, clientId: credentials.clientId },
    // The embedded platform has the pinned id.
    pinned: embedded ? null : settings.config.organization,
    onKnown: onOrganization ?? (() => undefined),
  });
}

function openFile({ flags, world, log }: Source): OrganizationMemory {
  return openOrganizationFile({
    files: world.files,
    path: `${stateDirectory}/organizations.json`,
    writes: flags.dryRun !== true,
    onNotice: (notice) => {
      log("warn", notice);
    },
  });
}

/** Another config may give the sandbox another id, so that nothing of it is kept. */
function memoryOf(embedded: Organization): OrganizationMemory {
  return { find: () => Promise.resolve(embedded), remember: () => Promise.resolve() };
}
