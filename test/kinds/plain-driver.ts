// How made-up kinds are read and written: the platform has their documents as they are.
import type { MakeDriver } from "../../src/genesys/driver.ts";
import { orNotFound } from "../../src/genesys/parsed.ts";
import type { Kind } from "../../src/model/kind.ts";
import { wholeListing } from "../../src/model/listing.ts";
import { noOptions } from "../../src/model/option-forms.ts";
import { makeLive, type LiveResource, type ResourceDocument } from "../../src/model/resource.ts";

type Stored = ResourceDocument & { readonly id: string };

export function makePlainDriver(kind: Kind): MakeDriver {
  const { path } = kind;
  const read = (body: unknown): LiveResource => makeLive(kind, { ...noOptions, ...(body as Stored) });
  return ({ api }) => ({
    list: async () => {
      const { body } = await api.request("GET", path);
      return wholeListing((body as { entities: Stored[] }).entities.map(read));
    },
    read: async (id) => {
      const found = await orNotFound(api.request("GET", `${path}/${id}`));
      return found && read(found.body);
    },
    create: async (document) => read((await api.request("POST", path, document)).body),
    update: async (id, document) => read((await api.request("PUT", `${path}/${id}`, document)).body),
    delete: async (id) => {
      await orNotFound(api.request("DELETE", `${path}/${id}`));
    },
  });
}
