// Takes an integration step by step to the wanted state. Each step starts from a fresh read, so after a lost answer or
// a crash the next call goes on where the last one stopped.
import { sameEventTypes } from "../../model/document.ts";
import { findDifferingFields } from "../../model/field-changes.ts";
import { answerFacts, isCode, isOfClass, ReconcileError } from "../../model/errors.ts";
import type { LiveResource, ResourceDocument } from "../../model/resource.ts";
import { backoffMs } from "../../genesys/client/retry.ts";
import { wait } from "../../genesys/client/wait.ts";
import { asLive, makeConfiguration, parseConfiguration, type ConfiguredIntegration } from "./shape.ts";
import { integrationsPath, readForWrite, settle, type ReadPorts } from "./integrations.ts";
import { associate } from "./associate.ts";
import type { Found } from "../../genesys/driver.ts";
import { pathOf } from "../../genesys/parsed.ts";
import { noteWrite } from "../../genesys/write-memory.ts";
import { isVersionMismatch } from "../../genesys/version-conflict.ts";

export interface Stepping extends ReadPorts {
  /** False if the integration has another owner by now, because someone else has taken it. */
  readonly isOurs: (now: ConfiguredIntegration) => boolean;
  readonly progress: Progress;
}

export interface Progress {
  /** Writes that have taken effect, or may have. */
  writes: number;
  /** Writes that the platform refused, because someone else was faster. */
  refusals: number;
}

/** Returns how a call without a write of its own found its integration done; null if one of its writes took effect. */
export function foundAfter({ writes, refusals }: Progress): Found | null {
  if (writes > 0) return null;
  return refusals > 0 ? "refused" : "unsent";
}

/** After this many reads that do not show the writes, the call gives up with `api/unsettled`. */
const maxRounds = 8;
/** A step is repeated this often at most: someone else may have undone it once. */
const maxRepeats = 1;

/**
 * Takes the remaining steps, and resolves once the platform reports the wanted state. Throws `api/conflict` if the
 * integration has another owner by now, `api/rejected` if the platform refuses the configuration, `api/storedOtherwise`
 * if it stores something else, `api/stateError` if it reports an error, `api/unsettled` if it takes too long; else as
 * the client does.
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
    // The platform may answer a read with a state from before our write, which is no basis for the next step.
    if (versionOf(now) < memory.leastVersion) {
      memory.failure = now;
      continue;
    }
    const step = nextStep(now, document);
    if (!step) {
      const live = asLive(await settle(now, stepping));
      await associate(live, stepping);
      return live;
    }
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
  /** The version of the configuration that was last written; a read that shows an older one is outdated. */
  leastVersion: number;
  /** The version at which a PUT met a conflict although its version was right; null if none did. */
  conflictedAt: number | null;
  /** The reason to pause before the next round: an error, an outdated read, or a repeated step; null for no pause. */
  failure: unknown;
}

/**
 * Returns the reason to pause before the next read; null for no pause. Throws an error that another try would not
 * change.
 */
async function takeStep(
  step: Step,
  now: ConfiguredIntegration,
  { memory, stepping }: { readonly memory: Memory; readonly stepping: Stepping },
): Promise<unknown> {
  const { api, progress } = stepping;
  const repeats = memory.taken.get(step.key) ?? 0;
  try {
    const { body } = await api.request(step.method, step.path, step.body);
    progress.writes += 1;
    noteWrite(now.id, stepping.memory, stepping.clock);
    memory.taken.set(step.key, repeats + 1);
    const stored = step.method === "PUT" ? parseConfiguration(body) : null;
    if (stored?.ok) memory.leastVersion = stored.value.version;
    return repeats > 0 ? step : null;
  } catch (error) {
    if (isOfClass(error, "unknown")) {
      progress.writes += 1;
      return error;
    }
    // The next read shows whether it is gone, or not shown everywhere yet.
    if (isCode(error, "api/notFound")) return error;
    progress.refusals += 1;
    if (isVersionMismatch(error)) return error;
    // A conflict repeats at the same version if, for example, the platform allows an event source one integration.
    if (!isCode(error, "api/conflict") || memory.conflictedAt === versionOf(now)) throw asRejected(error);
    memory.conflictedAt = versionOf(now);
    return error;
  }
}

function versionOf({ config }: ConfiguredIntegration): number {
  return config.version;
}

/** Pauses after the given round, longer after a later one. */
export async function pause(
  round: number,
  isNeeded: boolean,
  { clock, random, interrupted }: Stepping,
): Promise<void> {
  if (isNeeded) await wait(clock, backoffMs(Math.min(round, 3), random), interrupted);
}

async function readOurs(id: string, stepping: Stepping): Promise<ConfiguredIntegration> {
  const now = await readForWrite(id, stepping);
  if (!now) throw new ReconcileError("api/notFound", `GET ${integrationsPath}/${id}: not found`);
  requireOurs(now, stepping);
  return now;
}

/** Throws `api/conflict` if the integration has another owner by now. */
export function requireOurs(now: ConfiguredIntegration, { isOurs }: Pick<Stepping, "isOurs">): void {
  if (isOurs(now)) return;
  const message = `integration "${now.name}" (id ${now.id}) was taken by someone else meanwhile`;
  throw new ReconcileError("api/conflict", message);
}

interface Step {
  readonly method: "PUT" | "PATCH";
  readonly path: string;
  readonly body: unknown;
  /** Equal for two steps that write the same, even if they state different versions. */
  readonly key: string;
}

/** Null if every write is done, and only the platform's report is missing. */
function nextStep(now: ConfiguredIntegration, document: ResourceDocument): Step | null {
  const at = pathOf(integrationsPath, now.id, "integration");
  const body = makeConfiguration(document, now);
  if (body)
    return { method: "PUT", path: `${at}/config/current`, body, key: JSON.stringify(body["properties"]) };
  const intendedState = document.state === "enabled" ? "ENABLED" : "DISABLED";
  if (now.intendedState === intendedState) return null;
  return { method: "PATCH", path: at, body: { intendedState }, key: intendedState };
}

function storedOtherwise(now: ConfiguredIntegration, document: ResourceDocument): ReconcileError {
  const live = asLive(now);
  const differing = [
    ...findDifferingFields(live, document),
    ...(sameEventTypes(live.eventTypes, document.eventTypes) ? [] : ["eventTypes"]),
  ];
  const message = `the platform stored something else than was sent: ${differing.join(", ")}`;
  return new ReconcileError("api/storedOtherwise", message);
}

/** Turns a conflict that would repeat into a rejection. */
function asRejected(error: unknown): unknown {
  if (!(error instanceof ReconcileError) || error.code !== "api/conflict") return error;
  return new ReconcileError("api/rejected", error.message, { ...answerFacts(error), cause: error });
}
