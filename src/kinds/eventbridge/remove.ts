// Deletes an integration. The platform also deletes one that delivers, so its owner is read right before.
import { isCode, isOfClass, ReconcileError } from "../../model/errors.ts";
import { isObject } from "../../genesys/client/json.ts";
import type { Found } from "../../genesys/driver.ts";
import { orNotFound, pathOf } from "../../genesys/parsed.ts";
import { forgetWrite, noteWrite } from "../../genesys/write-memory.ts";
import { foundAfter, pause, requireOurs, type Stepping } from "./converge.ts";
import { integrationsPath, readForWrite, settle } from "./integrations.ts";
import { isHalfMade, type ConfiguredIntegration, type Integration } from "./shape.ts";

/** After this many rounds the call gives up. */
const maxRounds = 8;
/** Someone else may switch the integration on again once; after so many answered attempts it is deleted as it is. */
const maxSwitches = 2;
/** The platform may show a deleted integration for a while; after so many looks the call gives up. */
const maxLooks = 8;

/**
 * Switches the integration off first, so that it ends its deliveries in an orderly way, and deletes it even if the
 * platform does not report it inactive in time. Returns how it was gone already; null if a request of this call took
 * effect. Throws `api/conflict` if the integration has another owner by now, `api/malformed` if its owner cannot be
 * read, `api/unsettled` if the platform still shows it afterwards; else as the client does.
 */
export async function remove(id: string, stepping: Stepping): Promise<Found | null> {
  const at = pathOf(integrationsPath, id, "integration");
  let failure: unknown = null;
  let switches = 0;
  for (let round = 1; round <= maxRounds; round += 1) {
    if (round > 1) await pause(round - 1, failure !== null || round > 2, stepping);
    const now = await readSettled(id, stepping);
    if (!now) return foundAfter(stepping.progress);
    if (now.intendedState === "ENABLED" && switches < maxSwitches) {
      failure = await send("PATCH", at, stepping);
      if (!isOfClass(failure, "unknown")) switches += 1;
      if (failure === null) noteWrite(id, stepping.memory, stepping.clock);
      continue;
    }
    forgetWrite(id, stepping.memory);
    failure = await send("DELETE", at, stepping);
    if (isCode(failure, "api/notFound")) return foundAfter(stepping.progress);
    if (failure !== null) continue;
    await requireGone(id, stepping);
    return null;
  }
  if (failure instanceof ReconcileError) throw failure;
  const message = `integration ${id} was switched off, and is not deleted yet`;
  throw new ReconcileError("api/unsettled", `${message}; the next pass looks again`);
}

/**
 * Reads the integration right before a write. If it is still to become inactive, waits for that and reads it once more,
 * because somebody may have taken it or switched it on meanwhile. Null if it is gone.
 */
async function readSettled(id: string, stepping: Stepping): Promise<ConfiguredIntegration | null> {
  const now = await readOwned(id, stepping);
  return now && (await hasWaitedUntilOff(now, stepping)) ? readOwned(id, stepping) : now;
}

/** An integration without an owner that can be read is never deleted, nor one that is only half-made. */
async function readOwned(id: string, stepping: Stepping): Promise<ConfiguredIntegration | null> {
  const now = await readForWrite(id, stepping);
  if (now) requireOurs(now, { isOurs: (one) => !isHalfMade(one) && stepping.isOurs(one) });
  return now;
}

/** False if there was nothing to wait for. What is not reported inactive in time is deleted all the same. */
async function hasWaitedUntilOff(now: Integration, stepping: Stepping): Promise<boolean> {
  if (now.intendedState === "ENABLED") return false;
  try {
    return (await settle(now, stepping)) !== now;
  } catch (error) {
    if (isCode(error, "api/unsettled", "api/notFound", "api/stateError")) return true;
    throw error;
  }
}

/** Returns null, or the error after which another round may succeed. Throws any other error. */
async function send(method: "PATCH" | "DELETE", at: string, stepping: Stepping): Promise<unknown> {
  const { api, progress } = stepping;
  try {
    await api.request(method, at, method === "PATCH" ? { intendedState: "DISABLED" } : undefined);
    progress.writes += 1;
    return null;
  } catch (error) {
    if (isOfClass(error, "unknown")) {
      progress.writes += 1;
      return error;
    }
    progress.refusals += 1;
    const passable = ["api/conflict", "api/notFound", ...(method === "PATCH" ? ["api/rejected"] : [])];
    if (isCode(error, ...passable)) return error;
    throw error;
  }
}

async function requireGone(id: string, stepping: Stepping): Promise<void> {
  const at = pathOf(integrationsPath, id, "integration");
  for (let look = 1; look <= maxLooks; look += 1) {
    if (look > 1) await pause(look - 1, true, stepping);
    const answer = await orNotFound(stepping.api.request("GET", at));
    if (!answer || (isObject(answer.body) && answer.body["intendedState"] === "DELETED")) return;
  }
  const message = `integration ${id} was deleted, and the platform still shows it`;
  throw new ReconcileError("api/unsettled", `${message}; the next pass looks again`);
}
