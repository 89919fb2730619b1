// EventBridge integrations as the platform's API answers for them, and the driver on it.
import { liveFrom } from "../support/kinds.ts";
import { parseConfiguration } from "../../src/kinds/eventbridge/shape.ts";
import { makeEventBridgeDriver } from "../../src/kinds/eventbridge/driver.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { makeScriptedApi, ok, type FakeApi } from "./fake-api.ts";

export const path = "/api/v2/integrations";

export const at = `${path}/i1`;

export const config = `${at}/config/current`;

export const firstPage = `${path}?pageSize=100&pageNumber=1&integrationType=amazon-eventbridge-source&expand=config.current`;

export const document: ResourceDocument = {
  name: "g-1a2b3c4d",
  endpoint: "eventbridge://123456789012/us-east-1/orders",
  eventTypes: ["v2.users.{id}.presence", "v2.users.{id}.routingstatus"],
  retryPolicy: null,
  state: "enabled",
  description: "Consumer group: g | Managed by: reconcile (default)",
};

export const live = (id: string, more: Partial<Omit<LiveResource, "kind">> = {}): LiveResource =>
  liveFrom({ ...document, id, ...more });

export const source = {
  ...{ awsAccountId: "123456789012", awsAccountRegion: "us-east-1", eventSourceSuffix: "orders" },
  eventFilter: document.eventTypes,
};

/** As the platform has it. */
export const configuration = (more: object = {}) => ({
  ...{ id: "i1", name: document.name, version: 2, properties: source, advanced: {} },
  ...{ notes: document.description, credentials: {}, selfUri: config, ...more },
});

export const empty = (version = 1) => configuration({ version, properties: {}, notes: "" });

/** What empty notes may read as. */
export const emptyWord = "node_dynamodb_empty_string";

export type States = readonly [intended: string, reported: string, reason?: string];

export function integration(
  [intendedState, code, reason]: States,
  current: unknown = configuration(),
  id = "i1",
) {
  const detail = reason === undefined ? {} : { detail: { message: "?", messageWithParams: reason } };
  return {
    id,
    name: document.name,
    intendedState,
    reportedState: { code, ...detail },
    config: { current },
  };
}

export const off: States = ["DISABLED", "INACTIVE"];

export const turningOn: States = ["ENABLED", "ACTIVATING"];

export const on: States = ["ENABLED", "ACTIVE"];

export const turningOff: States = ["DISABLED", "DEACTIVATING"];

export const inError: States = ["ENABLED", "ERROR", "The account is unknown."];

export const list = (...entities: readonly unknown[]) => ({
  entities,
  total: entities.length,
  pageCount: 1,
});

export const failure = (code: string, words = "no") => new ReconcileError(code, words);

export const gone = failure("api/notFound");

const post = { name: document.name, integrationType: { id: "amazon-eventbridge-source" } };

export const posted = { method: "POST", path, body: post };

export const looked = { method: "GET", path: at };

export const put = (body: object) => ({ method: "PUT", path: config, body });

export const switched = (intendedState: string) => ({ method: "PATCH", path: at, body: { intendedState } });

export const deleted = { method: "DELETE", path: at };

/**
 * Answers a look for the complete configuration, where the answer just before showed one, with the same: neither scripted,
 * nor among the `calls`. The tests of configurations go without it.
 */
export function confirming(scripted: FakeApi): FakeApi {
  const shown = new Map<string, unknown>();
  const request: FakeApi["request"] = async (method, at, body) => {
    const confirmed = method === "GET" ? shown.get(at) : undefined;
    if (confirmed !== undefined) return ok(confirmed);
    shown.clear();
    const answer = await scripted.request(method, at, body);
    for (const one of [answer.body, ...entitiesOf(answer.body)]) {
      const { id, config: { current } = {} } = (one ?? {}) as Shown;
      if (parseConfiguration(current).ok) shown.set(`${path}/${id}/config/current`, current);
    }
    return answer;
  };
  return { request, calls: scripted.calls };
}

interface Shown {
  readonly id?: string;
  readonly config?: { readonly current?: unknown };
}

function entitiesOf(body: unknown): readonly unknown[] {
  const { entities } = (body ?? {}) as { readonly entities?: unknown };
  return Array.isArray(entities) ? entities : [];
}

export function setUp({ calls, ...api }: FakeApi) {
  const clock = makeFakeClock(0);
  clock.autoAdvance();
  const interrupt = new AbortController();
  const waits: string[] = [];
  const driver = makeEventBridgeDriver({
    ...{ api, clock, random: { next: () => 0, id: () => "id" }, interrupted: interrupt.signal },
    onWait: (words) => void waits.push(words),
  });
  return { driver, calls, clock, interrupt, waits };
}

/** So often one is looked for after a write of ours, before it counts as gone. */
export const patientLooks = 18;

export const repeat = (times: number, ...what: readonly unknown[]) =>
  Array.from({ length: times }, () => what).flat();

/** After one list of the first of these. */
export async function listed(first: unknown, ...answers: readonly unknown[]) {
  const started = script(list(first), ...answers);
  await started.driver.list();
  started.calls.splice(0);
  return started;
}

export const script = (...answers: readonly unknown[]) => setUp(confirming(makeScriptedApi(answers)));

/** Without answers that are not written down. */
export const plainScript = (...answers: readonly unknown[]) => setUp(makeScriptedApi(answers));
