// Events go to the hosts and the AWS accounts that the config allows, and to no others.
import type { Diagnostic } from "../../model/diagnostic.ts";
import { parseEventSource, parseWorkflowId } from "../../model/endpoint.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../text.ts";
import { isHttpsEndpoint } from "./endpoint-url.ts";
import type { RuleOptions } from "./rule.ts";

export function allowedHosts({
  allowedEndpointHosts,
}: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const isAllowed = makeEndpointMatcher(allowedEndpointHosts);
  return ({ endpoints }) =>
    endpoints.flatMap((endpoint) => {
      const { key, url, parsed, place } = endpoint;
      const account = parseEventSource(url)?.awsAccountId;
      if (isAllowed(url) || (account === undefined && (!parsed || !isHttpsEndpoint(endpoint)))) return [];
      const which =
        account === undefined ? `host ${quote(parsed?.hostname ?? "")}` : `AWS account ${account}`;
      const message = `the ${which} is not allowed`;
      const hint = `allowedEndpointHosts in the config allows ${allowedEndpointHosts.join(", ")}`;
      return [errorAt(place, { code: `${key}/hostNotAllowed`, message, hint })];
    });
}

/**
 * `*.example.com` matches every host below example.com, and not example.com itself; 12 digits match an AWS account; no
 * pattern matches anything. A workflow is within the organisation, whatever the patterns.
 */
export function makeEndpointMatcher(patterns: readonly string[]): (endpoint: string) => boolean {
  const accounts = new Set(patterns.filter((pattern) => /^\d{12}$/.test(pattern)));
  // Such a number may be an address, too.
  const hosts = patterns.filter((pattern) => !accounts.has(pattern));
  const isAllowedHost = patterns.length === 0 ? () => true : makeHostMatcher(hosts);
  return (endpoint) => {
    const source = parseEventSource(endpoint);
    if (source) return patterns.length === 0 || accounts.has(source.awsAccountId);
    if (parseWorkflowId(endpoint) !== null) return true;
    const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
    return url?.protocol === "https:" && isAllowedHost(url.hostname);
  };
}

function makeHostMatcher(patterns: readonly string[]): (host: string) => boolean {
  const hosts = new Set<string>();
  const suffixes: string[] = [];
  for (const pattern of patterns.map((given) => given.toLowerCase())) {
    if (pattern.startsWith("*.")) suffixes.push(pattern.slice(1));
    // An IPv6 address has many spellings; a URL has it in one.
    else hosts.add(URL.canParse(`https://${pattern}`) ? new URL(`https://${pattern}`).hostname : pattern);
  }
  return (host) => hosts.has(host) || suffixes.some((suffix) => host.endsWith(suffix) && host !== suffix);
}
