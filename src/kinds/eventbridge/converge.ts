// The steps that take an integration to where it shall be: each after a look, so that whoever comes next, after a lost
// answer or a crash, goes on where the last one stopped.
import { sameEventTypes } from "../../model/document.ts";
import { isCode, isOfClass, ReconcileError } from "../../model/errors.ts";
import type { LiveResource, ResourceDocument } from "../../model/resource.ts";
import { backoffMs } from "../../genesys/client/retry.ts";
import { wait } from "../../genesys/client/wait.ts";
import { asLive, makeConfiguration, parseConfiguration, type Integration } from "./shape.ts";
import { integrationsPath, readIntegration, settle } from "./integrations.ts";
import type { DriverPorts } from "../../genesys/driver.ts";
import { orNotFound, pathOf } from "../../genesys/parsed.ts";
import { isVersionMismatch } from "../../genesys/version-conflict.ts";

export interface Stepping extends DriverPorts {
  /** Whether it is still whose it was: somebody else may have taken it meanwhile. */
  readonly isOurs: (now: Integration) => boolean;
  /** Counts what has taken effect, or may have. */
  readonly progress: { writes: number };
}

/** A platform that is not where it said it was, however often one looks, is somebody else's problem. */
const maxRounds = 8;
/** A step that was taken, and is to be taken again: once somebody may have undone it. */
const maxRepeats = 1;

/**
 * Takes the steps that are left, and resolves once the platform reports that it is so. Throws `api/conflict` where it is
 * somebody else's by now, `api/rejected` where the configuration is refused, `api/storedOtherwise` where the platform
 * takes something else, `api/stateError` where it reports an error, `api/unsettled` where it takes too long; else as the
 * client does.
 */
export async function converge(
  id: string,
  document: ResourceDocument,
  stepping: Stepping,
): Promise<LiveResource> {
  const memory: Memory = { taken: new Map(), leastVersion: 0, conflictedAt: null, failure: null };
  for (let round = 1; round <= maxRounds; round += 1) {
    if (round > 1) await pause(round - 1, memory.failure !== null, stepping);
    const now = await readOurs(id, stepping);
    // What was written shows later: an older state tells nothing.
    if (versionOf(now) < memory.leastVersion) {
      memory.failure = now;
      continue;
    }
    const step = nextStep(now, document);
    if (!step) return asLive(await settle(now, stepping));
    if ((memory.taken.get(step.key) ?? 0) > maxRepeats) throw storedOtherwise(now, document);
    memory.failure = await takeStep(step, now, { memory, stepping });
  }
  if (memory.failure instanceof ReconcileError) throw memory.failure;
  const message = `integration "${document.name}" does not show what was written to it`;
  throw new ReconcileError("api/unsettled", `${message}; the next pass looks again`);
}

interface Memory {
  /** How often each step was taken, by its key. */
  readonly taken: Map<string, number>;
  /** Of the configuration that was written. */
  leastVersion: number;
  /** The version at which something else than the version was in the way. */
  conflictedAt: number | null;
  /** What went wrong in the last round, or that its step was taken before; null where it went well. */
  failure: unknown;
}

/** What to wait for before the next look; null where there is nothing. Throws what another try would not change. */
async function takeStep(
  step: Step,
  now: Integration,
  { memory, stepping }: { readonly memory: Memory; readonly stepping: Stepping },
): Promise<unknown> {
  const { api, progress } = stepping;
  const repeats = memory.taken.get(step.key) ?? 0;
  try {
    const { body } = await api.request(step.method, step.path, step.body);
    progress.writes += 1;
    memory.taken.set(step.key, repeats + 1);
    const stored = step.method === "PUT" ? parseConfiguration(body) : null;
    if (stored?.ok) memory.leastVersion = stored.value.version;
    return repeats > 0 ? step : null;
  } catch (error) {
    if (isVersionMismatch(error)) return error;
    if (isOfClass(error, "unknown")) progress.writes += 1;
    else if (isCode(error, "api/conflict") && memory.conflictedAt !== versionOf(now))
      memory.conflictedAt = versionOf(now);
    // Such as another one's event source.
    else throw asRejected(error);
    return error;
  }
}

