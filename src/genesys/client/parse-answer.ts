// Reads the body of an API answer, or makes the error of it.
import { answerFacts, ReconcileError } from "../../model/errors.ts";
import type { HttpResponse } from "../../model/http.ts";
import { correlationIdOf, makeFailure, shownRequest, type Asked } from "./failure.ts";
import { parseJson } from "./json.ts";

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  /** The memory that the body's text took. */
  readonly sizeBytes: number;
}

/** Throws `api/…` for every status but 2xx and for a body that is not JSON; for a write, that is `api/outcomeUnknown`. */
export function parseAnswer(response: HttpResponse, asked: Asked): ApiAnswer {
  const { status } = response;
  if (status < 200 || status > 299) throw makeFailure(response, asked);
  if (response.body === "") return { status, body: undefined, sizeBytes: 0 };
  const parsed = parseJson(response.body);
  if (parsed.ok) return { status, body: parsed.value, sizeBytes: sizeOf(response.body) };
  const malformed = makeMalformed(asked, parsed.expected, response);
  throw asked.method === "GET" ? malformed : makeUnknown(asked, malformed);
}

/** One letter beyond Latin-1 makes a text of two bytes a character in memory. */
function sizeOf(text: string): number {
  return /[^\0-\xff]/.test(text) ? 2 * text.length : text.length;
}

function makeMalformed(asked: Asked, expected: string, response: HttpResponse): ReconcileError {
  const message = `answered ${response.status} without ${expected}`;
  const hint =
    "check GENESYS_ENVIRONMENT and GENESYS_API_URL, and that no proxy or login portal answers in place of the platform";
  return new ReconcileError("api/malformed", message, {
    ...{ request: shownRequest(asked), hint, correlationId: correlationIdOf(response) },
  });
}

export function makeUnknown(asked: Asked, cause: ReconcileError): ReconcileError {
  const message = `sent, but whether it took effect is unknown: ${cause.problem}`;
  const hint = "the next pass reads what is live and does what is left";
  return new ReconcileError("api/outcomeUnknown", message, {
    request: shownRequest(asked),
    hint,
    ...answerFacts(cause),
    cause,
  });
}
