// Rule: warns of valid endpoints that a template may not have filled in, and of those that only a private network can reach
// (an error if who calls them refuses these); reports the kind's own warnings, and settings of the config that do not fit.
import { isPrivateHost } from "../../lib/private-host.ts";
import { quote } from "../../lib/text.ts";
import type { Diagnostic, Fault } from "../../model/diagnostic.ts";
import type { EndpointForm } from "../../model/endpoint-form.ts";
import type { Draft, DraftEndpoint } from "../draft.ts";
import { errorAt, warningAt } from "../problem.ts";
import { kindOfSound } from "./endpoint-url.ts";
import type { RuleOptions } from "./rule.ts";
import { findLeftoverBehindHost } from "./template-leftovers.ts";

export function endpointWarnings({ endpoints }: Draft, { kinds }: RuleOptions): readonly Diagnostic[] {
  return endpoints.flatMap((endpoint) => {
    const kind = kindOfSound(endpoint, kinds);
    if (!kind) return [];
    const form = kind.endpoint;
    const misfit = kinds.findMisfit(kind, endpoint.url);
    const leftover = form.isUrl ? findLeftoverBehindHost(endpoint.url) : null;
    const hosts = findPrivateHost(endpoint.url, form).map((fault) =>
      (form.refusesPrivateHosts ? errorAt : warningAt)(endpoint.place, withKey(endpoint, fault)),
    );
    const found = [...form.findWarnings(endpoint.url), ...(leftover ? [leftover] : [])];
    const misfits = misfit ? [errorAt(endpoint.place, withKey(endpoint, misfit))] : [];
    return [
      ...misfits,
      ...hosts,
      ...found.map((fault) => warningAt(endpoint.place, withKey(endpoint, fault))),
    ];
  });
}

function withKey({ key }: DraftEndpoint, fault: Fault): Fault {
  return { ...fault, code: `${key}/${fault.code}` };
}

function findPrivateHost(url: string, form: EndpointForm): readonly Fault[] {
  const destination = form.findDestination(url);
  if (destination?.what !== "host" || !isPrivateHost(destination.name)) return [];
  const message = `the host ${quote(destination.name)} is in a private network, which ${form.refusesPrivateHosts ?? "Genesys Cloud"} cannot reach`;
  return [{ code: "private", message, hint: "name a host that can be reached from the internet" }];
}
