// What goes in and out of the sandbox, and the shapes of its answers.

export interface SandboxRequest {
  readonly method: string;
  /** Absolute, or a path with its query; which host it names does not matter. */
  readonly url: string;
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SandboxResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer without what every answer carries: `finishAnswer` adds that. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined where the answer has no body. */
  readonly json?: unknown;
  /** What is stored differs from before the request. */
  readonly changed?: boolean;
}

/** One broken field of a request's body. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

interface Refusal {
  readonly status: number;
  /** Stable and machine-readable: `not.found`. */
  readonly code: string;
  readonly message: string;
  readonly errors?: readonly FieldFault[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An API error; its `contextId` is the correlation id. */
export function refuse(refusal: Refusal, correlationId: string): Answer {
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

/** The answer as it travels: JSON text, and the correlation id on every one. */
export function finishAnswer(answer: Answer, correlationId: string): SandboxResponse {
  const { status, headers, json } = answer;
  const type: Record<string, string> = json === undefined ? {} : { "content-type": "application/json" };
  return {
    status,
    headers: { ...type, ...headers, "inin-correlation-id": correlationId },
    body: json === undefined ? "" : JSON.stringify(json),
  };
}

export function findHeader(request: SandboxRequest, name: string): string | undefined {
  return Object.entries(request.headers).find(([key]) => key.toLowerCase() === name)?.[1];
}
