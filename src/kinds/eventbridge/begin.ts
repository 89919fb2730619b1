// Creates an integration that is still empty, or finds one that was begun before.
import { findDifferingFields } from "../../model/field-changes.ts";
import type { ResourceDocument } from "../../model/resource.ts";
import { isObject } from "../../genesys/client/json.ts";
import { believeStored, expected, isResourceId, type Parsed } from "../../genesys/parsed.ts";
import { forgetUnlisted, forgetWrite, noteWrite, type WriteMemory } from "../../genesys/write-memory.ts";
import { integrationsPath as path, type ReadPorts } from "./integrations.ts";
import { integrationType } from "./kind.ts";
import { explainCap } from "./room.ts";
import { asLive, isHalfMade, type Integration } from "./shape.ts";

/** An integration that was created before; `isHalfMade`: its configuration was not written when it was listed. */
export interface Begun {
  readonly id: string;
  readonly isHalfMade: boolean;
  /** The last list showed it. */
  readonly isListed: boolean;
}

/** Takes it out of `listed`, the integrations of the last list by name, so that no second call goes on with it. */
export function findBegun(
  document: ResourceDocument,
  listed: Map<string, Integration>,
  { unlisted }: WriteMemory,
): Begun | null {
  const named = listed.get(document.name);
  listed.delete(document.name);
  if (named && isBegun(named, document)) {
    // A list may show it before a GET by its id does: then only its configuration tells that it is not gone.
    unlisted.set(document.name, named.id);
    return { id: named.id, isHalfMade: isHalfMade(named), isListed: true };
  }
  const id = unlisted.get(document.name);
  return id === undefined ? null : { id, isHalfMade: false, isListed: false };
}

/** Called after a call has gone on with it. */
export function forgetBegun({ id, isListed }: Begun, isThere: boolean, memory: WriteMemory): void {
  if (!isThere) forgetWrite(id, memory);
  else if (isListed) forgetUnlisted(id, memory);
}

/** True for an integration of that name that is not configured yet, or that only has to be switched on. */
function isBegun(one: Integration, document: ResourceDocument): boolean {
  return isHalfMade(one) || findDifferingFields(asLive(one), document).every((field) => field === "state");
}

/** `used`: how many integrations the last list showed, for the message of a refusal. */
export async function begin(
  { name }: ResourceDocument,
  used: number,
  { api, memory, clock }: ReadPorts,
): Promise<string> {
  const type = { id: integrationType };
  const { body } = await api
    .request("POST", path, { name, integrationType: type })
    .catch((error: unknown) => {
      throw explainCap(error, used);
    });
  const id = believeStored(parseId(body), `POST ${path}`);
  noteWrite(id, memory, clock);
  memory.unlisted.set(name, id);
  return id;
}

function parseId(body: unknown): Parsed<string> {
  const id = isObject(body) ? body["id"] : undefined;
  return isResourceId(id) ? { ok: true, value: id } : expected("an integration with an id");
}
