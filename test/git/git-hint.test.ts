// Git's refusals that have a way out, in the words of its versions.
import { expect, test } from "vitest";
import { findGitHint } from "../../src/git/git-hint.ts";

test.each([
  [
    "fatal: detected dubious ownership in repository at '/srv/a b'\nTo add an exception for this directory, call:",
    "safe.directory '/srv/a b'",
  ],
  [
    "fatal: unable to access 'https://h/': SSL certificate problem: unable to get local issuer certificate",
    "GIT_SSL_CAINFO",
  ],
  [
    "fatal: unable to access 'https://h/': server certificate verification failed. CAfile: none",
    "GIT_SSL_CAINFO",
  ],
  [
    "fatal: unable to access 'https://h/': SSL: no alternative certificate subject name matches",
    "GIT_SSL_CAINFO",
  ],
])("%s", (message, expected) => {
  expect(findGitHint(new Error(message))).toContain(expected);
});

test("any other message has no hint", () => {
  expect(findGitHint(new Error("fatal: couldn't find remote ref main"))).toBeNull();
});
