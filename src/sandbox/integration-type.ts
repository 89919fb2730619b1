// The type of EventBridge integrations: whether the organisation has it, and how many of its integrations.
import { refuseMissing, type ApiCall } from "./call.ts";
import { refuse, type Answer } from "./messages.ts";

/** The only type that the sandbox has. */
export const integrationType = "amazon-eventbridge-source";

/** `maxInstances` is left out unless a quirk states it: its number for this type is unknown. */
export function readType(call: ApiCall, id: string): Answer {
  if (id !== integrationType) return refuseMissing(call, "integration type", id);
  const { maxInstances } = call.quirks;
  const selfUri = `/api/v2/integrations/types/${id}`;
  const json = {
    id,
    name: "Amazon EventBridge Source",
    ...(maxInstances === undefined ? {} : { maxInstances }),
  };
  return { status: 200, json: { ...json, selfUri } };
}

/** Returns the platform's refusal of one more integration; null if there is room for it. */
export function refuseOverCap({ state, quirks, correlationId }: ApiCall): Answer | null {
  const live = [...state.integrations.values()].filter(({ intendedState }) => intendedState !== "DELETED");
  if (live.length < (quirks.maxInstances ?? Infinity)) return null;
  const message = "The maximum number of integrations of this type is reached.";
  return refuse({ status: 400, code: "max.integrations.reached", message }, correlationId);
}
