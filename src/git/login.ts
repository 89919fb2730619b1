// The variables that let Git log in at one remote with the user's own programs, but without asking a person.
import { isLoginAmbiguous } from "../lib/url-login.ts";
import { ReconcileError } from "../model/errors.ts";
import { environmentOf } from "./run-git.ts";

const overBoth = ["SSH_ASKPASS", "GIT_ASKPASS", "KRB5_CONFIG", "KRB5CCNAME"];
/** A company's own certificate authority may stand in `SSL_CERT_FILE`, and only there. */
const certificates = ["SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_\\w+"];
const proxy = ["(?:https?|all|no)_proxy", "GIT_PROXY_SSL_\\w+", "GIT_HTTP_PROXY_AUTHMETHOD"];
const overHttp = [...overBoth, ...certificates, ...proxy];
const overSsh = [...overBoth, "SSH_AUTH_SOCK", "GIT_SSH", "GIT_SSH_COMMAND"];

const transports = [
  { address: /^https?:\/\//i, protocol: "http:https", login: overHttp },
  { address: /^git:\/\//i, protocol: "git", login: [] },
  { address: /^(?:ssh|git\+ssh|ssh\+git):\/\//i, protocol: "ssh", login: overSsh },
  // `host:path`: no slash before the colon, no other kind of address, and no drive of Windows.
  { address: /^(?![a-z]:[\\/])[^/:]+:(?!:|\/\/)/i, protocol: "ssh", login: overSsh },
];

/**
 * The variables for a call to this address: its transport, and what that transport needs to log in. `address` is the one
 * that Git uses after its `insteadOf` settings.
 * Throws ReconcileError `proxy/malformedUrl`.
 */
export function loginFor(address: string): Record<string, string> {
  const { protocol, login } = transports.find((transport) => transport.address.test(address)) ?? {
    protocol: "file",
    login: [],
  };
  const variables = environmentOf(new RegExp(`^(?:${login.join("|")})$`, "i"));
  requireProxies(variables);
  return { ...variables, GIT_TERMINAL_PROMPT: "0", GIT_ALLOW_PROTOCOL: protocol };
}

/** Git would take a part of such a password for the proxy's host, look it up, and print it. */
function requireProxies(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const address = value.includes("://") ? value : `http://${value}`;
    if (!/_proxy$/i.test(name) || /^no_proxy$/i.test(name) || !isLoginAmbiguous(address)) continue;
    const hint = "in the user and the password write %40 for an @, %23 for a # and %2F for a /";
    throw new ReconcileError("proxy/malformedUrl", `${name} is not the URL of a proxy`, { hint });
  }
}
