// A whole organisation for `doctor`, of which one thing may be broken.
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import {
  answer,
  loggedIn,
  manifest,
  runWorld,
  type Intercept,
  type WorldOptions,
} from "../support/world.ts";

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

/** The platform, but for the resources that have another status. */
export function offering(statuses: Partial<Record<keyof typeof paths, number>>): Intercept {
  return (request, forward) => {
    const { pathname } = new URL(request.url);
    const found = Object.entries(statuses).find(([name]) => paths[name as keyof typeof paths] === pathname);
    return found ? answer(found[1], { message: "no" }) : platform(request, forward);
  };
}

export const paths = {
  webhooks: "/api/v2/webhooks",
  integrations: "/api/v2/integrations",
  type: "/api/v2/integrations/types/amazon-eventbridge-source",
  triggers: "/api/v2/processautomation/triggers",
};

/** The platform, whose login names these scopes; of "undefined" none. */
export function scoped(scope: string | undefined): Intercept {
  return instead("/oauth/token", (_, forward) => withBody(forward(), { scope }));
}

/** The same, where the login names none, and the token's own page does. */
export function scopedLater(scope: string): Intercept {
  return (request, forward) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/api/v2/tokens/me") return scoped(undefined)(request, forward);
    return answer(200, { authorizedScope: scope.split(" ") });
  };
}

function withBody(response: HttpResponse, more: object): HttpResponse {
  return { ...response, body: JSON.stringify({ ...(JSON.parse(response.body) as object), ...more }) };
}

export function broken(code: string, system: string): () => never {
  return () => {
    const cause = Object.assign(new Error("the system's own words"), { code: system });
    const more = { request: "GET /x", hint: "check the network", cause };
    throw new ReconcileError(code, "could not connect", more);
  };
}

const usual = { files, intercept: platform, commit: "c0ffee" };

export interface Found {
  readonly check: string;
  readonly status: "passed" | "failed" | "warning" | "notChecked";
  readonly seen: string;
  readonly details: readonly string[];
  readonly toDo: string | null;
}

/** What the command found, as data; `is` tells of each check that is named whether it passed. */
export async function doctor({ argv = "doctor", ...options }: Partial<WorldOptions> = {}) {
  const line = typeof argv === "string" ? argv : argv.join(" ");
  const { status, out, world } = await runWorld({ ...usual, argv: `${line} --output json`, ...options });
  const { checks } = JSON.parse(out) as { readonly checks: readonly Found[] };
  const is = (...names: readonly string[]) =>
    Object.fromEntries(
      checks.filter(({ check }) => names.includes(check)).map(({ check, status: how }) => [check, how]),
    );
  return { status, checks, is, world };
}

/** What it prints, and of that the lines of the checks that are named. */
export async function doctorWords(options: Partial<WorldOptions> = {}) {
  const found = await runWorld({ ...usual, argv: "doctor", ...options });
  const lines = found.out.split("\n");
  const about = (names: readonly string[]): string => {
    const starts = lines.map((line) => /^\S (\w+(?: \w+)*) {2}/.exec(line)?.[1] ?? null);
    let now: string | null = null;
    return lines
      .filter((line, at) => {
        if (!line.startsWith("  ")) now = starts[at] ?? null;
        return now !== null && names.includes(now);
      })
      .join("\n");
  };
  return { ...found, about };
}

export interface DoctorCase {
  readonly given: string;
  readonly argv?: string;
  /** Made anew for each run. */
  readonly options: () => Partial<WorldOptions> | Promise<Partial<WorldOptions>>;
  /** How the checks end that it is about. */
  readonly is: Readonly<Record<string, Found["status"]>>;
}

/** The credentials, and more. */
export const set = (variables: Readonly<Record<string, string>>) => ({
  environment: { ...loggedIn, ...variables },
});

export const source = "eventbridge://123456789012/us-east-1/acd";

export const workflow = "workflow:7a4e0d4c";

/** A valid manifest for the endpoint. */
export function delivers(group: string, url: string): Record<string, string> {
  const eventTypes = ["v2.detail.events.conversation.{id}.acd.end"];
  const text = manifest(group, { eventTypes }).replace(`https://events.example.com/${group}`, url);
  return { [`subscriptions/${group}.yaml`]: text };
}
