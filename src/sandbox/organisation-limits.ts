// The resource `/api/v2/organizations/limits/namespaces/{name}`: how much an organisation may do of one thing.
import { refuseMissing, type ApiCall } from "./call.ts";
import type { Answer } from "./messages.ts";

const namespaces: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map([
  [
    "event.orchestration",
    {
      "workflow.invocations.per.hour": 36_000,
      "workflow.invocations.per.minute": 6_000,
      "distinct.target.ratio": 80,
    },
  ],
]);

export function listLimits(call: ApiCall, namespace: string): Answer {
  const limits = namespaces.get(namespace);
  if (!limits) return refuseMissing(call, "namespace", namespace);
  const entities = Object.entries(limits).map(([key, value]) => ({ key, namespace, value }));
  return { status: 200, json: { entities } };
}
