// An endpoint is an absolute https URL without credentials or fragment.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft, DraftEndpoint } from "../draft.ts";
import { errorAt, type Fault } from "../problem.ts";
import { quote } from "../text.ts";
import { hasMixedSchemes } from "./one-scheme.ts";

/** Messages do not repeat the URL where it could hold a secret: the place says which one it is. */
export function endpointUrl(draft: Draft): readonly Diagnostic[] {
  const isMixed = hasMixedSchemes(draft);
  return draft.endpoints.flatMap((endpoint) => {
    if (isMixed && endpoint.parsed && futureSchemes.has(endpoint.parsed.protocol)) return [];
    const fault = findFault(endpoint);
    return fault ? [errorAt(endpoint.place, { ...fault, code: `${endpoint.key}/${fault.code}` })] : [];
  });
}

/** True where the endpoint is one that events can be delivered to, as far as its text tells. */
export function isHttpsEndpoint(endpoint: DraftEndpoint): boolean {
  return findFault(endpoint) === null;
}

/** Schemes that the format foresees for Genesys Cloud's other resources. */
const futureSchemes = new Set(["eventbridge:", "workflow:"]);

/** Characters that a URL cannot hold; a URL parser drops or turns them silently, so that others read another URL. */
const strayCharacters = /[\p{C}\s\\]/u;

const writeHttps = "write it as https://host/path";

function findFault({ url, parsed }: DraftEndpoint): Fault | null {
  if (strayCharacters.test(url)) {
    const message = "the URL holds a blank, a backslash or a control character";
    return { code: "malformed", message, hint: "percent-encode it, such as %20" };
  }
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url) || /^[^/?#]*\.[^/?#]*:\d+(?:[/?#]|$)/.test(url)) {
    const message = "the URL is not absolute: it does not start with https://";
    return { code: "relative", message, hint: writeHttps };
  }
  if (!parsed) return { code: "malformed", message: "this is not a valid URL", hint: writeHttps };
  if (futureSchemes.has(parsed.protocol)) {
    const message = `${parsed.protocol} endpoints are not supported by this version of reconcile`;
    return { code: "notSupported", message, hint: "use an https endpoint" };
  }
  if (parsed.protocol === "http:") {
    const message = "the URL is http, and events are delivered over https only";
    return { code: "notHttps", message, hint: "use https://" };
  }
  if (parsed.protocol !== "https:") {
    const message = `an endpoint must be an https URL, not ${quote(parsed.protocol)}`;
    return { code: "notHttps", message, hint: writeHttps };
  }
  if (!/^https:\/\/[^/]/i.test(url))
    return { code: "malformed", message: "the URL has no host", hint: writeHttps };
  if (/^\.|\.\./.test(parsed.hostname)) {
    const message = "the URL's host has an empty part: two dots, or one at the start";
    return { code: "malformed", message, hint: writeHttps };
  }
  if (parsed.username !== "" || parsed.password !== "" || /^[^/]*\/\/[^/?#]*@/.test(url)) {
    const message = "the URL holds credentials, which would be stored and shown in clear";
    return { code: "credentials", message, hint: "remove what stands before the @" };
  }
  if (url.includes("#")) {
    return {
      code: "fragment",
      message: "the URL has a fragment (#), which is never sent",
      hint: "remove it",
    };
  }
  return null;
}
