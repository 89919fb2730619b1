// Remembers which organisation an OAuth client belongs to, in `.reconcile/organizations.json`.
import type { Files } from "../lib/files.ts";
import { setAside } from "../lib/set-aside.ts";
import { errorText, systemErrorCode } from "../model/errors.ts";
import type { Organization } from "../model/organization.ts";

/** An OAuth client of a region. */
export interface OrganizationClient {
  /** The region's domain, or the host of an overridden address. */
  readonly environment: string;
  readonly clientId: string;
}

/** A store of the state has one. Its functions reject with ReconcileError if the store cannot be used. */
export interface OrganizationMemory {
  /** Null if the client is not known. */
  readonly find: (client: OrganizationClient) => Promise<Organization | null>;
  readonly remember: (client: OrganizationClient, organization: Organization) => Promise<void>;
}

/** The answers of the platform within one process, by client. */
export type OrganizationAnswers = Map<string, Organization>;

/** A memory that also knows what the platform answered in this process: a dry run writes no answer down. */
export function withAnswers(memory: OrganizationMemory, answers: OrganizationAnswers): OrganizationMemory {
  const keyOf = ({ environment, clientId }: OrganizationClient): string =>
    JSON.stringify([environment, clientId]);
  return {
    find: async (client) => (await memory.find(client)) ?? answers.get(keyOf(client)) ?? null,
    remember: async (client, organization) => {
      answers.set(keyOf(client), organization);
      await memory.remember(client, organization);
    },
  };
}

interface Entry extends OrganizationClient, Organization {}

/** More clients than one machine has; the one that was remembered first is forgotten first. */
const maxEntries = 200;
/** An entry has some 300 bytes. */
const maxBytes = 1024 * 1024;
/** Only this user may read or write the file. */
const mode = 0o600;

interface MemoryFile {
  readonly path: string;
  readonly files: Pick<Files, "read" | "write" | "create" | "remove">;
  /** False in a dry run, which leaves the file as it is. */
  readonly writes: boolean;
  /** Called with what is wrong with the file, which ends no pass: the platform can be asked again. */
  readonly onNotice: (notice: string) => void;
}

/** A corrupt file is moved to `<path>.corrupt`, or to the next free name. */
export function openOrganizationFile(file: MemoryFile): OrganizationMemory {
  return {
    find: async (client) => {
      const found = (await readEntries(file)).find((entry) => isOf(entry, client));
      return found ? { id: found.id, name: found.name } : null;
    },
    remember: async ({ environment, clientId }, { id, name }) => {
      if (!file.writes) return;
      const others = (await readEntries(file)).filter((entry) => !isOf(entry, { environment, clientId }));
      const organizations = [...others, { environment, clientId, id, name }].slice(-maxEntries);
      const text = `${JSON.stringify({ formatVersion: 1, organizations }, null, 2)}\n`;
      try {
        await file.files.write(file.path, text, { mode });
      } catch (error) {
        file.onNotice(
          `${file.path} cannot be written, so the organisation is asked for again: ${errorText(error)}`,
        );
      }
    },
  };
}

function isOf(entry: Entry, { environment, clientId }: OrganizationClient): boolean {
  return entry.environment === environment && entry.clientId === clientId;
}

async function readEntries({ files, path, writes, onNotice }: MemoryFile): Promise<readonly Entry[]> {
  try {
    const bytes = await files.read(path, maxBytes);
    const entries = parseEntries(new TextDecoder().decode(bytes));
    if (entries) return entries;
    if (!writes) return [];
    const aside = await setAside(files, `${path}.corrupt`, bytes);
    await files.remove(path);
    onNotice(`${path} is corrupt, so it was moved to ${aside}`);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") onNotice(`${path} cannot be used: ${errorText(error)}`);
  }
  return [];
}

function parseEntries(text: string): readonly Entry[] | null {
  try {
    const { formatVersion, organizations } = JSON.parse(text) as Record<string, unknown>;
    return formatVersion === 1 && Array.isArray(organizations) && organizations.every(isEntry)
      ? organizations
      : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is Entry {
  const { environment, clientId, id, name } = (value ?? {}) as Record<string, unknown>;
  const isNamed = [environment, clientId, id].every((text) => typeof text === "string" && text !== "");
  return isNamed && (name === null || typeof name === "string");
}
