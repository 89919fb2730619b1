// Which connection's authorisation is used for an endpoint: the first one with a pattern that fits its host.
import type { AwsWebhooks } from "../../model/config.ts";

type Connection = AwsWebhooks["connections"][number];

/** Null if none fits. `host` is one that a URL parser returned. */
export function findConnection(host: string, connections: readonly Connection[]): Connection | null {
  return connections.find(({ hosts }) => hosts.some((pattern) => fitsHost(host, pattern))) ?? null;
}

/** `*` fits every host, `*.example.com` every one below example.com, and not example.com itself. */
function fitsHost(host: string, pattern: string): boolean {
  if (pattern === "*") return true;
  const wanted = pattern.toLowerCase();
  return wanted.startsWith("*.") ? host.endsWith(wanted.slice(1)) : host === wanted;
}
