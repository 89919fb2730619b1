// Reads the topics that an organisation can subscribe to, with the transports of each.
import { answerFacts, ReconcileError } from "../model/errors.ts";
import type { Topic } from "../model/topic.ts";
import type { Api } from "./client/api.ts";
import { isObject } from "./client/json.ts";

const path = "/api/v2/notifications/availabletopics";
/** The published list has 242 topics; a catalogue file with this many can still be read back. */
const maxTopics = 2_000;

/** The topics in order of their ids, each once. Throws as the client does, and `api/malformed` if the list is empty. */
export async function readTopics(api: Pick<Api, "request">): Promise<readonly Topic[]> {
  const { body } = await api.request("GET", `${path}?expand=transports`).catch((error: unknown) => {
    throw error instanceof ReconcileError && error.code === "api/forbidden"
      ? explainForbidden(error)
      : error;
  });
  const entities = isObject(body) ? body["entities"] : null;
  if (!Array.isArray(entities)) throw malformed("entities to be an array");
  if (entities.length === 0 || entities.length > maxTopics)
    throw malformed(`1 to ${maxTopics} topics, not ${entities.length}`);
  const topics = new Map(entities.map((entity: unknown, index) => parseTopic(entity, index)));
  return [...topics].map(([id, transports]) => ({ id, transports })).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function parseTopic(entity: unknown, index: number): [string, readonly string[]] {
  const { id, transports } = isObject(entity) ? entity : {};
  if (typeof id !== "string") throw malformed(`id to be text (entities[${index}])`);
  return [id, Array.isArray(transports) ? transports.filter(isWord) : []];
}

/** Admits only a plain name, because the transports are written into a file. */
function isWord(value: unknown): value is string {
  return typeof value === "string" && /^\w{1,64}$/.test(value);
}

function malformed(expected: string): ReconcileError {
  return new ReconcileError("api/malformed", `GET ${path}: expected ${expected}`);
}

function explainForbidden(error: ReconcileError): ReconcileError {
  const hint = "the roles and scopes of the OAuth client do not allow it to read the notification topics";
  return new ReconcileError("api/forbidden", error.message, { hint, ...answerFacts(error), cause: error });
}
