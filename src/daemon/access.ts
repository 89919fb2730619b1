// Decides which HTTP requests are allowed: those with the token; without a token, those from this machine over loopback.
import { createHash, timingSafeEqual } from "node:crypto";
import { leastSecretLength } from "../lib/least-secret-length.ts";
import { ReconcileError } from "../model/errors.ts";
import { parseUrl } from "../lib/parse-url.ts";

export interface Access {
  /** The daemon listens on a loopback address only. */
  readonly isLoopback: boolean;
  /** `RECONCILE_HTTP_TOKEN`, required of every request if it is set. Only a daemon on loopback may have none (null). */
  readonly token: string | null;
}

/** Throws ReconcileError `http/tokenMissing`, `http/tokenTooShort`. */
export function makeAccess(
  host: string,
  token: string | undefined,
  /** The variable that gives the token. */
  name = "RECONCILE_HTTP_TOKEN",
): Access {
  const isLoopback = loopbackAddress.test(host);
  if (!isLoopback && !token) {
    const message = `--listen ${host} can be reached from other machines, so it needs a token`;
    const hint =
      "set RECONCILE_HTTP_TOKEN to a long random text, as `openssl rand -hex 32` prints it, or listen on 127.0.0.1";
    throw new ReconcileError("http/tokenMissing", message, { hint });
  }
  if (token && token.length < leastSecretLength) {
    const message = `${name} is shorter than ${leastSecretLength} characters`;
    throw new ReconcileError("http/tokenTooShort", message, {
      hint: "`openssl rand -hex 32` prints a good one",
    });
  }
  return { isLoopback, token: token ?? null };
}

/** From 127.0.0.0 to 127.255.255.255, as programs write an address: `127.999.1.1` may be a name that a name server answers. */
const loopbackIpv4 = String.raw`127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}`;
const loopbackAddress = new RegExp(`^(?:${loopbackIpv4}|localhost|::1)$`, "i");

export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

interface HttpRequest {
  readonly path: string;
  header(name: string): string | undefined;
}

/** Returns null for an allowed request. The page `/` needs no token, because it holds no data and asks for the token. */
export function findRefusal(request: HttpRequest, { isLoopback, token }: Access): Refusal | null {
  const host = request.header("host") ?? "";
  // A web page can point its own name at 127.0.0.1 (DNS rebinding), but it cannot forge the Host.
  if (isLoopback && !loopbackHost.test(host))
    return { status: 403, message: "the Host must be a loopback name, such as localhost" };
  const [, bearer = ""] = /^Bearer (.+)$/i.exec(request.header("authorization") ?? "") ?? [];
  const hasToken = token !== null && isSame(bearer, token);
  // Any page in the same browser can send a request here, but the browser then names the page's origin. Only who has the
  // token may say under which name a proxy serves this page: without it, anyone could send that header.
  const own = [host, ...(hasToken ? forwardedHost(request) : [])];
  const origin = request.header("origin");
  if (origin !== undefined && !own.includes(hostOf(origin) ?? nowhere))
    return { status: 403, message: `requests from pages of another origin are refused${proxyHint}` };
  if (token === null ? isLoopback : request.path === "/") return null;
  return hasToken
    ? null
    : {
        status: 401,
        message:
          "the request needs the header `Authorization: Bearer …` with the value of RECONCILE_HTTP_TOKEN",
      };
}

const loopbackHost = new RegExp(String.raw`^(?:${loopbackIpv4}|localhost|\[::1\])(?::\d+)?$`, "i");

const proxyHint =
  "; a proxy must send the name of its page as X-Forwarded-Host, and the daemon needs RECONCILE_HTTP_TOKEN";

/** Of several proxies, the first one names the host that the browser asked. */
function forwardedHost(request: HttpRequest): readonly string[] {
  const [first = ""] = (request.header("x-forwarded-host") ?? "").split(",");
  return [first.trim().toLowerCase()].filter(Boolean);
}

/** No host has this name; a page without an address of its own has the origin `null`. */
const nowhere = " ";

function hostOf(origin: string): string | null {
  return parseUrl(origin)?.host ?? null;
}

/** Compares in a time that does not depend on where the texts differ. */
function isSame(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}
