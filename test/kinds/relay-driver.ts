// How relays are read and written.
import type { MakeDriver } from "../../src/genesys/driver.ts";
import { orNotFound } from "../../src/genesys/parsed.ts";
import { makeLive, type LiveResource } from "../../src/model/resource.ts";
import type { StoredRelay } from "./relay-sandbox.ts";
import { relay } from "./relay.ts";

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
