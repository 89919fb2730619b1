// Endpoints with eventbridge: — integrations that send events to a partner event source in AWS. To make one takes
// several writes: create → configure → switch on → wait until the platform reports that it delivers. Each step is
// found out by looking, so that whoever comes next, after a lost answer or a crash, goes on where the last one stopped.
import { ReconcileError } from "../model/errors.ts";
import type { LiveWebhook, WebhookDocument } from "../model/webhook.ts";
import type { Api } from "./client/api.ts";
import { isObject } from "./client/json.ts";
import { backoffMs } from "./client/retry.ts";
import { wait } from "./client/wait.ts";
import type { Driver } from "./driver.ts";
import { asLive, isHalfMade, makeConfiguration, type Integration } from "./integration-shape.ts";
import {
  integrationsPath as path,
  integrationType,
  listIntegrations,
  readIntegration,
  settle,
  type EventBridgeOptions,
} from "./integrations.ts";
import { believeStored, expected, isResourceId, orNotFound, pathOf, type Parsed } from "./parsed.ts";
import { isVersionConflict } from "./version-conflict.ts";

/** A step that somebody else's write, or a lost answer, got in the way of is taken again, so often in all. */
const maxSteps = 5;

export function makeEventBridgeDriver(options: EventBridgeOptions): Driver {
  const { api } = options;
  /** As they were last listed, by name: one that was begun is not begun again. */
  const listed = new Map<string, Integration>();
  return {
    list: async () => {
      const all = await listIntegrations(api);
      listed.clear();
      for (const one of all) listed.set(one.name, one);
      return all.filter((one) => !isHalfMade(one)).map(asLive);
    },
    read: async (id) => {
      const found = await readIntegration(id, api);
      return found && asLive(found);
    },
    create: async (document) => {
      const named = listed.get(document.name);
      listed.delete(document.name);
      if (named && isBegun(named, document)) return converge(named.id, document, { ...options, writes: 0 });
      const id = await begin(document, api);
      return converge(id, document, { ...options, writes: 1 }).catch(async (error: unknown) => {
        if (isRefused(error)) await orNothing(remove(id, options));
        throw error;
      });
    },
    update: (id, document) => converge(id, document, { ...options, writes: 0 }),
    delete: (id) => remove(id, options),
  };
}

/** By whoever made it so far: it is empty, or all that is left is to switch it on. */
function isBegun(one: Integration, { endpoint, description }: WebhookDocument): boolean {
  const live = asLive(one);
  return isHalfMade(one) || (live.endpoint === endpoint && live.description === description);
}

function isRefused(error: unknown): boolean {
  return error instanceof ReconcileError && error.code === "api/rejected";
}

/** What was begun in vain is taken away again; where that fails, it is empty, switched off, and used the next time. */
async function orNothing(removal: Promise<void>): Promise<void> {
  await removal.catch(() => undefined);
}

async function begin({ name }: WebhookDocument, api: Pick<Api, "request">): Promise<string> {
  const { body } = await api.request("POST", path, { name, integrationType: { id: integrationType } });
  return believeStored(parseId(body), `POST ${path}`);
}

function parseId(body: unknown): Parsed<string> {
  const id = isObject(body) ? body["id"] : undefined;
  return isResourceId(id) ? { ok: true, value: id } : expected("an integration with an id");
}

interface Stepping extends EventBridgeOptions {
  /** Of this call, how many have taken effect, or may have. */
  readonly writes: number;
}

/**
 * Takes the steps that are left, one at a time, each after a look; resolves once the platform reports that it is so.
 * Throws `api/rejected` where the configuration is refused, `api/stateError` where the platform reports an error,
 * `api/unsettled` where it takes too long, and `api/outcomeUnknown` where it got half-way.
 */
async function converge(id: string, document: WebhookDocument, stepping: Stepping): Promise<LiveWebhook> {
  const { api } = stepping;
  let { writes } = stepping;
  let refusedVersion: number | null = null;
  try {
    for (let step = 1; ; step += 1) {
      const now = await readIntegration(id, api);
      if (!now) throw new ReconcileError("api/notFound", `GET ${path}/${id}: not found`);
      if (!now.config) throw new ReconcileError("api/malformed", `GET ${path}/${id}: no configuration`);
      const next = nextStep(now, document);
      if (!next) return asLive(await settle(now, stepping));
      try {
        await api.request(next.method, next.path, next.body);
        writes += 1;
      } catch (error) {
        if (next.method === "PUT" && isVersionConflict(error)) {
          // The same version again: it is something else that is in the way, such as another one's event source.
          if (refusedVersion === now.config.version) throw asRejected(error);
          refusedVersion = now.config.version;
        } else if (isUnknown(error)) {
          writes += 1;
          await wait(stepping.clock, backoffMs(step, stepping.random), stepping.interrupted);
        } else throw error;
        if (step >= maxSteps) throw error;
      }
    }
  } catch (error) {
    throw writes > 0 ? asHalfDone(error) : error;
  }
}

interface Step {
  readonly method: "PUT" | "PATCH";
  readonly path: string;
  readonly body: unknown;
}

/** Null where all is said, and only to be waited for. */
function nextStep(now: Integration, document: WebhookDocument): Step | null {
  const at = pathOf(path, now.id, "integration");
  const configuration = makeConfiguration(document, now);
  if (configuration) return { method: "PUT", path: `${at}/config/current`, body: configuration };
  const intendedState = document.state === "enabled" ? "ENABLED" : "DISABLED";
  return now.intendedState === intendedState
    ? null
    : { method: "PATCH", path: at, body: { intendedState } };
}

/** Switches it off first, for one that is on cannot be deleted. */
async function remove(id: string, options: EventBridgeOptions): Promise<void> {
  const { api } = options;
  const at = pathOf(path, id, "integration");
  let writes = 0;
  try {
    for (let step = 1; ; step += 1) {
      const now = await readIntegration(id, api);
      if (!now) return;
      try {
        if (now.intendedState === "ENABLED") {
          await api.request("PATCH", at, { intendedState: "DISABLED" });
          writes += 1;
        } else {
          await settle(now, options);
          await orNotFound(api.request("DELETE", at));
          return;
        }
      } catch (error) {
        if (!isUnknown(error) && !isVersionConflict(error)) throw error;
        writes += 1;
        if (step >= maxSteps) throw error;
        await wait(options.clock, backoffMs(step, options.random), options.interrupted);
      }
    }
  } catch (error) {
    throw writes > 0 ? asHalfDone(error) : error;
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof ReconcileError && error.code === "api/outcomeUnknown";
}

function asRejected({ message, correlationId }: ReconcileError): ReconcileError {
  return new ReconcileError("api/rejected", message, { correlationId: correlationId ?? undefined });
}

/** What tells all there is to know, though not everything was done. */
const isTold = new Set(["api/stateError", "api/unsettled", "api/rejected", "api/outcomeUnknown"]);

/** Some of its writes have taken effect: what is live now is to be looked at before it is tried again. */
function asHalfDone(error: unknown): unknown {
  if (!(error instanceof ReconcileError) || isTold.has(error.code)) return error;
  const { message, hint, correlationId } = error;
  return new ReconcileError("api/outcomeUnknown", `done in part, and not to its end: ${message}`, {
    ...(hint === null ? {} : { hint }),
    correlationId: correlationId ?? undefined,
    cause: error,
  });
}
