// The embedded Genesys Cloud: makes one response from one request, by every documented rule of the platform.
import { syncSources } from "./aws/partner-sources.ts";
import { sandboxCredentials, type SandboxContext } from "./context.ts";
import { sandboxOrganisation } from "./sandbox-organisation.ts";
import { refuseAccess } from "./access.ts";
import { rememberStored, storedAt } from "./lag.ts";
import { countRequest, maxBodyBytes, refuseRate } from "./limits.ts";
import {
  finishAnswer,
  refuse,
  type Answer,
  type SandboxRequest,
  type SandboxResponse,
} from "./messages.ts";
import { builtInResources } from "./resources.ts";
import { routesOf } from "./routes.ts";
import type { SandboxState } from "./state.ts";
import { findToken, issueToken } from "./tokens.ts";

export interface HandledRequest {
  readonly response: SandboxResponse;
  /** True if the stored state changed; the caller then saves it before the response leaves. */
  readonly changed: boolean;
}

/** Changes `state` in place. Never throws; the same state, request and context give the same response. */
export function handle(
  state: SandboxState,
  request: SandboxRequest,
  context: SandboxContext,
): HandledRequest {
  const correlationId = context.random.id();
  const { listLagMs } = context.quirks ?? {};
  if (listLagMs !== undefined) rememberStored(state, context.nowMs, listLagMs);
  const answer = answerCall({ state, request, context, correlationId });
  if (listLagMs !== undefined) rememberStored(state, context.nowMs, listLagMs);
  if (answer.changed) {
    const { nowMs, organisation = sandboxOrganisation } = context;
    syncSources(state, { nowMs, organisation });
  }
  return {
    response: finishAnswer(answer, { nowMs: context.nowMs, correlationId }),
    changed: answer.changed ?? false,
  };
}

interface IncomingCall {
  readonly state: SandboxState;
  readonly request: SandboxRequest;
  readonly context: SandboxContext;
  readonly correlationId: string;
}

const tokenPaths: readonly string[] = ["/oauth/token", "/api/v2/oauth/token"];

function answerCall(call: IncomingCall): Answer {
  const { state, request, context, correlationId } = call;
  if (Buffer.byteLength(request.body ?? "") > maxBodyBytes) {
    const message = `The body is larger than ${maxBodyBytes} bytes.`;
    return refuse({ status: 413, code: "request.entity.too.large", message }, correlationId);
  }
  if (!URL.canParse(request.url, anyOrigin)) {
    return refuse({ status: 400, code: "bad.request", message: "The URL is not valid." }, correlationId);
  }
  const url = new URL(request.url, anyOrigin);
  if (tokenPaths.includes(url.pathname)) {
    return request.method === "POST" ? issueToken(state, request, context) : refuseMethod(call, ["POST"]);
  }
  return answerApi(call, url);
}

/** `request.url` may be a bare path; its host does not matter here. */
const anyOrigin = "http://sandbox";

function answerApi(call: IncomingCall, url: URL): Answer {
  const { state, request, context, correlationId } = call;
  const token = findToken(state, request, context);
  if (!token) {
    const message = "The access token is missing, unknown or expired.";
    return refuse({ status: 401, code: "bad.credentials", message }, correlationId);
  }
  const { quirks = {} } = context;
  const verdict = countRequest([token.window, state.clientWindow], context.nowMs);
  if (!verdict.admitted) return refuseRate(verdict, quirks, correlationId);
  const answer = refuseAccess(url.pathname, quirks, correlationId) ?? routeRequest(call, url);
  return { ...answer, headers: { ...answer.headers, ...verdict.headers } };
}

function routeRequest(call: IncomingCall, url: URL): Answer {
  const { state, request, context, correlationId } = call;
  const routes = routesOf(context.resources ?? builtInResources);
  const samePath = routes.filter((route) => route.path.test(url.pathname));
  if (samePath.length === 0) {
    return refuse(
      { status: 404, code: "not.found", message: `There is no ${url.pathname}.` },
      correlationId,
    );
  }
  const route = samePath.find(({ method }) => method === request.method);
  if (!route) {
    return refuseMethod(
      call,
      samePath.map(({ method }) => method),
    );
  }
  const id = route.path.exec(url.pathname)?.[1] ?? "";
  const newId = () => context.random.id();
  const { quirks = {} } = context;
  const nowMs = route.isList ? context.nowMs - (quirks.listLagMs ?? 0) : context.nowMs;
  const shown = nowMs < context.nowMs ? storedAt(state, nowMs) : state;
  return route.answer(
    {
      state: shown,
      body: request.body ?? "",
      query: url.searchParams,
      nowMs,
      newId,
      correlationId,
      quirks,
      organisation: context.organisation ?? sandboxOrganisation,
      clientId: (context.credentials ?? sandboxCredentials).clientId,
    },
    id,
  );
}

function refuseMethod(call: IncomingCall, allowed: readonly string[]): Answer {
  const { request, correlationId } = call;
  const message = `${request.method} is not allowed here.`;
  const headers = { allow: allowed.join(", ") };
  return refuse({ status: 405, code: "method.not.allowed", message, headers }, correlationId);
}
