// Judges the endpoint of a route: AWS calls public names alone, and takes fewer characters than a URL may have.
import { parseUrl } from "../../lib/parse-url.ts";
import { joinWords } from "../../lib/join-words.ts";
import { quote } from "../../lib/text.ts";
import type { AwsWebhooks } from "../../model/config.ts";
import type { Fault } from "../../model/diagnostic.ts";
import type { EndpointForm } from "../../model/endpoint-form.ts";
import { httpsEndpoint } from "../webhook/endpoint.ts";
import { findConnection } from "./connection.ts";

export const routeEndpoint: EndpointForm = {
  ...httpsEndpoint,
  refusesPrivateHosts: "AWS",
  findMisfit: (url, { aws }) => (aws?.webhooks ? findUnconnected(url, aws.webhooks) : null),
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

function findUnconnected(url: string, { connections }: AwsWebhooks): Fault | null {
  const host = parseUrl(url)?.hostname ?? "";
  if (findConnection(host, connections)) return null;
  const hosts = joinWords([...new Set(connections.flatMap((one) => one.hosts))], "and");
  const message = `no connection of aws.webhooks.connections is for the host ${quote(host)}: they are for ${hosts}`;
  return { code: "noConnection", message, hint: "add the host to a connection's hosts in the config" };
}
