// Who may come in over HTTP: whoever has the token; on loopback, where there is none, whoever is on this machine.
import { createHash, timingSafeEqual } from "node:crypto";
import { ReconcileError } from "../model/errors.ts";

export interface Door {
  /** It listens on a loopback address only. */
  readonly isLoopback: boolean;
  /** `RECONCILE_HTTP_TOKEN`: asked for wherever it is set; null where there is none, which only loopback may do without. */
  readonly token: string | null;
}

/** Throws ReconcileError `http/tokenMissing`, `http/tokenTooShort`. */
export function makeDoor(host: string, token: string | undefined): Door {
  const isLoopback = loopbackAddress.test(host);
  if (!isLoopback && !token) {
    const message = `--listen ${host} can be reached from elsewhere, so it needs a token`;
    const hint =
      "set RECONCILE_HTTP_TOKEN to a long random text, such as that of: openssl rand -hex 32; or listen on 127.0.0.1";
    throw new ReconcileError("http/tokenMissing", message, { hint });
  }
  if (token && token.length < leastTokenLength) {
    const message = `RECONCILE_HTTP_TOKEN is shorter than ${leastTokenLength} characters`;
    throw new ReconcileError("http/tokenTooShort", message, {
      hint: "openssl rand -hex 32 makes a good one",
    });
  }
  return { isLoopback, token: token ?? null };
}

/** Nobody guesses it, and nobody counts tries. */
const leastTokenLength = 16;

const loopbackAddress = /^(127(\.\d{1,3}){3}|localhost|::1)$/i;

export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

interface Visitor {
  readonly path: string;
  header(name: string): string | undefined;
}

/** Null where it may. The page itself tells nothing, and asks for the token. */
export function mayCome(visitor: Visitor, { isLoopback, token }: Door): Refusal | null {
  const host = visitor.header("host") ?? "";
  // A web page can point its own name at 127.0.0.1 (DNS rebinding), but it cannot forge the Host.
  if (isLoopback && !loopbackHost.test(host))
    return { status: 403, message: "only asked for by a loopback name, such as localhost" };
  // Any page in the same browser can send a request here, but it has to say from where.
  const origin = visitor.header("origin");
  if (origin !== undefined && hostOf(origin) !== host)
    return { status: 403, message: "not for pages from elsewhere" };
  if (token === null ? isLoopback : visitor.path === "/") return null;
  const [, given = ""] = /^Bearer (.+)$/i.exec(visitor.header("authorization") ?? "") ?? [];
  return token !== null && isSame(given, token)
    ? null
    : { status: 401, message: "needs the bearer token of RECONCILE_HTTP_TOKEN" };
}

const loopbackHost = /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i;

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** In a time that tells nothing about where they differ. */
function isSame(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return first !== undefined && second !== undefined && timingSafeEqual(first, second);
}
