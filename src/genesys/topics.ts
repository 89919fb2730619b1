// Reads the topics that an organisation can subscribe to, with the transports of each, and the lists of topics that some
// kinds of resources have of their own.
import { compareText } from "../lib/compare.ts";
import { answerFacts, isCode, ReconcileError } from "../model/errors.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import { knownTransports, type Topic } from "../model/topic.ts";
import type { Api } from "./client/api.ts";
import { isObject } from "./client/json.ts";
import { parseCursor } from "./parse-cursor.ts";

const path = "/api/v2/notifications/availabletopics";
/** The published list has 242 topics; a catalogue file with this many can still be read back. */
const maxTopics = 2_000;
/** The largest page of a kind's own list that the platform allows. */
const pageSize = 200;

export interface OfferedTopics {
  /** In order of their ids, each once. */
  readonly topics: readonly Topic[];
  /** The kinds whose own lists the platform refused, does not have, or answered without topics. */
  readonly unread: readonly UnreadTopics[];
}

export interface UnreadTopics {
  readonly kind: Kind;
  readonly transport: string;
  readonly error: ReconcileError;
}

/**
 * Throws as the client does, and `api/malformed` if the common list has not 1 to 2,000 topics. The caller decides what a
 * kind's own list that could not be read means.
 */
export async function readTopics(api: Pick<Api, "request">, { all }: Kinds): Promise<OfferedTopics> {
  let topics = await readAvailable(api);
  const unread: UnreadTopics[] = [];
  for (const kind of all) {
    const { path: ownPath, transport = "" } = kind.topics ?? {};
    if (ownPath === undefined) continue;
    const own = await readOwn(api, ownPath).catch(orRefused);
    if (own instanceof ReconcileError) unread.push({ kind, transport, error: own });
    else if (own.length === 0) unread.push({ kind, transport, error: wrongCount(ownPath, 0) });
    else topics = merge(topics, new Set(own), transport);
  }
  if (topics.length > maxTopics) throw wrongCount(path, topics.length);
  return { topics: topics.toSorted((a, b) => compareText(a.id, b.id)), unread };
}

async function readAvailable(api: Pick<Api, "request">): Promise<readonly Topic[]> {
  const { body } = await api.request("GET", `${path}?expand=transports`).catch((error: unknown) => {
    throw error instanceof ReconcileError && error.code === "api/forbidden"
      ? explainForbidden(error)
      : error;
  });
  const entities = isObject(body) ? body["entities"] : null;
  if (!Array.isArray(entities)) throw malformed(path, "entities to be an array");
  if (entities.length === 0 || entities.length > maxTopics) throw wrongCount(path, entities.length);
  const topics = new Map(entities.map((entity: unknown, index) => parseTopic(entity, index)));
  return Array.from(topics, ([id, transports]) => ({ id, transports }));
}

function parseTopic(entity: unknown, index: number): [string, readonly string[]] {
  const { id, transports } = isObject(entity) ? entity : {};
  if (typeof id !== "string") throw malformed(path, `id to be text (entities[${index}])`);
  return [id, Array.isArray(transports) ? transports.filter(isWord) : []];
}

/** Admits only a plain name, because the transports are written into a file. */
function isWord(value: unknown): value is string {
  return typeof value === "string" && /^\w{1,64}$/.test(value);
}

/** Returns the names of all topics in a kind's own list, whose pages lead from one to the next. */
async function readOwn(api: Pick<Api, "request">, list: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let query = `?pageSize=${pageSize}`;
  for (;;) {
    const { body } = await api.request("GET", `${list}${query}`);
    if (!isObject(body)) throw malformed(list, "a JSON object with a page of topics");
    const entities = body["entities"] ?? [];
    if (!Array.isArray(entities) || !entities.every((one) => typeof one === "string"))
      throw malformed(list, "entities to be an array of texts");
    ids.push(...entities);
    const next = parseCursor(body);
    if (!next.ok) throw malformed(list, next.expected);
    // A page without topics that leads to another one would never end.
    const isLast = next.value === null || entities.length === 0;
    if (ids.length > maxTopics) throw wrongCount(list, ids.length);
    if (isLast) return ids;
    query = `?pageSize=${pageSize}&after=${encodeURIComponent(next.value)}`;
  }
}

const refusals = ["api/forbidden", "api/scopeMissing", "api/notFound"];

function orRefused(error: unknown): ReconcileError {
  if (error instanceof ReconcileError && isCode(error, ...refusals)) return error;
  throw error;
}

/** A kind's own list decides which topics have its transport; it may also hold topics that the common list lacks. */
function merge(topics: readonly Topic[], own: ReadonlySet<string>, transport: string): readonly Topic[] {
  const ids = new Set(topics.map(({ id }) => id));
  const more = [...own].filter((id) => !ids.has(id)).map((id) => ({ id, transports: [transport] }));
  return [...topics.map((topic) => correct(topic, own.has(topic.id), transport)), ...more];
}

/** Adds the transport, or takes it out. A topic whose transports are unknown, or that would have none left, stays. */
function correct(topic: Topic, isOwn: boolean, transport: string): Topic {
  const { id, transports } = topic;
  if (transports.length === 0) return topic;
  const isAll = transports.includes("All");
  if (isOwn)
    return isAll || transports.includes(transport) ? topic : { id, transports: [...transports, transport] };
  const spelt = isAll ? knownTransports.filter((one) => one !== "All") : transports;
  const left = spelt.filter((one) => one !== transport);
  return left.length === 0 ? topic : { id, transports: left };
}

function malformed(list: string, expected: string): ReconcileError {
  return new ReconcileError("api/malformed", `GET ${list}: expected ${expected}`);
}

function wrongCount(list: string, count: number): ReconcileError {
  return malformed(list, `1 to ${maxTopics} topics, not ${count}`);
}

function explainForbidden(error: ReconcileError): ReconcileError {
  const hint = "the roles and scopes of the OAuth client do not allow it to read the notification topics";
  return new ReconcileError("api/forbidden", error.message, { hint, ...answerFacts(error), cause: error });
}
