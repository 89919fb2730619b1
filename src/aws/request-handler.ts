// The network of AWS's SDK: each signed request is sent once through ours.
import { parseAddress } from "../lib/http-address.ts";
import { invariant, ReconcileError } from "../model/errors.ts";
import type { HttpRequest, HttpResponse, Send, WriteGuard } from "../model/http.ts";

/** The parts of a request of the SDK's that are sent. */
export interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The SDK hands these on with the request of an action, and not with one for credentials. */
export interface SendOptions {
  readonly guard?: WriteGuard | undefined;
  /** Called with the answer, before the SDK reads it. */
  readonly onAnswer?: (answer: HttpResponse) => void;
}

export interface SdkHandler {
  readonly handle: (
    request: SdkRequest,
    options?: SendOptions,
  ) => Promise<{ readonly response: SdkResponse }>;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export function makeSdkHandler(send: Send): SdkHandler {
  return {
    handle: async (request, { guard, onAnswer } = {}) => {
      const answer = await send(toHttp(request), guard);
      onAnswer?.(answer);
      const { status: statusCode, headers, body } = answer;
      return { response: { statusCode, headers, body: new TextEncoder().encode(body) } };
    },
  };
}

function toHttp({ method, protocol, hostname, port, path, query, headers, body }: SdkRequest): HttpRequest {
  invariant(isMethod(method), "the SDK uses the methods of EventBridge, STS and single sign-on");
  const address = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
  // A configured address, such as a profile's, may name any host, and the request holds a signature or a token.
  if (typeof parseAddress(address) === "string") throw insecureEndpoint(hostname);
  const search = new URLSearchParams(
    Object.entries(query ?? {}).flatMap(([name, value]) =>
      [value ?? ""].flat().map((one): [string, string] => [name, one]),
    ),
  ).toString();
  const text = bodyOf(body);
  // Our network makes these two anew, of the address and of the body.
  const kept = Object.entries(headers).filter(([name]) => !["host", "content-length"].includes(name));
  return {
    method,
    url: `${address}${path}${search === "" ? "" : `?${search}`}`,
    headers: Object.fromEntries(kept),
    ...(text === undefined ? {} : { body: text }),
  };
}

const methods: readonly HttpRequest["method"][] = ["GET", "POST", "PUT", "DELETE"];

function isMethod(method: string): method is HttpRequest["method"] {
  return methods.some((one) => one === method);
}

function bodyOf(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return body;
  invariant(body instanceof Uint8Array, "a request of EventBridge or STS is sent whole");
  return new TextDecoder().decode(body);
}

export function insecureEndpoint(what: string): ReconcileError {
  return new ReconcileError("aws/insecureEndpoint", `AWS is not asked at ${what} over http`, {
    hint: "use an https address in AWS_ENDPOINT_URL or endpoint_url; http is allowed only to localhost, 127.0.0.1 and [::1]",
  });
}
