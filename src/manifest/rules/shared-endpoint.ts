// Rule: no group delivers to the endpoint of a resource through which all resources of a kind get their events.
import type { Diagnostic } from "../../model/diagnostic.ts";
import { sameEndpoint } from "../../model/endpoint.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";

export function sharedEndpoint(draft: Draft, { kinds }: RuleOptions): readonly Diagnostic[] {
  const taken = kinds.all.flatMap((kind) => {
    const endpoint = kinds.findSharedEndpoint(kind);
    return endpoint === null ? [] : [{ kind, endpoint }];
  });
  return draft.endpoints.flatMap(({ url, key, place }) => {
    const found = taken.find(({ endpoint }) => sameEndpoint(endpoint, url));
    if (!found) return [];
    const message = `all ${found.kind.nouns} get their events through this endpoint, so no group can have it`;
    return [errorAt(place, { code: `${key}/shared`, message, hint: "use another endpoint" })];
  });
}
