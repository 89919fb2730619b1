// What Git may use to log in at one remote: the user's own programs, but no question to a person.
import { environmentOf } from "./run-git.ts";

const askpass = ["SSH_ASKPASS", "GIT_ASKPASS"];
const overHttp = [...askpass, "GIT_SSL_\\w+", "(?:https?|all|no)_proxy"];
const overSsh = [...askpass, "SSH_AUTH_SOCK", "GIT_SSH", "GIT_SSH_COMMAND"];

const transports = [
  { address: /^https?:\/\//i, protocol: "http:https", login: overHttp },
  { address: /^git:\/\//i, protocol: "git", login: [] },
  { address: /^(?:ssh|git\+ssh|ssh\+git):\/\//i, protocol: "ssh", login: overSsh },
  // `host:path` has no slash before the colon, and is no address of another kind and no drive of Windows.
  { address: /^(?![a-z]:[\\/])[^/:]+:(?!:|\/\/)/i, protocol: "ssh", login: overSsh },
];

/** The variables for a call to this address, as Git has rewritten it: its transport, and what that one logs in with. */
export function loginFor(address: string): Record<string, string> {
  const { protocol, login } = transports.find((transport) => transport.address.test(address)) ?? {
    protocol: "file",
    login: [],
  };
  const variables = environmentOf(new RegExp(`^(?:${login.join("|")})$`, "i"));
  return { ...variables, GIT_TERMINAL_PROMPT: "0", GIT_ALLOW_PROTOCOL: protocol };
}
