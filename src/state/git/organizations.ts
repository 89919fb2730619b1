// The memory of organisations: a ref of its own, with a file for each OAuth client that a pass has met.
import { sha256Hex } from "../../lib/hash.ts";
import { object, orNull, text } from "../../lib/shape.ts";
import type { StoreClient, StoredOrganization } from "../shared-store.ts";
import { readRoot, withObjects } from "./content.ts";
import { unreachable } from "./git-answers.ts";
import type { Exchange } from "./exchange.ts";
import type { OwnRepository } from "./own-repository.ts";
import { writeCommit } from "./write-commit.ts";

export interface OrganizationsPlace {
  readonly repository: OwnRepository;
  readonly exchange: Exchange;
  readonly ref: string;
}

export async function findOrganization(
  { repository, exchange, ref }: OrganizationsPlace,
  client: StoreClient,
): Promise<StoredOrganization | null> {
  return readOrganization(repository, await exchange.fetch(ref), client);
}

async function readOrganization(
  repository: OwnRepository,
  commit: string | null,
  client: StoreClient,
): Promise<StoredOrganization | null> {
  if (commit === null) return null;
  const file = fileOf(client);
  const content = await withObjects(repository, async (objects) => {
    const entry = (await readRoot(objects, commit)).find(({ name }) => name === file);
    return entry ? (await objects.read(entry.id, "blob")).toString("utf8") : null;
  });
  return content === null ? null : parse(content);
}

/** Machines that meet their client for the first time may push at once; each of these tries lets one of them through. */
const mostTries = 30;

export async function rememberOrganization(
  { repository, exchange, ref }: OrganizationsPlace,
  { client, organization, nowMs }: Remembered,
): Promise<void> {
  const { id, name } = organization;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const parent = await exchange.fetch(ref);
    const known = await readOrganization(repository, parent, client);
    if (known?.id === id && known.name === name) return;
    const files = new Map([[fileOf(client), `${JSON.stringify({ id, name })}\n`]]);
    const subject = "an OAuth client and its organisation";
    const fresh = await writeCommit(repository, { parent, files, subject, nowMs });
    if (await exchange.push(ref, { old: parent, fresh })) return;
  }
  throw unreachable(`${ref} was changed by others ${mostTries} times in a row`);
}

export interface Remembered {
  readonly client: StoreClient;
  readonly organization: StoredOrganization;
  readonly nowMs: number;
}

/** The name does not tell which client it is. */
function fileOf({ environment, clientId }: StoreClient): string {
  return `${sha256Hex(`${environment}\n${clientId}`)}.json`;
}

const shape = object({ id: text, name: orNull(text) });

/** A file that a person broke is as none: the platform is asked, and the file is written anew. */
function parse(content: string): StoredOrganization | null {
  try {
    const found = JSON.parse(content) as StoredOrganization;
    return shape(found, "") === null ? { id: found.id, name: found.name } : null;
  } catch {
    return null;
  }
}
