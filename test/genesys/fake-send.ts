// A network whose answers a test writes down.
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpRequest, HttpResponse, Send } from "../../src/model/http.ts";

export interface FakeSend {
  readonly send: Send;
  /** All that was sent, token requests included. */
  readonly requests: HttpRequest[];
}

export type Answer = HttpResponse | ReconcileError;

/** `answerTo` gets each request and how many came before it. */
export function makeFakeSend(
  answerTo: (request: HttpRequest, index: number) => Answer | Promise<Answer>,
): FakeSend {
  const requests: HttpRequest[] = [];
  const send: Send = async (request) => {
    const answer = await answerTo(request, requests.push(request) - 1);
    if (answer instanceof ReconcileError) throw answer;
    return answer;
  };
  return { send, requests };
}

/** An answer with a JSON body; text travels as it is. */
export function reply(
  status: number,
  body: unknown = "",
  headers: Record<string, string> = {},
): HttpResponse {
  return { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
}

export function tokenReply(token: string, lifeSeconds: unknown = 86_400): HttpResponse {
  return reply(200, { access_token: token, token_type: "bearer", expires_in: lifeSeconds });
}

export function rateHeaders(count: number, allowed: number, resetSeconds: number): Record<string, string> {
  return {
    "inin-ratelimit-count": String(count),
    "inin-ratelimit-allowed": String(allowed),
    "inin-ratelimit-reset": String(resetSeconds),
  };
}

/** The error that a call ends with. */
export async function failureOf(call: Promise<unknown>): Promise<ReconcileError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ReconcileError) return error;
    throw error;
  }
  throw new Error("the call was expected to fail");
}
