// Finds the proxy of a request from the variables HTTPS_PROXY, ALL_PROXY and NO_PROXY.
import { ReconcileError } from "../../model/errors.ts";
import { isWithoutProxy } from "./no-proxy.ts";
import { parseUrl } from "../../lib/parse-url.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

export interface Proxy {
  /** Without credentials, because messages and libraries' logs show it. */
  readonly url: string;
  readonly host: string;
  /** The variable that names it. */
  readonly variable: string;
  /** Basic credentials as a header's value; null if the variable holds none. */
  readonly authorization: string | null;
}

/** The variables that may name a proxy; the first one that is set counts. */
const naming = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/** All variables that decide about proxies. */
export const proxyVariables: readonly string[] = [...naming, "no_proxy", "NO_PROXY"];

/**
 * Null if a request to `url` needs no proxy. A request to a loopback address never does, because it would reach the
 * proxy's own machine. Throws ReconcileError `proxy/malformedUrl`, `proxy/notSupported`.
 */
export function findProxy(url: string, variables: Variables): Proxy | null {
  const variable = naming.find((name) => variables[name]);
  const target = new URL(url);
  if (variable === undefined || isLoopback(target.hostname)) return null;
  if (isWithoutProxy(target, variables["no_proxy"] ?? variables["NO_PROXY"] ?? "")) return null;
  const given = variables[variable] ?? "";
  // Without a scheme, curl takes the proxy for http.
  const address = given.includes("://") ? given : `http://${given}`;
  return parseProxy(address, variable);
}

function isLoopback(hostname: string): boolean {
  return /^(?:(?:.*\.)?localhost\.?|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Messages never repeat the address, because it may hold a password. */
function parseProxy(address: string, variable: string): Proxy {
  const url = parseUrl(address);
  const credentials = url === null || isMisread(url) ? null : decodeCredentials(url);
  if (!url?.hostname || credentials === null) {
    const message = `${variable} is not the URL of a proxy`;
    const hint =
      "write it as http://host:port or http://user:password@host:port, with %40 for an @ and %23 for a # in these";
    throw new ReconcileError("proxy/malformedUrl", message, { hint });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    const hint = "other kinds, such as SOCKS, are not supported: write it as http://host:port";
    throw new ReconcileError("proxy/notSupported", `${variable} is neither an http nor an https proxy`, {
      hint,
    });
  }
  const basic = Buffer.from(credentials, "utf8").toString("base64");
  const authorization = credentials === ":" ? null : `Basic ${basic}`;
  return { url: `${url.protocol}//${url.host}`, host: url.host, variable, authorization };
}

/** True if a password with a `#`, `?` or `/` was cut there, so that a part of it stands where the host belongs. */
function isMisread({ pathname, search, hash }: URL): boolean {
  return `${pathname}${search}${hash}`.includes("@");
}

/** `user:password`, or only a colon without either; null if a % begins no valid escape. */
function decodeCredentials({ username, password }: URL): string | null {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return null;
  }
}
