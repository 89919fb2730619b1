// Tells whether the remote that keeps the state is the repository of the code, which more people read than an audit trail.
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { openRepository, type Git } from "../../git/open-repository.ts";
import { parseUrl } from "../../lib/parse-url.ts";

const origin = "origin";

/**
 * Compares the remotes by their addresses, because two names can have one. Asks no network. False where there is no remote
 * `origin`, or where Git cannot be asked: the store itself tells what is wrong then.
 */
export async function leadsToOrigin(remote: string): Promise<boolean> {
  if (remote === origin) return true;
  try {
    const { top, git } = await openRepository();
    const [own, code] = await Promise.all([remote, origin].map((name) => placesOf(name, git, top)));
    return own?.some((place) => code?.includes(place)) ?? false;
  } catch {
    return false;
  }
}

/** Where the remote is fetched from, and where it is pushed to. */
async function placesOf(name: string, git: Git, top: string): Promise<readonly string[]> {
  const answers = await Promise.all(
    [[], ["--push"]].map((words) => git(["remote", "get-url", "--all", ...words, "--", name])),
  );
  const addresses = answers.flatMap((answer) => answer.toString("utf8").split(/\r?\n/).filter(Boolean));
  return Promise.all(addresses.map((address) => placeOf(address, top)));
}

/**
 * One name for all addresses of a repository: without scheme, login and port, since a host may serve it over https and over
 * ssh, and without case, since hosts differ in whether it counts.
 */
async function placeOf(address: string, top: string): Promise<string> {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? parseUrl(address) : null;
  if (url && url.protocol !== "file:") return placeAt(url.hostname, url.pathname);
  const [, host, path] = /^(?:[^@/]*@)?(?![a-z]:[\\/])([^:/]+):(?!:|\/\/)(.+)$/i.exec(address) ?? [];
  if (!url && host !== undefined && path !== undefined) return placeAt(host, path);
  const folder = resolve(top, url ? decodeURIComponent(url.pathname) : address);
  return (await realpath(folder).catch(() => folder)).replace(/\/+$/, "");
}

function placeAt(host: string, path: string): string {
  const name = host.replace(/^(?:alt)?ssh\.(?=[^.]+\.)/i, "");
  return `${name}/${path.replace(/^\/+|\/+$/g, "").replace(/\.git$/i, "")}`.toLowerCase();
}
