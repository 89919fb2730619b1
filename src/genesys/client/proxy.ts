// Which proxy a request goes through, as HTTPS_PROXY, ALL_PROXY and NO_PROXY say.
import { withEnvironment } from "../../lib/with-environment.ts";
import { ReconcileError } from "../../model/errors.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

export interface Proxy {
  /** Without credentials: what is shown, and what libraries may log, is made from it. */
  readonly url: string;
  readonly host: string;
  /** The variable that names it. */
  readonly variable: string;
  /** Basic credentials as a header's value; null where the variable holds none. */
  readonly authorization: string | null;
}

/** Those that may name a proxy, the first that is set counting. */
const naming = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/** All that decide about proxies. */
export const proxyVariables: readonly string[] = [...naming, "no_proxy", "NO_PROXY"];

/**
 * Null where a request to `url` goes straight there, as every one to a loopback address does: a proxy cannot know
 * which machine is meant. Throws ReconcileError `proxy/malformedUrl`, `proxy/notSupported`.
 */
export async function findProxy(url: string, variables: Variables): Promise<Proxy | null> {
  const variable = naming.find((name) => variables[name]);
  if (variable === undefined || isLoopback(new URL(url).hostname)) return null;
  const given = variables[variable] ?? "";
  // As curl reads it; the library would take it for https.
  const address = given.includes("://") ? given : `http://${given}`;
  const { getProxyForUrl } = await import("proxy-from-env");
  const shown = { https_proxy: address, NO_PROXY: variables["no_proxy"] ?? variables["NO_PROXY"] };
  const isUsed = withEnvironment(shown, () => getProxyForUrl(url) !== "");
  return isUsed ? parseProxy(address, variable) : null;
}

function isLoopback(hostname: string): boolean {
  return /^(?:(?:.*\.)?localhost\.?|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** The address itself is never repeated: it may hold a password. */
function parseProxy(address: string, variable: string): Proxy {
  const url = URL.canParse(address) ? new URL(address) : null;
  const credentials = url === null ? null : decodeCredentials(url);
  if (!url?.hostname || credentials === null) {
    const message = `${variable} is not the URL of a proxy`;
    const hint =
      "write it as http://host:port or http://user:password@host:port, with %40 for an @ in these";
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

/** `user:password`, a lone colon without either; null where a % stands for nothing. */
function decodeCredentials({ username, password }: URL): string | null {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return null;
  }
}
