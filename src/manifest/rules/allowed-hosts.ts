// Events go to the hosts that the config allows, and to no others.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../text.ts";
import { isHttpsEndpoint } from "./endpoint-url.ts";
import type { RuleOptions } from "./rule.ts";

export function allowedHosts({
  allowedEndpointHosts,
}: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const isAllowed = makeHostMatcher(allowedEndpointHosts);
  return ({ endpoints }) =>
    endpoints.flatMap((endpoint) => {
      const { key, parsed, place } = endpoint;
      if (!parsed || !isHttpsEndpoint(endpoint) || isAllowed(parsed.hostname)) return [];
      const message = `the host ${quote(parsed.hostname)} is not allowed`;
      const hint = `allowedEndpointHosts in the config allows ${allowedEndpointHosts.join(", ")}`;
      return [errorAt(place, { code: `${key}/hostNotAllowed`, message, hint })];
    });
}

/** `*.example.com` matches every host below example.com, and not example.com itself; no pattern matches any host. */
export function makeHostMatcher(patterns: readonly string[]): (host: string) => boolean {
  if (patterns.length === 0) return () => true;
  const hosts = new Set<string>();
  const suffixes: string[] = [];
  for (const pattern of patterns.map((given) => given.toLowerCase())) {
    if (pattern.startsWith("*.")) suffixes.push(pattern.slice(1));
    // An IPv6 address has many spellings; a URL has it in one.
    else hosts.add(URL.canParse(`https://${pattern}`) ? new URL(`https://${pattern}`).hostname : pattern);
  }
  return (host) => hosts.has(host) || suffixes.some((suffix) => host.endsWith(suffix) && host !== suffix);
}
