// Rule: where the state is kept in the repository of the code, no endpoint has a query string, which may hold a secret: the
// trail holds endpoints whole, and whoever can read the code could read it.
import { shownEndpoint } from "../../model/endpoint.ts";
import { quote } from "../../lib/text.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";

export function queryStrings(
  { endpoints }: Draft,
  { refusesQueries = false }: RuleOptions,
): readonly Diagnostic[] {
  if (!refusesQueries) return [];
  return endpoints
    .filter(({ url }) => url.includes("?"))
    .map(({ key, url, place }) => errorAt(place, { code: `${key}/queryInRepository`, ...sayQuery(url) }));
}

/** The words for one endpoint, whose query string they do not show. */
export function sayQuery(url: string): { readonly message: string; readonly hint: string } {
  return {
    message: `${quote(shownEndpoint(url))} has a query string, and the audit trail, which holds it whole, is kept in the repository of the code`,
    hint: "take the query string out, or name the remote of another, private repository in `state.git.remote`",
  };
}
