// Rule: warns of valid endpoints that a template may not have filled in, and reports the kind's own warnings.
import type { Diagnostic } from "../../model/diagnostic.ts";
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
    return [...form.findWarnings(endpoint.url), ...(leftover ? [leftover] : [])].map((fault) =>
      warningAt(endpoint.place, { ...fault, code: `${endpoint.key}/${fault.code}` }),
    );
  });
}
