// Under which addresses anybody could read a remote.
import { expect, test } from "vitest";
import { anonymousAddresses } from "../../../src/state/git/find-public-address.ts";

test.each([
  ["https", "https://github.com/acme/a.git", ["https://github.com/acme/a.git"]],
  [
    "https",
    "https://ada:word@git.example.com:8443/acme/a",
    ["https://git.example.com:8443/acme/a", "git://git.example.com/acme/a"],
  ],
  ["ssh", "git@github.com:acme/a.git", ["https://github.com/acme/a.git"]],
  ["ssh", "ssh://git@ssh.github.com:443/acme/a.git", ["https://github.com/acme/a.git"]],
  [
    "ssh",
    "git@git.example.com:/srv/a.git",
    ["https://git.example.com/srv/a.git", "git://git.example.com/srv/a.git"],
  ],
  ["http", "http://127.0.0.1:8080/a.git", []],
  ["path", "/srv/a.git", []],
] as const)("over %s, %s could be public at %j", (form, address, expected) => {
  expect(anonymousAddresses({ form, address })).toEqual(expected);
});
