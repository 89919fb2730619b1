// Issues tokens for client credentials, and finds the token of a request.
import { sandboxCredentials, type SandboxContext, type SandboxCredentials } from "./context.ts";
import { countRequest, makeRateWindow, maxRequestsPerToken, maxTokenRequests } from "./limits.ts";
import { findHeader, type Answer, type SandboxRequest } from "./messages.ts";
import type { SandboxState, IssuedToken } from "./state.ts";

/** The platform's default life of a token: a day. */
const defaultTokenLifeSeconds = 86_400;

/** Limits the memory of a long-running sandbox; the oldest token is dropped first. */
const maxTokens = 1_000;

/** `POST /oauth/token`. */
export function issueToken(state: SandboxState, request: SandboxRequest, context: SandboxContext): Answer {
  if (!admitLogin(state, context)) return refuseToken("invalid_request", "rate limit exceeded");
  const type = findHeader(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    return refuseToken("invalid_request", "the body must be application/x-www-form-urlencoded");
  }
  const form = new URLSearchParams(request.body ?? "");
  const grantType = form.get("grant_type");
  if (grantType === null) return refuseToken("invalid_request", "grant_type is missing");
  if (grantType !== "client_credentials") {
    return refuseToken("unsupported_grant_type", "grant_type must be client_credentials");
  }
  const given = findCredentials(request, form);
  const expected = context.credentials ?? sandboxCredentials;
  if (given?.clientId !== expected.clientId || given.clientSecret !== expected.clientSecret) {
    return refuseToken("invalid_client", "client not found, or the secret is wrong");
  }

  const accessToken = context.random.id();
  const lifeSeconds = context.tokenLifeSeconds ?? defaultTokenLifeSeconds;
  forgetTokens(state, context.nowMs);
  state.tokens.set(accessToken, {
    expiresAtMs: context.nowMs + lifeSeconds * 1_000,
    window: makeRateWindow(maxRequestsPerToken),
  });
  const json = {
    access_token: accessToken,
    token_type: "bearer",
    expires_in: lifeSeconds,
    scope: "webhook:read webhook:write",
  };
  return { status: 200, headers: { "cache-control": "no-store" }, json };
}

function admitLogin(
  { tokenRequestWindow: window }: SandboxState,
  { nowMs, quirks }: SandboxContext,
): boolean {
  const { loginsAMinute = maxTokenRequests } = quirks ?? {};
  return countRequest([window], nowMs).admitted && window.count <= loginsAMinute;
}

/** The request's token; undefined if it has none, or an unknown or expired one. */
export function findToken(
  state: SandboxState,
  request: SandboxRequest,
  context: SandboxContext,
): IssuedToken | undefined {
  const accessToken = /^bearer +(\S+)$/i.exec(findHeader(request, "authorization") ?? "")?.[1];
  const token = accessToken === undefined ? undefined : state.tokens.get(accessToken);
  return token && context.nowMs < token.expiresAtMs ? token : undefined;
}

function refuseToken(code: string, description: string): Answer {
  const status = code === "invalid_client" ? 401 : 400;
  return { status, json: { error: code, description, error_description: description } };
}

/** Reads the credentials from HTTP Basic, or without it from the form's fields. */
function findCredentials(request: SandboxRequest, form: URLSearchParams): SandboxCredentials | undefined {
  const authorization = findHeader(request, "authorization");
  if (authorization === undefined) {
    return { clientId: form.get("client_id") ?? "", clientSecret: form.get("client_secret") ?? "" };
  }
  const encoded = /^basic +(\S+)$/i.exec(authorization)?.[1];
  const pair = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? "", "base64").toString("utf8"));
  return pair ? { clientId: pair[1] ?? "", clientSecret: pair[2] ?? "" } : undefined;
}

/** Drops expired tokens, and the oldest ones if there are too many. */
function forgetTokens(state: SandboxState, nowMs: number): void {
  for (const [accessToken, token] of state.tokens) {
    const isOver = nowMs >= token.expiresAtMs || state.tokens.size >= maxTokens;
    if (isOver) state.tokens.delete(accessToken);
  }
}