function versionOf({ config }: Integration): number {
  return config?.version ?? 0;
}

/** Switches it off first, for one that is on cannot be deleted. Throws as `converge` does. */
export async function remove(id: string, stepping: Stepping): Promise<void> {
  const { api, progress } = stepping;
  const at = pathOf(integrationsPath, id, "integration");
  let failure: unknown = null;
  for (let round = 1; round <= maxRounds; round += 1) {
    if (round > 1) await pause(round - 1, failure !== null || round > 2, stepping);
    const now = await readIntegration(id, api);
    if (!now) return;
    requireOurs(now, stepping);
    try {
      failure = null;
      if (now.intendedState === "ENABLED") {
        await api.request("PATCH", at, { intendedState: "DISABLED" });
        progress.writes += 1;
      } else {
        await settle(now, stepping);
        await orNotFound(api.request("DELETE", at));
        return;
      }
    } catch (error) {
      failure = error;
      if (isCode(error, "api/notFound")) return;
      if (isOfClass(error, "unknown")) progress.writes += 1;
      else if (!isCode(error, "api/conflict")) throw error;
    }
  }
  if (failure instanceof ReconcileError) throw failure;
  throw new ReconcileError(
    "api/unsettled",
    `integration ${id} does not switch off; the next pass looks again`,
  );
}

async function pause(round: number, isNeeded: boolean, { clock, random, interrupted }: Stepping) {
  if (isNeeded) await wait(clock, backoffMs(Math.min(round, 3), random), interrupted);
}

async function readOurs(id: string, stepping: Stepping): Promise<Integration> {
  const now = await readIntegration(id, stepping.api);
  if (!now) throw new ReconcileError("api/notFound", `GET ${integrationsPath}/${id}: not found`);
  if (!now.config)
    throw new ReconcileError("api/malformed", `GET ${integrationsPath}/${id}: no configuration`);
  requireOurs(now, stepping);
  return now;
}

function requireOurs(now: Integration, { isOurs }: Stepping): void {
  if (isOurs(now)) return;
  const message = `integration "${now.name}" (id ${now.id}) was taken by someone else meanwhile`;
  throw new ReconcileError("api/conflict", message);
}

interface Step {
  readonly method: "PUT" | "PATCH";
  readonly path: string;
  readonly body: unknown;
  /** The same for the same step, whatever its version. */
  readonly key: string;
}

/** Null where all is said, and only to be waited for. */
function nextStep(now: Integration, document: ResourceDocument): Step | null {
  const at = pathOf(integrationsPath, now.id, "integration");
  const body = makeConfiguration(document, now);
  if (body)
    return { method: "PUT", path: `${at}/config/current`, body, key: JSON.stringify(body["properties"]) };
  const intendedState = document.state === "enabled" ? "ENABLED" : "DISABLED";
  if (now.intendedState === intendedState) return null;
  return { method: "PATCH", path: at, body: { intendedState }, key: intendedState };
}

function storedOtherwise(now: Integration, document: ResourceDocument): ReconcileError {
  const live = asLive(now);
  const keys = ["name", "endpoint", "description", "state"] as const;
  const differing = [
    ...keys.filter((key) => live[key] !== document[key]),
    ...(sameEventTypes(live.eventTypes, document.eventTypes) ? [] : ["eventTypes"]),
  ];
  const message = `the platform stored something else than was sent: ${differing.join(", ")}`;
  return new ReconcileError("api/storedOtherwise", message);
}

/** A conflict that nothing will change. */
function asRejected(error: unknown): unknown {
  if (!(error instanceof ReconcileError) || error.code !== "api/conflict") return error;
  const { message, correlationId } = error;
  return new ReconcileError("api/rejected", message, {
    ...{ correlationId: correlationId ?? undefined, cause: error },
  });
}
