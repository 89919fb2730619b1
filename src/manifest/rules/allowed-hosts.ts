// Rule: events go only to the hosts and the AWS accounts that the config allows.
import { quote } from "../../lib/text.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Kinds } from "../../model/kind.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { kindOfSound } from "./endpoint-url.ts";
import type { RuleOptions } from "./rule.ts";
import { parseUrl } from "../../lib/parse-url.ts";

export function allowedHosts({
  allowedEndpointHosts,
  kinds,
}: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const isAllowed = makeEndpointMatcher(allowedEndpointHosts, kinds);
  return ({ endpoints }) =>
    endpoints.flatMap((endpoint) => {
      const { key, url, place } = endpoint;
      if (isAllowed(url)) return [];
      const destination = kindOfSound(endpoint, kinds)?.endpoint.findDestination(url) ?? null;
      if (destination === null || destination.what === "organisation") return [];
      const { what, name } = destination;
      const message = `the ${what} ${what === "host" ? quote(name) : name} is not allowed`;
      const hint = `allowedEndpointHosts in the config allows ${allowedEndpointHosts.join(", ")}`;
      return [errorAt(place, { code: `${key}/hostNotAllowed`, message, hint })];
    });
}

/**
 * Returns whether an endpoint is allowed. `*.example.com` matches every host below example.com, but not example.com
 * itself; 12 digits match an AWS account; an empty list allows everything. A workflow is always allowed, because its
 * events stay within the organisation.
 */
export function makeEndpointMatcher(
  patterns: readonly string[],
  kinds: Kinds,
): (endpoint: string) => boolean {
  const accounts = new Set(patterns.filter((pattern) => /^\d{12}$/.test(pattern)));
  // A URL parser would read 12 digits as an IPv4 address, so accounts are kept out of the hosts.
  const hosts = patterns.filter((pattern) => !accounts.has(pattern));
  const isAllowedHost = patterns.length === 0 ? () => true : makeHostMatcher(hosts);
  return (endpoint) => {
    const destination = kinds.choose(endpoint)?.endpoint.findDestination(endpoint) ?? null;
    if (destination === null) return false;
    if (destination.what === "organisation") return true;
    const { what, name } = destination;
    return what === "host" ? isAllowedHost(name) : patterns.length === 0 || accounts.has(name);
  };
}

function makeHostMatcher(patterns: readonly string[]): (host: string) => boolean {
  const hosts = new Set<string>();
  const suffixes: string[] = [];
  for (const pattern of patterns.map((text) => text.toLowerCase())) {
    if (pattern.startsWith("*.")) suffixes.push(pattern.slice(1));
    // An IPv6 address has many spellings, but a URL object always has the same one.
    else hosts.add(parseUrl(`https://${pattern}`)?.hostname ?? pattern);
  }
  return (host) => hosts.has(host) || suffixes.some((suffix) => host.endsWith(suffix) && host !== suffix);
}
