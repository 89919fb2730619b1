// The resource `/api/v2/organizations/limits/namespaces/{name}`: the limits of an organisation.
import { refuseMissing, type ApiCall } from "./call.ts";
import type { Answer } from "./messages.ts";

/** Documented, with these values as the defaults; the ratio is in per cent. */
const limits: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "event.orchestration": {
    "event.orchestration.workflow.invocations.per.hour": 36_000,
    "event.orchestration.workflow.invocations.per.minute": 6_000,
    "distinct.target.ratio": 80,
  },
};

export function readLimits(call: ApiCall, namespace: string): Answer {
  const known = Object.entries(limits).find(([name]) => name === namespace);
  if (!known) return refuseMissing(call, "namespace", namespace);
  const entities = Object.entries(known[1]).map(([key, value]) => ({ key, namespace, value }));
  return { status: 200, json: { entities } };
}
