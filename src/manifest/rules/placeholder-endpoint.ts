// What `init` writes in the place of an endpoint reaches nobody until it is replaced: a warning.
import { parseEventSource, parseWorkflowId, placeholders } from "../../model/endpoint.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft, DraftEndpoint } from "../draft.ts";
import { warningAt } from "../problem.ts";

export function placeholderEndpoint({ endpoints }: Draft): readonly Diagnostic[] {
  return endpoints.flatMap((endpoint) => {
    const found = findPlaceholder(endpoint);
    if (!found) return [];
    const message = `the ${found.what} is a placeholder: it reaches nobody until it is replaced`;
    return [warningAt(endpoint.place, { code: `${endpoint.key}/placeholder`, message, hint: found.hint })];
  });
}

function findPlaceholder({ url }: DraftEndpoint): { readonly what: string; readonly hint: string } | null {
  if (parseEventSource(url)?.awsAccountId === placeholders.awsAccountId)
    return {
      what: `AWS account ${placeholders.awsAccountId}`,
      hint: "put the 12 digits of your AWS account there",
    };
  if (parseWorkflowId(url) === placeholders.workflowId)
    return { what: "workflow's id", hint: "put the id in the address of your workflow's page there" };
  return null;
}
