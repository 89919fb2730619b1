// Rule: a pool lists each endpoint once, in whatever spelling.
import { endpointKey } from "../../model/endpoint.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";

export function repeatedEndpoints(draft: Draft): readonly Diagnostic[] {
  const lines = new Map<string, number>();
  return draft.endpoints.flatMap(({ key, url, place }) => {
    if (key !== "endpointPool") return [];
    const first = lines.get(endpointKey(url));
    if (first === undefined) {
      lines.set(endpointKey(url), place.line);
      return [];
    }
    const message = `this endpoint is in the pool already, at line ${first}`;
    const hint = "remove one of them; to give the other more event types, give it a weight";
    return [errorAt(place, { code: "endpointPool/repeated", message, hint })];
  });
}
