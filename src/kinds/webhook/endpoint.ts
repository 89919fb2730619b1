// Judges the endpoint of a webhook: it must be an absolute https URL without credentials or fragment.
import { quote } from "../../lib/text.ts";
import type { Fault } from "../../model/diagnostic.ts";
import { shownEndpoint } from "../../model/endpoint.ts";
import type { EndpointForm } from "../../model/endpoint-form.ts";
import { parseUrl } from "../../lib/parse-url.ts";

const shape = "https://host/path";
const writeHttps = `write it as ${shape}`;

export const httpsEndpoint: EndpointForm = {
  short: "https://…",
  shape,
  isUrl: true,
  findFault,
  findWarnings: (url) => [
    ...(url.includes("?") ? [warnOfQuery(url)] : []),
    ...(url === placeholderUrl ? [placeholder] : []),
  ],
  findDestination: (url) => {
    const parsed = parseHttps(url);
    return parsed && { what: "host", name: parsed.hostname };
  },
  unshared: null,
};

/** The placeholder in the manifest that `init` writes; the user replaces it with the URL of an endpoint. */
export const placeholderUrl = "https://events.example.com/genesys";

const placeholder: Fault = {
  code: "placeholder",
  message: "the URL is a placeholder: no events arrive until you replace it",
  hint: "put the URL of your own endpoint there",
};

function parseHttps(url: string): URL | null {
  const parsed = parseUrl(url);
  return parsed?.protocol === "https:" ? parsed : null;
}

/** Takes the host as a URL parser returns it. An underscore is allowed, because name servers answer for such names. */
function isHost(host: string): boolean {
  if (host.startsWith("[")) return true;
  const labels = host.replace(/\.$/, "").split(".");
  return (
    host.length <= 254 && labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))
  );
}

/** Messages do not repeat a URL that could hold a secret. */
function findFault(url: string): Fault | null {
  const parsed = parseHttps(url);
  if (!parsed) return { code: "malformed", message: "this is not a valid URL", hint: writeHttps };
  const { hostname, username, password } = parsed;
  if (!/^https:\/\/[^/]/i.test(url))
    return { code: "malformed", message: "the URL has no host", hint: writeHttps };
  if (/^\.|\.\./.test(hostname)) {
    const message = "the URL's host has an empty part: two dots, or one at the start";
    return { code: "malformed", message, hint: writeHttps };
  }
  if (!isHost(hostname)) {
    const message = "the URL's host is no host: it has letters, digits and hyphens, with dots between";
    return { code: "malformed", message, hint: writeHttps };
  }
  if (username !== "" || password !== "" || (url.includes("@") && /^[^/]*\/\/[^/?#]*@/.test(url))) {
    const message = "the URL holds credentials, which would be stored and shown in plain text";
    return { code: "credentials", message, hint: "remove the part before the @" };
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

/** A query string may hold a secret, and manifests, the trail and saved plans hold each endpoint in full. */
function warnOfQuery(url: string): Fault {
  return {
    code: "queryString",
    message: `${quote(shownEndpoint(url))} has a query string; a secret in it is kept in the audit trail`,
    hint: "keep secrets out of URLs; text output and logs show ?… in its place",
  };
}
