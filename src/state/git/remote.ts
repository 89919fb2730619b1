// The remote that keeps the state: its address, and what each call of Git to it needs.
import { resolve } from "node:path";
import { findGitHint, gitReason } from "../../git/git-hint.ts";
import { loginFor } from "../../git/login.ts";
import { openRepository } from "../../git/open-repository.ts";
import { hideLogins, isLoginAmbiguous } from "../../lib/url-login.ts";
import { parseUrl } from "../../lib/parse-url.ts";
import { ReconcileError } from "../../model/errors.ts";
import { loginByToken } from "./token-login.ts";

export interface RemoteChoice {
  /** The name of a remote that the user's repository has. */
  readonly remote: string;
  /** Logs in over https; null for the user's own ways of Git. */
  readonly token: string | null;
}

export interface Remote {
  readonly form: "http" | "https" | "path" | "ssh";
  readonly address: string;
  /** The address without a login, for people. */
  readonly shown: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly settings: readonly string[];
  /** What `fetch` and `push` need beside other calls. */
  readonly fetchWords: readonly string[];
  readonly pushWords: readonly string[];
}

/** Rejects with ReconcileError `state/refused`; the user's repository is only asked for its remote. */
export async function findRemote({ remote, token }: RemoteChoice): Promise<Remote> {
  const { top, address } = await askAddress(remote);
  const shown = hideLogins(address);
  if (isLoginAmbiguous(address))
    throw refused(`the login in the address of the remote ${remote} cannot be told from the rest of it`, {
      hint: "in the user and the password write %40 for an @, %23 for a #, %2F for a / and %3F for a ?",
    });
  const form = formOf(address);
  if (form === null)
    throw refused(`the state cannot be kept at the remote ${remote}, ${shown}`, {
      hint: "use a remote over https or ssh, over http to this machine, or a path",
    });
  if (form === "path") return { form, shown, ...atPath(resolve(top, filePath(address))) };
  if (token === null || form === "ssh") return { form, shown, ...atHost(address, form) };
  const login = loginByToken(address, token);
  const { variables, settings, ...rest } = atHost(login.address, form);
  return {
    ...{ form, shown, ...rest, variables: { ...variables, ...login.variables } },
    settings: [...settings, ...login.settings],
  };
}

async function askAddress(remote: string): Promise<{ readonly top: string; readonly address: string }> {
  const way = `run \`git remote add ${remote} ADDRESS\`, or name one of \`git remote\` in \`state.git.remote\``;
  try {
    const { top, git } = await openRepository();
    const answer = await git(["remote", "get-url", "--", remote]);
    const [address = ""] = answer.toString("utf8").split(/\r?\n/);
    if (address !== "") return { top, address };
  } catch (error) {
    if (error instanceof ReconcileError) throw error;
    const hint = findGitHint(error) ?? way;
    const reason = gitReason(error);
    const message = `the Git store has no remote ${remote}`;
    // Git's words add nothing to that, or are another reason.
    throw refused(/no such remote/i.test(reason) ? message : `${message}; Git says: ${reason}`, { hint });
  }
  throw refused(`the remote ${remote} has no address`, { hint: way });
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Null for an address that this store does not take. */
function formOf(address: string): Remote["form"] | null {
  if (/^https:\/\//i.test(address)) return "https";
  if (/^http:\/\//i.test(address)) return loopback.has(parseUrl(address)?.hostname ?? "") ? "http" : null;
  if (/^(?:ssh|git\+ssh|ssh\+git):\/\//i.test(address)) return "ssh";
  if (/^file:\/\//i.test(address)) return "path";
  // Another transport, or a helper: `git://host/a`, `ext::sh -c x`.
  if (/^[a-z][a-z0-9+.-]*:(?:\/\/|:)/i.test(address)) return null;
  return /^(?![a-z]:[\\/])[^/:]+:/i.test(address) ? "ssh" : "path";
}

function filePath(address: string): string {
  return /^file:\/\//i.test(address) ? decodeURIComponent(address.slice("file://".length)) : address;
}

type Place = Omit<Remote, "form" | "shown">;

/**
 * Git starts the other side itself. That side is to flush what it takes, and not to search for similar segments, which
 * makes the first fetch of 100,000 records 13 s longer and 1 % smaller.
 */
function atPath(path: string): Place {
  return {
    address: path,
    variables: loginFor("/"),
    settings: [],
    fetchWords: ["--upload-pack=git -c pack.window=0 upload-pack"],
    pushWords: ["--receive-pack=git -c core.fsync=all -c core.fsyncObjectFiles=true receive-pack"],
  };
}

const protocols = { https: "https", http: "http", ssh: "ssh" };

function atHost(address: string, form: keyof typeof protocols): Place {
  return {
    address,
    variables: { ...loginFor(address), GIT_ALLOW_PROTOCOL: protocols[form] },
    settings: [...pinned(address), "http.followRedirects=initial", ...stalled],
    fetchWords: [],
    pushWords: [],
  };
}

/** A transfer that stands still for half a minute ends. */
const stalled = ["http.lowSpeedLimit=1", "http.lowSpeedTime=30"];

/** The address is the one after the user's `insteadOf` settings; another turn would lead elsewhere. */
function pinned(address: string): string[] {
  if (address.includes("=")) return [];
  return [`url.${address}.insteadOf=${address}`, `url.${address}.pushInsteadOf=${address}`];
}

function refused(message: string, more: { readonly hint: string }): ReconcileError {
  return new ReconcileError("state/refused", message, more);
}
