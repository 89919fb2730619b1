// Parses and judges an endpoint with workflow:, which names the workflow that a trigger starts.
import type { Fault } from "../../model/diagnostic.ts";
import type { EndpointForm } from "../../model/endpoint-form.ts";

/** Returns the id of `workflow:<id>`; null for any other text. */
export function parseWorkflowId(endpoint: string): string | null {
  return /^workflow:([A-Za-z0-9][A-Za-z0-9._-]{0,127})$/.exec(endpoint)?.[1] ?? null;
}

/** The placeholder in the manifest that `init` writes; the user replaces it with the id of a workflow. */
export const placeholderWorkflow = "00000000-0000-4000-8000-000000000000";

export const workflowEndpoint: EndpointForm = {
  short: "workflow:…",
  shape: "workflow:id",
  isUrl: false,
  findFault,
  findWarnings: (url) => (parseWorkflowId(url) === placeholderWorkflow ? [placeholder] : []),
  findDestination: (url) => (parseWorkflowId(url) === null ? null : { what: "organisation" }),
  unshared: null,
};

const placeholder: Fault = {
  code: "placeholder",
  message: "the workflow's id is a placeholder: no event starts a workflow until you replace it",
  hint: "replace it with your workflow's id, which is in the address of the workflow's page",
};

function findFault(url: string): Fault | null {
  if (parseWorkflowId(url)) return null;
  if (/[\p{C}\s]/u.test(url)) {
    const message = "the id of a workflow cannot hold spaces or control characters";
    return { code: "malformed", message, hint: `remove them; ${whereTheIdIs}` };
  }
  const hint = "write workflow: followed by the id that is in the address of the workflow's page";
  return { code: "malformed", message: "this is not the id of a workflow", hint };
}

const whereTheIdIs = "the id is not the workflow's name: it is in the address of the workflow's page";
