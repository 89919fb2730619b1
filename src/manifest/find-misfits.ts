// Finds placeholders such as `${host}` in the endpoints of manifests whose values do not give what is live.
import { sameEndpoint } from "../model/endpoint.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { quote } from "../lib/text.ts";
import { parseYaml } from "./parse-yaml.ts";
import { valueAt } from "./pointer.ts";
import { warningAt } from "./problem.ts";
import { fillIn, holdsPlaceholder, type Values } from "./substitute-values.ts";
import type { ManifestFile } from "./validate.ts";
import type { YamlDocument } from "./yaml-document.ts";

/** `liveOf` returns the live endpoints of a group; undefined for a group that does not matter. */
export function findMisfits(
  { file, text }: ManifestFile,
  values: Values,
  liveOf: (group: string) => readonly string[] | undefined,
): readonly Diagnostic[] {
  return parseYaml(text, file).documents.flatMap((document) => {
    const group =
      valueAt(document.value, "/spec/consumerGroupId") ?? valueAt(document.value, "/metadata/name");
    const live = typeof group === "string" ? liveOf(fillIn(group, values).text) : undefined;
    if (!live) return [];
    const endpoints = endpointsOf(document).map((one) => ({
      ...one,
      filled: fillIn(one.written, values).text,
    }));
    const isGiven = (url: string): boolean => endpoints.some(({ filled }) => sameEndpoint(filled, url));
    // An endpoint of a pool may have nothing to deliver, so it is no misfit by itself.
    if (live.every(isGiven)) return [];
    return endpoints
      .filter(
        ({ written, filled }) =>
          holdsPlaceholder(written) && !live.some((url) => sameEndpoint(url, filled)),
      )
      .map(({ pointer, written, filled }) => {
        const message = `${quote(written)} is ${quote(filled)} with the config's values, and that is not live`;
        const hint = "put the config's values back as well, or write here what is live";
        return warningAt(document.placeOf(pointer), { code: "values/misfit", message, hint });
      });
  });
}

function endpointsOf({ value }: YamlDocument): { readonly pointer: string; readonly written: string }[] {
  const pool = valueAt(value, "/spec/endpointPool");
  const items = Array.isArray(pool) ? pool.map((_, index) => `/spec/endpointPool/${index}`) : [];
  return ["/spec/endpointUrl", ...items.flatMap((item) => [item, `${item}/url`])].flatMap((pointer) => {
    const written = valueAt(value, pointer);
    return typeof written === "string" ? [{ pointer, written }] : [];
  });
}
