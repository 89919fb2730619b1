// How relays are read and written: a driver, and the platform that it talks to, in memory.
import type { MakeDriver } from "../../src/genesys/driver.ts";
import { orNotFound } from "../../src/genesys/parsed.ts";
import { makeLive, type LiveResource, type ResourceDocument } from "../../src/model/resource.ts";
import { answer, type Intercept } from "../support/world.ts";
import { relay } from "./relay.ts";

export type StoredRelay = Omit<ResourceDocument, "retryPolicy" | "trigger"> & { readonly id: string };

export const makeRelayDriver: MakeDriver = ({ api }) => ({
  list: async () => {
    const { body } = await api.request("GET", relay.path);
    return (body as { entities: StoredRelay[] }).entities.map(read);
  },
  read: async (id) => {
    const found = await orNotFound(api.request("GET", `${relay.path}/${id}`));
    return found && read(found.body as StoredRelay);
  },
  create: async (document) => {
    const { body } = await api.request("POST", relay.path, document);
    return read(body as StoredRelay);
  },
  update: async (id, document) => {
    const { body } = await api.request("PUT", `${relay.path}/${id}`, document);
    return read(body as StoredRelay);
  },
  delete: async (id) => {
    await orNotFound(api.request("DELETE", `${relay.path}/${id}`));
  },
});

function read(stored: StoredRelay): LiveResource {
  return makeLive(relay, { ...stored, retryPolicy: null });
}

/** Answers requests for relays; all others go on to the embedded platform. */
export function makeRelayPlatform(stored: Map<string, StoredRelay>): Intercept {
  let made = 0;
  return ({ method, url, body }, forward) => {
    const { pathname } = new URL(url);
    if (!pathname.startsWith(relay.path)) return forward();
    const id = pathname.slice(relay.path.length + 1);
    if (method === "GET" && id === "") return answer(200, { entities: [...stored.values()] });
    if (method === "POST") return store(stored, `relay-${(made += 1)}`, body ?? "");
    const found = stored.get(id);
    if (!found) return answer(404);
    if (method === "PUT") return store(stored, id, body ?? "");
    if (method === "DELETE") stored.delete(id);
    return answer(200, found);
  };
}

function store(stored: Map<string, StoredRelay>, id: string, body: string) {
  const { name, endpoint, eventTypes, state, description } = JSON.parse(body) as ResourceDocument;
  const isTaken = [...stored.values()].some((other) => other.name === name && other.id !== id);
  if (isTaken) return answer(409);
  if (eventTypes.length > 2) return answer(400);
  const relayNow = { id, name, endpoint, eventTypes, state, description };
  stored.set(id, relayNow);
  return answer(200, relayNow);
}
