// Sends one action of AWS, and again where that may help: reads after every failure that may pass, writes only where they
// took no effect for sure.
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { sendConfirmed, type ConfirmedGuard } from "../genesys/client/confirm.ts";
import { backoffMs, maxAttempts } from "../genesys/client/retry.ts";
import { wait } from "../genesys/client/wait.ts";
import type { AwsRequest } from "../model/aws-api.ts";
import { invariant, type ReconcileError } from "../model/errors.ts";
import type { HttpResponse } from "../model/http.ts";
import { judgeFailure, outcomeUnknown, shownAction, type AskedAws, type AwsFailure } from "./aws-errors.ts";
import type { SendOptions } from "./request-handler.ts";

export interface SendingPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly interrupted: AbortSignal;
  /** Asked before each attempt of a write; without it, every write may start. */
  readonly guard?: ConfirmedGuard | undefined;
  /** Called before each further attempt. */
  readonly onWait: (words: string) => void;
  readonly onRequest?: ((request: AwsRequest) => void) | undefined;
}

export interface Sending extends Pick<AskedAws, "action" | "service"> {
  readonly isWrite: boolean;
  /** Hands the options on to the network; rejects with what the SDK makes of the answer. */
  readonly send: (options: SendOptions) => Promise<unknown>;
}

/** Throws ReconcileError as `EventBridgeApi.call` does. */
export async function sendAction(sending: Sending, ports: SendingPorts): Promise<unknown> {
  const { isWrite } = sending;
  for (let attempt = 1; ; attempt += 1) {
    const sent = await sendAllowed(sending, ports);
    if (sent.failure === null) return sent.answer;
    const { verdict, error } = sent.failure;
    if (verdict === "lost" && isWrite) throw outcomeUnknown(error, sent.asked);
    if (verdict === "final" || attempt >= maxAttempts) throw error;
    ports.onWait(`${shownAction(sending)} is sent again: ${error.problem}`);
    await wait(ports.clock, backoffMs(attempt, ports.random), ports.interrupted);
  }
}

interface Sent {
  readonly asked: AskedAws;
  readonly answer: unknown;
  /** Null if AWS did what it was asked for. */
  readonly failure: AwsFailure | null;
}

/** Nothing of a write that the guard held back has left, so it may be sent anew once the lease is confirmed. */
async function sendAllowed(sending: Sending, ports: SendingPorts): Promise<Sent> {
  const guard = sending.isWrite ? ports.guard : undefined;
  if (!guard) return sendOnce(sending, undefined, ports);
  const all: Sent[] = [];
  await sendConfirmed(async () => {
    const sent = await sendOnce(sending, guard, ports);
    all.push(sent);
    return sent.failure?.error ?? done;
  }, guard);
  const last = all.at(-1);
  invariant(last, "a confirmed request is sent once at least");
  return last;
}

/** Stands for an answer, with which the confirmation has nothing to do. */
const done: HttpResponse = { status: 200, headers: {}, body: "" };

async function sendOnce(
  { action, service, send }: Sending,
  guard: ConfirmedGuard | undefined,
  { clock, onRequest }: SendingPorts,
): Promise<Sent> {
  let answered: HttpResponse | null = null;
  const startedMs = clock.monotonic();
  const onAnswer = (answer: HttpResponse): void => {
    answered = answer;
  };
  const tell = (): AskedAws => {
    const { status = null, headers = {} } = (answered ?? {}) as Partial<HttpResponse>;
    return { action, service, status, requestId: headers["x-amzn-requestid"] ?? null };
  };
  const note = (error: ReconcileError | null): void => {
    const { status, requestId } = tell();
    const latencyMs = Math.round(clock.monotonic() - startedMs);
    onRequest?.({
      action,
      status,
      latencyMs,
      requestId,
      error: error && status === null ? error.code : null,
    });
  };
  try {
    const answer = await send({ guard, onAnswer });
    note(null);
    return { asked: tell(), answer, failure: null };
  } catch (failed) {
    const failure = judgeFailure(failed, tell());
    note(failure.error);
    return { asked: tell(), answer: undefined, failure };
  }
}
