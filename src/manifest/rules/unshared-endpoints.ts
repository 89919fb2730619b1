// Rule: an endpoint belongs to one group if the platform has only one resource for it, or if the policy requires that.
// Its spelling does not matter, nor whether it is in a pool or is the endpointUrl.
import { endpointKey, shownEndpoint } from "../../model/endpoint.ts";
import type { Diagnostic, Place } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";
import { kindOfSound } from "./endpoint-url.ts";
import type { RuleOptions } from "./rule.ts";

/** The error is at the later group, and names the place of the earlier one. */
export function unsharedEndpoints({ policy, kinds }: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const first = new Map<string, FirstGroup>();
  return ({ endpoints, group }) => {
    const own = new Set<string>();
    return endpoints.flatMap((endpoint) => {
      const { key, url, place } = endpoint;
      const unshared = kindOfSound(endpoint, kinds)?.endpoint.unshared ?? null;
      if (unshared === null && !policy.unsharedEndpoints) return [];
      const meaning = endpointKey(url);
      if (own.has(meaning)) return [];
      own.add(meaning);
      const other = first.get(meaning);
      if (!other) {
        first.set(meaning, { group: group?.value, place });
        return [];
      }
      const { file, line, column } = other.place;
      const user = other.group === undefined ? "another group" : `the group ${quote(other.group)}`;
      const message = `the endpoint ${quote(shownEndpoint(url))} already belongs to ${user}, at ${file}:${line}:${column}`;
      const hint =
        unshared ??
        "give each group an endpoint of its own; policy.unsharedEndpoints in the config requires it";
      return [errorAt(place, { code: `${key}/shared`, message, hint })];
    });
  };
}

/** The first group that names an endpoint, and the endpoint's place there. */
interface FirstGroup {
  readonly group: string | undefined;
  readonly place: Place;
}
