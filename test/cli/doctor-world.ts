// A whole organisation for `doctor`, of which one thing may be broken.
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import { answer, manifest, runWorld, type Intercept, type WorldOptions } from "../support/world.ts";

export const files = { "subscriptions/a.yaml": manifest("alpha") };

export const pageOfTen = { entities: [], total: 0, pageCount: 0 };

/** A whole organisation: what the sandbox has not is answered here. */
export const platform: Intercept = (request, forward) => {
  const { hostname, pathname } = new URL(request.url);
  if (hostname === "events.example.com") return answer(405);
  const response = withDate(pathname.startsWith("/api/v2/webhooks") ? forward() : other(pathname, forward));
  return response;
};

function other(pathname: string, forward: () => HttpResponse): HttpResponse {
  if (pathname === "/oauth/token") return forward();
  if (pathname === "/api/v2/tokens/me") return answer(200, { organization: { name: "Acme Contact" } });
  return answer(200, pageOfTen);
}

export function withDate(response: HttpResponse, atMs = Date.UTC(2026, 0, 1)): HttpResponse {
  return { ...response, headers: { ...response.headers, date: new Date(atMs).toUTCString() } };
}

/** Answers one path, or one host, otherwise. */
export function instead(
  of: string,
  outcome: (request: HttpRequest, forward: () => HttpResponse) => HttpResponse,
): Intercept {
  return (request, forward) => {
    const { host, pathname } = new URL(request.url);
    return of === host || of === pathname ? outcome(request, forward) : platform(request, forward);
  };
}

export function broken(code: string, system: string): () => never {
  return () => {
    const cause = Object.assign(new Error("the system's own words"), { code: system });
    const more = { request: "GET /x", hint: "check the network", cause };
    throw new ReconcileError(code, "could not connect", more);
  };
}

export async function doctor(options: Partial<WorldOptions> = {}) {
  const found = await runWorld({
    argv: "doctor",
    files,
    intercept: platform,
    commit: "c0ffee",
    ...options,
  });
  const all = found.out.split("\n");
  /** A check's lines, without the blanks before them. */
  const about = (name: string): string => {
    const at = all.findIndex((line) => line.slice(2).startsWith(`${name} `));
    const end = all.findIndex((line, index) => index > at && !line.startsWith("  "));
    return all
      .slice(at, end)
      .map((line) => line.replace(/ {2,}/g, " ").trim())
      .join("\n");
  };
  return { ...found, about };
}

export const source = "eventbridge://123456789012/us-east-1/acd";

export const workflow = "workflow:7a4e0d4c";

/** A valid manifest for the endpoint. */
export function delivers(group: string, url: string): Record<string, string> {
  const eventTypes = ["v2.detail.events.conversation.{id}.acd.end"];
  const text = manifest(group, { eventTypes }).replace(`https://events.example.com/${group}`, url);
  return { [`subscriptions/${group}.yaml`]: text };
}
