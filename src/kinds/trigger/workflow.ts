// The workflow that a trigger starts: an endpoint with workflow:.
import type { Fault } from "../../model/diagnostic.ts";
import type { EndpointForm } from "../../model/kind.ts";

/** `workflow:<id>`; null where it is anything else. */
export function parseWorkflowId(endpoint: string): string | null {
  return /^workflow:([A-Za-z0-9][A-Za-z0-9._-]{0,127})$/.exec(endpoint)?.[1] ?? null;
}

/** The workflow that a first manifest names before it has one of its own. */
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
  message: "the workflow's id is a placeholder: it reaches nobody until it is replaced",
  hint: "put the id in the address of your workflow's page there",
};

function findFault(url: string): Fault | null {
  if (parseWorkflowId(url)) return null;
  if (/[\p{C}\s]/u.test(url)) {
    const message = "the id of a workflow holds no blank and no control character";
    return { code: "malformed", message, hint: `take it out; ${whereTheIdIs}` };
  }
  const hint = "write it as workflow: and the id in the address of the workflow's page";
  return { code: "malformed", message: "this is not the id of a workflow", hint };
}

const whereTheIdIs = "the id, which is not the workflow's name, is in the address of its page";
