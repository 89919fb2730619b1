// An endpoint is an absolute https URL without credentials or fragment, an event source in AWS, or a workflow.
import { findNearest } from "../../lib/did-you-mean.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft, DraftEndpoint } from "../draft.ts";
import { errorAt, type Fault } from "../problem.ts";
import { quote } from "../text.ts";
import { findSourceFault, findWorkflowFault } from "./endpoint-parts.ts";

/** Messages do not repeat the URL where it could hold a secret: the place says which one it is. */
export function endpointUrl(draft: Draft): readonly Diagnostic[] {
  return draft.endpoints.flatMap((endpoint) => {
    const fault = findFault(endpoint);
    return fault ? [errorAt(endpoint.place, { ...fault, code: `${endpoint.key}/${fault.code}` })] : [];
  });
}

/** True where it is an https endpoint that events can be delivered to, as far as its text tells. */
export function isHttpsEndpoint(endpoint: DraftEndpoint): boolean {
  return endpoint.parsed?.protocol === "https:" && findFault(endpoint) === null;
}

/** Characters that a URL cannot hold; a URL parser drops or turns them silently, so that others read another URL. */
const strayCharacters = /[\p{C}\s\\]/u;

const writeHttps = "write it as https://host/path";
const useHttps = "use https://; other kinds are eventbridge://account/region/suffix and workflow:id";
const writeAny = `${writeHttps}, eventbridge://account/region/suffix or workflow:id`;

function findFault({ url, parsed }: DraftEndpoint): Fault | null {
  if (/^eventbridge:/i.test(url)) return findSourceFault(url);
  if (/^workflow:/i.test(url)) return findWorkflowFault(url);
  if (strayCharacters.test(url)) {
    const message = "the URL holds a blank, a backslash or a control character";
    return { code: "malformed", message, hint: "percent-encode it, such as %20" };
  }
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url) || /^[^/?#]*\.[^/?#]*:\d+(?:[/?#]|$)/.test(url)) {
    const message = "the URL is not absolute: it does not start with https://";
    return { code: "relative", message, hint: writeAny };
  }
  if (!parsed) return { code: "malformed", message: "this is not a valid URL", hint: writeHttps };
  return parsed.protocol === "https:" ? findHttpsFault(url, parsed) : findSchemeFault(parsed.protocol);
}

function findSchemeFault(scheme: string): Fault {
  if (scheme === "http:") {
    const message = "the URL is http, and events are delivered over https only";
    return { code: "notHttps", message, hint: useHttps };
  }
  const nearest = findNearest(scheme, ["https:", "eventbridge:", "workflow:"]);
  const message = `an endpoint begins with https:, eventbridge: or workflow:, not ${quote(scheme)}`;
  return { code: "notHttps", message, hint: nearest === undefined ? writeAny : `did you mean ${nearest}?` };
}

function findHttpsFault(url: string, { hostname, username, password }: URL): Fault | null {
  if (!/^https:\/\/[^/]/i.test(url))
    return { code: "malformed", message: "the URL has no host", hint: writeHttps };
  if (/^\.|\.\./.test(hostname)) {
    const message = "the URL's host has an empty part: two dots, or one at the start";
    return { code: "malformed", message, hint: writeHttps };
  }
  if (username !== "" || password !== "" || /^[^/]*\/\/[^/?#]*@/.test(url)) {
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
