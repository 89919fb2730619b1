// The embedded platform's part of relays: `/api/v2/relays`, judged by rules of its own.
import { isObject } from "../../src/sandbox/webhook-rules.ts";
import { refuseBody, refuseMissing, type ApiCall } from "../../src/sandbox/call.ts";
import { refuse, type Answer } from "../../src/sandbox/messages.ts";
import { listPage } from "../../src/sandbox/pages.ts";
import type { SandboxResource } from "../../src/sandbox/resource.ts";
import { parseJson, type SandboxState } from "../../src/sandbox/state.ts";

export interface StoredRelay {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly eventTypes: readonly string[];
  readonly state: string;
  readonly description: string;
}

const list = "relays";

export function relaysIn({ others }: SandboxState): Map<string, StoredRelay> {
  const all = others.get(list) ?? new Map<string, StoredRelay>();
  others.set(list, all);
  return all as Map<string, StoredRelay>;
}

/** An id is never given twice, not even that of a deleted relay. */
function nextId(state: SandboxState): string {
  const number = (made.get(state) ?? 0) + 1;
  made.set(state, number);
  return `relay-${number}`;
}

const made = new WeakMap<SandboxState, number>();

export const relayResource: SandboxResource = {
  noun: "relay",
  list,
  isRequired: false,
  routes: [
    [
      "GET",
      "/relays",
      (call) => listPage(call, "/api/v2/relays", { all: [...relaysIn(call.state).values()] }),
    ],
    ["POST", "/relays", (call) => store(call, nextId(call.state))],
    ["GET", "/relays/{id}", withRelay((_call, relay) => ({ status: 200, json: relay }))],
    ["PUT", "/relays/{id}", withRelay((call, { id }) => store(call, id))],
    ["DELETE", "/relays/{id}", withRelay(remove)],
  ],
  entriesOf: (state) => [...relaysIn(state).values()],
  add: (state, entry) => {
    if (!isObject(entry) || typeof entry["id"] !== "string") return ": id must be an identifier";
    relaysIn(state).set(entry["id"], entry as unknown as StoredRelay);
    return undefined;
  },
};

function withRelay(answer: (call: ApiCall, relay: StoredRelay) => Answer) {
  return (call: ApiCall, id: string): Answer => {
    const found = relaysIn(call.state).get(id);
    return found ? answer(call, found) : refuseMissing(call, "relay", id);
  };
}

function remove({ state }: ApiCall, { id }: StoredRelay): Answer {
  relaysIn(state).delete(id);
  return { status: 204, changed: true };
}

/** A relay takes two event types at most, and no two have one name. */
function store(call: ApiCall, id: string): Answer {
  const { state, correlationId } = call;
  const body = parseJson(call.body);
  if (!isObject(body)) return refuseBody(call, "The body must be a JSON object.");
  const { name, endpoint, eventTypes, state: switched, description } = body as unknown as StoredRelay;
  const relay = { id, name, endpoint, eventTypes, state: switched, description };
  const isTaken = [...relaysIn(state).values()].some((other) => other.name === name && other.id !== id);
  if (isTaken)
    return refuse({ status: 409, code: "relay.exists", message: "A relay has this name." }, correlationId);
  if (eventTypes.length > 2) return refuseBody(call, "A relay takes two event types.");
  relaysIn(state).set(id, relay);
  return { status: 200, json: relay, changed: true };
}
