// A remote gets the variables of its own kind of login, and of no other.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loginFor } from "../../src/git/login.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const kerberos = ["KRB5CCNAME", "KRB5_CONFIG"];
const http = [
  ...["GIT_ASKPASS", "GIT_HTTP_PROXY_AUTHMETHOD", "GIT_PROXY_SSL_CAINFO", "GIT_SSL_CAINFO", ...kerberos],
  ...["SSL_CERT_DIR", "SSL_CERT_FILE", "https_proxy"],
];
const ssh = ["GIT_ASKPASS", "GIT_SSH_COMMAND", ...kerberos, "SSH_AUTH_SOCK"];

beforeEach(() => {
  for (const name of Object.keys(process.env))
    if (/^(?:GIT|SSH|SSL|KRB5)|_proxy$/i.test(name)) vi.stubEnv(name, undefined);
  for (const name of [...http, ...ssh, "GENESYS_CLIENT_SECRET", "NOT_A_PROXY", "SSLKEYLOGFILE"])
    vi.stubEnv(name, "the-value");
});

test.each([
  ["https://git.example.com/a.git", "http:https", http],
  ["HTTP://git.example.com/a.git", "http:https", http],
  ["ssh://git@git.example.com/a.git", "ssh", ssh],
  ["git@git.example.com:acme/a.git", "ssh", ssh],
  ["git://git.example.com/a.git", "git", []],
  ["/srv/git/a.git", "file", []],
  ["file:///srv/git/a.git", "file", []],
  ["C:\\git\\a.git", "file", []],
  ["./a:b.git", "file", []],
  ["ext::sh -c x", "file", []],
])(
  "a remote gets the login of its own transport, and no other secret: %s, over %s",
  (address, protocol, names) => {
    const { GIT_ALLOW_PROTOCOL, GIT_TERMINAL_PROMPT, ...login } = loginFor(address);
    expect([GIT_ALLOW_PROTOCOL, GIT_TERMINAL_PROMPT]).toEqual([protocol, "0"]);
    expect(Object.keys(login).sort()).toEqual(names);
  },
);

test.each([
  "http://user:p@hidden#word@proxy.example.com:3128",
  "user:p@hidden/word@proxy.example.com:3128",
])("Git gets no proxy whose password it could take for a host: %s", (proxy) => {
  vi.stubEnv("https_proxy", proxy);
  expect(() => loginFor("https://git.example.com/a.git")).toThrow("https_proxy is not the URL of a proxy");
  expect(loginFor("git@git.example.com:acme/a.git")).not.toHaveProperty("https_proxy");
});
