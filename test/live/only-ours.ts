// A client that writes nothing but what this run makes: whatever the code around it does, the rest of the organisation
// stays as it is.
import type { Api } from "../../src/genesys/client/api.ts";
import { isResourceId } from "../../src/genesys/parsed.ts";
import { invariant } from "../../src/model/errors.ts";

export interface OnlyOurs extends Pick<Api, "request"> {
  /** What was made and not yet deleted, by id. */
  readonly ids: Set<string>;
  /** Whether anything was asked to be made: where the answer was lost, it may be there without its id being known. */
  hasAsked(): boolean;
}

/** `path`: of the collection. `name`: what the body of a new one must call it. */
export function onlyOurs(
  api: Pick<Api, "request">,
  { path: collection, name }: { readonly path: string; readonly name: string },
): OnlyOurs {
  const ids = new Set<string>();
  let asked = false;
  return {
    ids,
    hasAsked: () => asked,
    request: async (method, path, body) => {
      if (method === "GET") return api.request(method, path);
      if (method === "POST") {
        invariant(path === collection && isNamed(body, name), "what is made has the name of this run");
        asked = true;
        const answer = await api.request(method, path, body);
        const id = idOf(answer.body);
        if (id !== null) ids.add(id);
        return answer;
      }
      const [id = ""] = path.startsWith(`${collection}/`)
        ? path.slice(collection.length + 1).split("/")
        : [];
      invariant(ids.has(decodeURIComponent(id)), "what is changed or deleted was made by this run");
      return api.request(method, path, body);
    },
  };
}

function isNamed(body: unknown, name: string): boolean {
  return typeof body === "object" && body !== null && "name" in body && body.name === name;
}

function idOf(body: unknown): string | null {
  return typeof body === "object" && body !== null && "id" in body && isResourceId(body.id)
    ? body.id
    : null;
}
