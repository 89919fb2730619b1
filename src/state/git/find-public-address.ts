// Asks whether anybody can read the remote: without a login, over https and over Git's own protocol.
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { loginFor } from "../../git/login.ts";
import { parseUrl } from "../../lib/parse-url.ts";
import type { Limit, OwnRepository } from "./own-repository.ts";
import type { Remote } from "./remote.ts";
import { settingPlace } from "./token-login.ts";

type Asking = Pick<OwnRepository, "git" | "folder">;

/** A host that does not answer in this time offers nothing to others, either. */
const askLimitMs = 10_000;
/** These hosts do not speak `git://`, and some let the question wait. */
const withoutGitProtocol =
  /(?:^|\.)(?:github\.com|gitlab\.com|bitbucket\.org|azure\.com|visualstudio\.com|codeberg\.org|amazonaws\.com)$/i;

/** Returns an address at which the remote answers without a login; null if there is none, or it is not known. */
export async function findPublicAddress(
  remote: Pick<Remote, "form" | "address">,
  { repository, limit }: { readonly repository: Asking; readonly limit: Limit },
): Promise<string | null> {
  const addresses = anonymousAddresses(remote);
  const answers = await Promise.all(
    addresses.map((address) => answers200(address, { repository, abort: limit(askLimitMs) })),
  );
  return addresses.find((_address, index) => answers[index]) ?? null;
}

/** The addresses under which the repository of a remote could be read by anybody. */
export function anonymousAddresses({ form, address }: Pick<Remote, "form" | "address">): readonly string[] {
  const place = form === "https" || form === "ssh" ? placeOf(form, address) : null;
  if (place === null) return [];
  const { host, port, path } = place;
  const name = host.replace(/^(?:alt)?ssh\.(?=[^.]+\.)/i, "");
  const overHttps = `https://${name}${form === "https" ? port : ""}/${path}`;
  return withoutGitProtocol.test(name) ? [overHttps] : [overHttps, `git://${name}/${path}`];
}

interface Place {
  readonly host: string;
  /** With its colon; empty for the usual one. */
  readonly port: string;
  readonly path: string;
}

function placeOf(form: "https" | "ssh", address: string): Place | null {
  const url = /^[a-z+]+:\/\//i.test(address) ? parseUrl(address) : null;
  if (url) {
    const port = url.port === "" ? "" : `:${url.port}`;
    return { host: url.hostname, port, path: url.pathname.replace(/^\/+/, "") };
  }
  const [, host = "", path = ""] = /^(?:[^@/]*@)?([^:/]+):\/*(.+)$/.exec(address) ?? [];
  return form === "ssh" && host !== "" ? { host, port: "", path } : null;
}

async function answers200(
  address: string,
  { repository, abort }: { readonly repository: Asking; readonly abort: AbortSignal },
): Promise<boolean> {
  const [host = ""] = /^[a-z]+:\/\/[^/]*/i.exec(address) ?? [];
  const place = settingPlace(address, host);
  const settings = [
    ...[`credential.${place}.helper=`, `http.${place}.extraHeader=`, `http.${place}.cookieFile=`],
    ...["http.emptyAuth=false", `url.${place}.insteadOf=${place}`],
  ];
  const variables = { ...loginFor(address), ...(await withoutLogin(repository.folder())) };
  try {
    await repository.git(["ls-remote", "--quiet", "--", address, "HEAD"], { settings, variables, abort });
    return true;
  } catch {
    return false;
  }
}

/** With an empty home Git's transport finds no `.netrc`; the user's settings of Git, such as a proxy, stay. */
async function withoutLogin(home: string): Promise<Record<string, string>> {
  const own = join(homedir(), ".gitconfig");
  const hasOwn = await access(own).then(
    () => true,
    () => false,
  );
  return {
    HOME: home,
    ...{ GIT_ASKPASS: "", SSH_ASKPASS: "", KRB5CCNAME: join(home, "none"), GIT_TERMINAL_PROMPT: "0" },
    XDG_CONFIG_HOME: process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config"),
    ...(hasOwn && process.env["GIT_CONFIG_GLOBAL"] === undefined ? { GIT_CONFIG_GLOBAL: own } : {}),
  };
}
