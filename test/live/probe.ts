// Asks an organisation what no public source tells, and keeps what it answers: of each answer the status, the platform's
// code and the names of its fields, and no value but numbers that matter.
import { wait } from "../../src/genesys/client/wait.ts";
import { isObject } from "../../src/genesys/client/json.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { genesysTopics } from "../../src/model/genesys-topics.ts";
import type { OnlyOurs } from "./only-ours.ts";

export interface Observation {
  /** What was asked, in words. */
  readonly what: string;
  /** `200`, `409 version.conflict`, or why it was not asked. */
  readonly answer: string;
  /** The names of the answer's fields, with their types. */
  readonly shape: string;
  /** Figures of the answer, which differ between organisations. */
  readonly figures: string;
}

export interface ProbePorts {
  readonly integrations: OnlyOurs;
  readonly triggers: OnlyOurs;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  readonly name: string;
  readonly notes: string;
  readonly awsAccount: string;
  readonly awsRegion: string;
  /** The id of a workflow that exists; null without one. */
  readonly workflow: string | null;
  /** The id of a workflow that does not exist. */
  readonly noWorkflow: string;
}

const integrationsPath = "/api/v2/integrations";
const integrationType = "amazon-eventbridge-source";
const triggersPath = "/api/v2/processautomation/triggers";

/** Leaves what it made for the caller to delete, who finds the ids in the guards. */
export async function probe(ports: ProbePorts): Promise<readonly Observation[]> {
  const seen: Observation[] = [];
  const asker = makeAsker(ports, seen);
  await probeReads(asker);
  await probeIntegration(asker, ports);
  await probeTrigger(asker, ports);
  return seen;
}

type Asked = readonly [method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown];

interface Asker {
  /** Undefined if it was refused. */
  readonly ask: (what: string, asked: Asked, show?: (body: unknown) => Shown) => Promise<unknown>;
  readonly skip: (what: string, why: string) => void;
}

interface Shown {
  /** The part of the answer whose fields count. */
  readonly part?: unknown;
  readonly figures?: string;
}

function makeAsker({ integrations, triggers, interrupted }: ProbePorts, seen: Observation[]): Asker {
  const skip: Asker["skip"] = (what, why) => {
    seen.push({ what, answer: `not asked: ${why}`, shape: "", figures: "" });
  };
  return {
    skip,
    ask: async (what, [method, path, body], show = () => ({})) => {
      if (interrupted.aborted) {
        skip(what, "interrupted");
        return undefined;
      }
      const api = path.startsWith(triggersPath) ? triggers : integrations;
      try {
        const answer = await api.request(method, path, body);
        const { part = answer.body, figures = "" } = show(answer.body);
        seen.push({ what, answer: String(answer.status), shape: shapeOf(part), figures });
        return answer.body;
      } catch (error) {
        if (!(error instanceof ReconcileError)) throw error;
        const answer = `${error.status ?? error.code}${error.platformCode === null ? "" : ` ${error.platformCode}`}`;
        seen.push({ what, answer, shape: "", figures: "" });
        return undefined;
      }
    },
  };
}

async function probeReads({ ask }: Asker): Promise<void> {
  const total = (body: unknown): Shown => ({
    part: null,
    figures: `total ${String(fieldOf(body, "total"))}`,
  });
  await ask("the type", ["GET", `${integrationsPath}/types/${integrationType}`], (body) => {
    const most = fieldOf(body, "maxInstances");
    return { figures: `maxInstances ${most === undefined ? "not stated" : String(most)}` };
  });
  for (const schema of ["properties", "advanced"])
    await ask(`the type's schema of ${schema}`, [
      ...(["GET", `${integrationsPath}/types/${integrationType}/configschemas/${schema}`] as const),
    ]);
  await ask("total of integrations", ["GET", `${integrationsPath}?pageSize=1`], total);
  const ofType = `${integrationsPath}?pageSize=1&integrationType=${integrationType}`;
  await ask("total with integrationType=", ["GET", ofType], total);
  await ask("topics of triggers", ["GET", `${triggersPath}/topics?pageSize=200`], compareTopics);
  const available = "/api/v2/notifications/availabletopics?expand=transports";
  await ask("topics by transport", ["GET", available], countTransports);
  const limits = "/api/v2/organizations/limits/namespaces/event.orchestration";
  await ask("limits of event.orchestration", ["GET", limits], (body) => ({
    figures: entitiesOf(body)
      .map((one) => `${String(fieldOf(one, "key"))} ${String(fieldOf(one, "value"))}`)
      .join(", "),
  }));
}

/** Compares with the topics that reconcile has built in. An entry is the topic itself; another API would state its id. */
function compareTopics(body: unknown): Shown {
  const ids = new Set(entitiesOf(body).map((one) => (typeof one === "string" ? one : fieldOf(one, "id"))));
  const known = genesysTopics.filter((id) => ids.has(id)).length;
  const figures = `${ids.size} on the first page, of which ${known} are in the built-in catalogue of ${genesysTopics.length}`;
  return { figures };
}

