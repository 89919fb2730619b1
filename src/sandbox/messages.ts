// The sandbox's requests and responses, and the shape of its errors.

export interface SandboxRequest {
  readonly method: string;
  /** An absolute URL, or a path with its query; the host does not matter. */
  readonly url: string;
  /** The names may have any case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SandboxResponse {
  readonly status: number;
  /** The names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A response before `finishAnswer` adds the headers that every response has. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined if the answer has no body. */
  readonly json?: unknown;
  /** True if the request changed the stored state. */
  readonly changed?: boolean;
}

/** One broken field of a request's body. */
export interface BodyFault {
  readonly field: string;
  readonly message: string;
}

interface RefusalFields {
  readonly status: number;
  /** Stable and machine-readable: `not.found`. */
  readonly code: string;
  readonly message: string;
  readonly errors?: readonly BodyFault[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer for an API error; its `contextId` is the correlation id. */
export function refuse(refusal: RefusalFields, correlationId: string): Answer {
  const { status, code, message } = refusal;
  const json = {
    message,
    code,
    status,
    contextId: correlationId,
    details: [],
    errors: refusal.errors ?? [],
    messageWithParams: message,
    messageParams: {},
  };
  return { status, headers: refusal.headers ?? {}, json };
}

/** Makes the response of an answer: JSON text, and headers with the time and the correlation id. */
export function finishAnswer(
  answer: Answer,
  { nowMs, correlationId }: { readonly nowMs: number; readonly correlationId: string },
): SandboxResponse {
  const { status, headers, json } = answer;
  const type: Record<string, string> = json === undefined ? {} : { "content-type": "application/json" };
  return {
    status,
    headers: {
      ...type,
      ...headers,
      date: new Date(nowMs).toUTCString(),
      "inin-correlation-id": correlationId,
    },
    body: json === undefined ? "" : JSON.stringify(json),
  };
}

export function findHeader(request: SandboxRequest, name: string): string | undefined {
  return Object.entries(request.headers).find(([key]) => key.toLowerCase() === name)?.[1];
}
