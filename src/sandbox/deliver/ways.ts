// Where events for an endpoint are really sent: to loopback, where a route leads, or to a host that the user named. Nothing else
// gets any.
import { parseUrl } from "../../lib/parse-url.ts";

/** `--route FROM=TO`. */
export interface Way {
  /** An endpoint's URL, its origin, or its host, as the user wrote it. */
  readonly from: string;
  readonly to: URL;
}

export interface Ways {
  readonly routes: readonly Way[];
  /** The hosts to which events are sent as they are, with or without a port. */
  readonly hosts: readonly string[];
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Returns what is wrong with it, as text, if it is no route. */
export function parseWay(text: string): Way | string {
  const split = text.indexOf("=http");
  if (split < 1) return "must be FROM=TO, as in hooks.example.com=http://127.0.0.1:8080";
  const [from, to] = [text.slice(0, split), parseUrl(text.slice(split + 1))];
  if (!to) return `has no valid URL behind the =: ${text.slice(split + 1)}`;
  if (!loopback.has(to.hostname))
    return `must lead to this machine (127.0.0.1, localhost or [::1]), not to ${to.host}`;
  if (to.username !== "" || to.password !== "") return "must have no login in its URL";
  if (from.includes("://") ? !parseUrl(from) : !isHost(from))
    return `must begin with an endpoint's URL, its origin or its host, not with ${from}`;
  return { from, to };
}

/** A host, with or without a port: `hooks.example.com:8443`. */
export function isHost(text: string): boolean {
  const url = parseUrl(`https://${text}`);
  return url !== null && (url.host === text.toLowerCase() || `${url.hostname}:443` === text.toLowerCase());
}

/** Returns the URL to which an endpoint's events are sent; null if they are not sent. The longest route wins. */
export function findWay(endpoint: string, { routes, hosts }: Ways): string | null {
  const url = parseUrl(endpoint);
  if (!url) return null;
  const [route] = routes
    .filter(({ from }) => fits(from, url))
    .sort((a, b) => b.from.length - a.from.length);
  if (route) return isWhole(route.from) ? route.to.href : joinPath(route.to, url);
  return hosts.some((host) => isHostOf(host, url)) ? url.href : null;
}

function fits(from: string, url: URL): boolean {
  if (!from.includes("://")) return isHostOf(from, url);
  const wanted = parseUrl(from);
  if (!wanted) return false;
  return isWhole(from) ? wanted.href === url.href : wanted.origin === url.origin;
}

function isHostOf(host: string, url: URL): boolean {
  const wanted = host.toLowerCase();
  const { port } = parseUrl(`https://${wanted}`) ?? { port: "" };
  const hasPort = port !== "" || wanted.endsWith(":443");
  return hasPort ? wanted === `${url.hostname}:${url.port || "443"}` : wanted === url.hostname;
}

/** True if it is a whole URL, and not an origin or a host. */
function isWhole(from: string): boolean {
  const url = from.includes("://") ? parseUrl(from) : null;
  return url !== null && (url.pathname !== "/" || url.search !== "");
}

function joinPath(to: URL, { pathname, search }: URL): string {
  return `${to.origin}${to.pathname.replace(/\/$/, "")}${pathname}${search}`;
}
