// Rule: warns of valid endpoints that a template may not have filled in, and of those that only a private network can reach;
// reports the kind's own warnings.
import { isPrivateHost } from "../../lib/private-host.ts";
import { quote } from "../../lib/text.ts";
import type { Diagnostic, Fault } from "../../model/diagnostic.ts";
import type { EndpointForm } from "../../model/kind.ts";
import type { Draft } from "../draft.ts";
import { warningAt } from "../problem.ts";
import { kindOfSound } from "./endpoint-url.ts";
import type { RuleOptions } from "./rule.ts";
import { findLeftoverBehindHost } from "./template-leftovers.ts";

export function endpointWarnings({ endpoints }: Draft, { kinds }: RuleOptions): readonly Diagnostic[] {
  return endpoints.flatMap((endpoint) => {
    const form = kindOfSound(endpoint, kinds)?.endpoint;
    if (!form) return [];
    const leftover = form.isUrl ? findLeftoverBehindHost(endpoint.url) : null;
    const found = [
      ...findPrivateHost(endpoint.url, form),
      ...form.findWarnings(endpoint.url),
      ...(leftover ? [leftover] : []),
    ];
    return found.map((fault) =>
      warningAt(endpoint.place, { ...fault, code: `${endpoint.key}/${fault.code}` }),
    );
  });
}

function findPrivateHost(url: string, form: EndpointForm): readonly Fault[] {
  const destination = form.findDestination(url);
  if (destination?.what !== "host" || !isPrivateHost(destination.name)) return [];
  const message = `the host ${quote(destination.name)} is in a private network, which Genesys Cloud cannot reach`;
  return [{ code: "private", message, hint: "name a host that can be reached from the internet" }];
}
