// A query string may hold a secret, and manifests, the trail and saved plans hold endpoints whole: a warning.
import { shownEndpoint } from "../../model/endpoint.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { warningAt } from "../problem.ts";
import { quote } from "../text.ts";
import { isHttpsEndpoint } from "./endpoint-url.ts";

export function queryString(draft: Draft): readonly Diagnostic[] {
  return draft.endpoints
    .filter((endpoint) => endpoint.url.includes("?") && isHttpsEndpoint(endpoint))
    .map(({ key, url, place }) =>
      warningAt(place, {
        code: `${key}/queryString`,
        message: `${quote(shownEndpoint(url))} has a query string; a secret in it is kept in the audit trail`,
        hint: "keep secrets out of URLs; text output and logs show ?… in its place",
      }),
    );
}
