// Sends messages to their receiver, each once, in their order.
import type { Clock } from "../lib/clock.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import type { Send } from "../model/http.ts";
import { makeRequest, type QueuedMessage, type Receiver } from "./make-request.ts";

export interface Delivery {
  /** The ids of the messages that arrived. */
  readonly delivered: ReadonlySet<string>;
  /** Why the next one did not; null if all arrived. */
  readonly failure: string | null;
}

/** After a message that does not arrive the others wait as well, so that a recovery never comes before its failure. */
export async function deliver(
  messages: readonly QueuedMessage[],
  receiver: Receiver,
  { send, clock }: { readonly send: Send; readonly clock: Pick<Clock, "now"> },
): Promise<Delivery> {
  const delivered = new Set<string>();
  for (const message of messages) {
    const failure = await deliverOne(makeRequest(message, receiver, clock.now()), send);
    if (failure !== null) return { delivered, failure };
    delivered.add(message.id);
  }
  return { delivered, failure: null };
}

/** The words name the host alone: the rest of the address may be a secret. */
async function deliverOne(request: Parameters<Send>[0], send: Send): Promise<string | null> {
  const { host } = new URL(request.url);
  try {
    const { status } = await send(request);
    if (status >= 200 && status < 300) return null;
    if (status >= 300 && status < 400)
      return `${host} answered with a redirect (${status}), which is not followed`;
    return `${host} answered with ${status}`;
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return error.problem === "" ? errorText(error) : error.problem;
  }
}
