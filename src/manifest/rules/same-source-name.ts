// Rule: warns if two different endpoints lead to destinations that may have the same name, so that the platform might
// take them for one.
import type { Diagnostic } from "../../model/diagnostic.ts";
import { endpointKey, shownEndpoint } from "../../model/endpoint.ts";
import { quote } from "../../lib/text.ts";
import type { Draft, DraftEndpoint } from "../draft.ts";
import { warningAt } from "../problem.ts";
import { kindOfSound } from "./endpoint-url.ts";
import type { RuleOptions } from "./rule.ts";

/** The warning is at the later endpoint, and names the place of the earlier one. */
export function sameSourceName({ kinds }: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const first = new Map<string, DraftEndpoint>();
  const warned = new Set<string>();
  return ({ endpoints }) =>
    endpoints.flatMap((endpoint) => {
      const { key, url, place } = endpoint;
      const kind = kindOfSound(endpoint, kinds);
      const naming = kind?.endpoint.naming;
      const name = naming?.findName(url) ?? null;
      if (!kind || !naming || name === null) return [];
      const meaning = endpointKey(url);
      const other = first.get(`${kind.name} ${name}`);
      if (!other) {
        first.set(`${kind.name} ${name}`, endpoint);
        return [];
      }
      if (endpointKey(other.url) === meaning || warned.has(meaning)) return [];
      warned.add(meaning);
      const { file, line, column } = other.place;
      const where = `${quote(shownEndpoint(other.url))}, at ${file}:${line}:${column}`;
      const message = `the ${naming.noun} ${quote(name)} is also that of ${where}: ${naming.why}`;
      return [warningAt(place, { code: `${key}/sameName`, message, hint: naming.wayOut })];
    });
}