function countTransports(body: unknown): Shown {
  const counts = new Map<string, number>();
  const topics = entitiesOf(body);
  for (const topic of topics) {
    const transports = fieldOf(topic, "transports");
    for (const one of Array.isArray(transports) ? transports : [])
      counts.set(String(one), (counts.get(String(one)) ?? 0) + 1);
  }
  const each = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${count}`);
  return { figures: [`${topics.length} topics`, ...each].join(", ") };
}

async function probeIntegration(asker: Asker, ports: ProbePorts): Promise<void> {
  const { ask, skip } = asker;
  const { name, notes, awsAccount, awsRegion } = ports;
  const make: Asked = ["POST", integrationsPath, { name, integrationType: { id: integrationType } }];
  const id = fieldOf(await ask("POST of an integration", make), "id");
  if (typeof id !== "string") {
    skip("the integration", "none was made");
    return;
  }
  const at = `${integrationsPath}/${id}`;
  await ask("GET by id, at once after its POST", ["GET", at]);
  await ask("GET of config/current, at once after its POST", ["GET", `${at}/config/current`]);
  await untilThere(asker, at, ports);
  for (const expand of ["", "&expand=config.current"]) {
    const path = `${integrationsPath}?pageSize=100&integrationType=${integrationType}${expand}`;
    await ask(
      `its entry in a list${expand === "" ? "" : " with expand=config.current"}`,
      ["GET", path],
      (body) => {
        const entry = entitiesOf(body).find((one) => fieldOf(one, "id") === id);
        return entry === undefined ? { part: null, figures: "not on the first page" } : { part: entry };
      },
    );
  }
  const properties = {
    ...{ awsAccountId: awsAccount, awsAccountRegion: awsRegion, eventSourceSuffix: name },
    eventFilter: ["v2.users.{id}.presence"],
  };
  const config = { name, version: 1, properties, advanced: {}, notes, credentials: {} };
  await ask("PUT of its configuration", ["PUT", `${at}/config/current`, config]);
  await ask("PUT of its configuration, stating an outdated version", [
    "PUT",
    `${at}/config/current`,
    config,
  ]);
  const second = fieldOf(await ask("POST of a second one with the same name", make), "id");
  if (typeof second !== "string") {
    skip("a second integration of one event source", "none was made");
    return;
  }
  const other: Asked = ["PUT", `${integrationsPath}/${second}/config/current`, config];
  await ask("PUT of the second one with the same event source", other);
}

const looks = 20;
const betweenLooksMs = 3_000;

/** Looks how long a GET by id is answered 404 after the POST. */
async function untilThere({ ask }: Asker, at: string, { clock, interrupted }: ProbePorts): Promise<void> {
  const startedMs = clock.monotonic();
  const passed = (): Shown => ({
    figures: `${Math.round((clock.monotonic() - startedMs) / 1000)} s later`,
  });
  for (let look = 1; look <= looks && !interrupted.aborted; look += 1) {
    const body = await ask(`GET by id, look ${look}`, ["GET", at], passed);
    if (body !== undefined) return;
    await wait(clock, betweenLooksMs, interrupted).catch(() => undefined);
  }
}

async function probeTrigger({ ask, skip }: Asker, ports: ProbePorts): Promise<void> {
  const { name, notes, workflow, noWorkflow } = ports;
  const bodyFor = (id: string) => ({
    ...{ name, topicName: "v2.detail.events.conversation.{id}.customer.end", enabled: false },
    ...{ target: { type: "Workflow", id }, matchCriteria: [], description: notes },
  });
  await ask("POST of a trigger for a workflow that is unknown", [
    "POST",
    triggersPath,
    bodyFor(noWorkflow),
  ]);
  if (workflow === null) {
    skip("a trigger of a workflow", "no --workflow is named");
    return;
  }
  const made = await ask("POST of a trigger", ["POST", triggersPath, bodyFor(workflow)]);
  const id = fieldOf(made, "id");
  if (typeof id !== "string") {
    skip("PUT of a trigger, stating an outdated version", "none was made");
    return;
  }
  await ask("GET of a trigger, at once after its POST", ["GET", `${triggersPath}/${id}`]);
  const stale = { ...bodyFor(workflow), version: 99 };
  await ask("PUT of a trigger, stating another version", ["PUT", `${triggersPath}/${id}`, stale]);
}

function fieldOf(body: unknown, key: string): unknown {
  return isObject(body) ? body[key] : undefined;
}

function entitiesOf(body: unknown): readonly unknown[] {
  const entities = fieldOf(body, "entities");
  return Array.isArray(entities) ? entities : [];
}

/** Deeper fields belong to schemas, which are long. */
const maxDepth = 3;

/** `config{current{name:string}}`; of a list its first entry. */
function shapeOf(value: unknown, depth = 1): string {
  if (Array.isArray(value)) return `[${value.length > 0 ? shapeOf(value[0], depth) : ""}]`;
  if (!isObject(value)) return value === null || value === undefined ? "" : typeof value;
  if (depth > maxDepth) return "{…}";
  const fields = Object.keys(value)
    .filter((key) => /^[\w$.-]{1,60}$/.test(key))
    .sort()
    .map((key) => `${key}:${shapeOf(value[key], depth + 1)}`);
  return `{${fields.slice(0, 40).join(" ")}}`;
}
