// An endpoint belongs to one group where the platform has but one resource for it, or where the policy asks for it,
// however it is spelt, and whether a pool or endpointUrl names it.
import { endpointKey, shownEndpoint } from "../../model/endpoint.ts";
import type { Diagnostic, Place } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";
import { kindOfSound } from "./endpoint-url.ts";
import type { RuleOptions } from "./rule.ts";

/** In files and documents in order, the later one is at fault and is told where the other stands. */
export function unsharedEndpoints({ policy, kinds }: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const first = new Map<string, First>();
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
      const whose = other.group === undefined ? "another group" : `the group ${quote(other.group)}`;
      const message = `the endpoint ${quote(shownEndpoint(url))} is ${whose}'s already, at ${file}:${line}:${column}`;
      const hint =
        unshared ?? "give each group its own; policy.unsharedEndpoints in the config asks for it";
      return [errorAt(place, { code: `${key}/shared`, message, hint })];
    });
  };
}

/** Who named an endpoint first, and where. */
interface First {
  readonly group: string | undefined;
  readonly place: Place;
}
