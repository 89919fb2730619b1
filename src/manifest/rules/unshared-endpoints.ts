// An event source in AWS belongs to one group, for the platform has one integration of it; so does any endpoint where the
// policy asks for it, however it is spelt, and whether a pool or endpointUrl names it.
import { endpointKey, parseEventSource, shownEndpoint } from "../../model/endpoint.ts";
import type { Diagnostic, Place } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../text.ts";
import type { RuleOptions } from "./rule.ts";

/** In files and documents in order, the later one is at fault and is told where the other stands. */
export function unsharedEndpoints({ policy }: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const first = new Map<string, First>();
  return ({ endpoints, group }) => {
    const own = new Set<string>();
    return endpoints.flatMap(({ key, url, place }) => {
      const isSource = parseEventSource(url) !== null;
      if (!isSource && !policy.unsharedEndpoints) return [];
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
      const hint = isSource
        ? "an event source has one integration: give each group a suffix of its own"
        : "give each group its own; policy.unsharedEndpoints in the config asks for it";
      return [errorAt(place, { code: `${key}/shared`, message, hint })];
    });
  };
}

/** Who named an endpoint first, and where. */
interface First {
  readonly group: string | undefined;
  readonly place: Place;
}
