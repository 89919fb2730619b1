// Parses an address to which something secret is sent.
import { parseUrl } from "./parse-url.ts";

export type AddressFault = "malformedUrl" | "urlWithCredentials" | "insecureUrl";

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The address is https, or http to this machine, and holds no login. */
export function parseAddress(given: string): URL | AddressFault {
  const url = parseUrl(given);
  // `localhost:4780` parses as a URL with the scheme `localhost:` and no host.
  if (!url?.host) return "malformedUrl";
  if (given.includes("@")) return "urlWithCredentials";
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && loopback.has(url.hostname));
  return isSafe ? url : "insecureUrl";
}
