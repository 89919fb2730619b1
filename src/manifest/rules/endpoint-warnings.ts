// Rule: reports a kind's warnings about endpoints that are valid.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { warningAt } from "../problem.ts";
import { kindOfSound } from "./endpoint-url.ts";
import type { RuleOptions } from "./rule.ts";

export function endpointWarnings({ endpoints }: Draft, { kinds }: RuleOptions): readonly Diagnostic[] {
  return endpoints.flatMap((endpoint) => {
    const found = kindOfSound(endpoint, kinds)?.endpoint.findWarnings(endpoint.url) ?? [];
    return found.map((fault) =>
      warningAt(endpoint.place, { ...fault, code: `${endpoint.key}/${fault.code}` }),
    );
  });
}
