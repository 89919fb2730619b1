// Judges the endpoint of a route: AWS calls public names alone, and takes fewer characters than a URL may have.
import { parseUrl } from "../../lib/parse-url.ts";
import { quote } from "../../lib/text.ts";
import type { Fault } from "../../model/diagnostic.ts";
import type { EndpointForm } from "../../model/endpoint-form.ts";
import { httpsEndpoint } from "../webhook/endpoint.ts";

export const routeEndpoint: EndpointForm = {
  ...httpsEndpoint,
  refusesPrivateHosts: "AWS",
  findFault: (url) => httpsEndpoint.findFault(url) ?? findAddressFault(url) ?? findLetterFault(url),
};

function findAddressFault(url: string): Fault | null {
  const hostname = parseUrl(url)?.hostname ?? "";
  // A URL object writes an address with digits and dots alone, or in brackets.
  if (!/^(?:\[.*|[\d.]+)$/.test(hostname)) return null;
  const message = `the host ${quote(hostname)} is an address, and AWS calls only names`;
  return { code: "address", message, hint: "name a host that can be reached from the internet" };
}

/** The most characters that AWS takes as the endpoint of an API destination. */
const maxLength = 2048;
/** The characters that AWS takes there. It puts a value of its own in the place of an asterisk. */
const allowed = /^(?:%[0-9A-Fa-f]{2}|[-()_.!~';/?:@&=+$,A-Za-z0-9])+$/;

/** Messages do not repeat a URL that could hold a secret. */
function findLetterFault(url: string): Fault | null {
  if (url.length > maxLength) {
    const message = `the URL has ${url.length} characters, and AWS takes ${maxLength}`;
    return { code: "tooLong", message, hint: "shorten it" };
  }
  if (allowed.test(url)) return null;
  const message = "the URL has a character that AWS does not take, such as * or {";
  return { code: "notInAws", message, hint: "percent-encode it, such as %2A" };
}
