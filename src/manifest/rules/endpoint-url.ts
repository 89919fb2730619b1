// An endpoint is an absolute https URL without credentials or fragment, an event source in AWS, or a workflow.
import { parseEventSource, parseWorkflowId } from "../../model/endpoint.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft, DraftEndpoint } from "../draft.ts";
import { errorAt, type Fault } from "../problem.ts";
import { quote } from "../text.ts";

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
  if (parsed.protocol === "eventbridge:") return findSourceFault(url);
  if (parsed.protocol === "workflow:") return findWorkflowFault(url);
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

function findSourceFault(url: string): Fault | null {
  if (parseEventSource(url)) return null;
  const hint = "write it as eventbridge://123456789012/us-east-1/suffix";
  const [account = "", region = "", suffix = "", ...more] = url
    .replace(/^eventbridge:\/\//i, "")
    .split("/");
  const wrong = (message: string): Fault => ({ code: "malformed", message, hint });
  if (!url.startsWith("eventbridge://")) return wrong("an event source begins with eventbridge://");
  if (!/^\d{12}$/.test(account)) return wrong("an AWS account is 12 digits");
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region)) return wrong("what follows the account is no AWS region");
  if (suffix === "" || more.length > 0)
    return wrong("an event source is an account, a region and a suffix, with / between");
  return wrong("an event source's suffix is 1 to 64 letters, digits and . _ -, and not dots alone");
}

function findWorkflowFault(url: string): Fault | null {
  if (parseWorkflowId(url)) return null;
  const hint = "write it as workflow: and the id in the address of the workflow's page";
  return { code: "malformed", message: "this is not the id of a workflow", hint };
}
