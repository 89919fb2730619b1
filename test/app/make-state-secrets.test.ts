// The secrets of a shared store: from a variable, or from a file that is read anew each time.
import { expect, test } from "vitest";
import { readEnvironment } from "../../src/app/environment.ts";
import { makeStateSecrets } from "../../src/app/make-state-secrets.ts";
import { failureOf } from "../genesys/fake-send.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";

const address = "postgres://user:pass%40word@db.example.com/state";

test("a variable gives each of them; without a token there is none", async () => {
  const files = makeMemoryFiles({});
  const given = { RECONCILE_DATABASE_URL: address, RECONCILE_GIT_TOKEN: "ghp_token\n" };
  const both = makeStateSecrets(given, files);
  expect([await both.readDatabaseUrl(), await both.readGitToken()]).toEqual([address, "ghp_token"]);
  expect(await makeStateSecrets({}, files).readGitToken()).toBeNull();
});

test("a file is read again with each call", async () => {
  const files = makeMemoryFiles({ "/run/url": `${address}\n`, "/run/token": "one" });
  const secrets = makeStateSecrets(
    { RECONCILE_DATABASE_URL_FILE: "/run/url", RECONCILE_GIT_TOKEN_FILE: "/run/token" },
    files,
  );
  expect([await secrets.readDatabaseUrl(), await secrets.readGitToken()]).toEqual([address, "one"]);
  files.set("/run/url", "postgres://other/state\r\n");
  files.set("/run/token", "two\n");
  expect([await secrets.readDatabaseUrl(), await secrets.readGitToken()]).toEqual([
    "postgres://other/state",
    "two",
  ]);
  files.set("/run/url", "\n");
  expect((await failureOf(secrets.readDatabaseUrl())).code).toBe("secret/empty");
  files.take("/run/token");
  expect((await failureOf(secrets.readGitToken())).code).toBe("secret/unreadable");
});

test("both forms at once, and no address at all, are errors that show nothing of it", async () => {
  const files = makeMemoryFiles({ "/run/url": address });
  const twice = { RECONCILE_DATABASE_URL: address, RECONCILE_DATABASE_URL_FILE: "/run/url" };
  const failure = await failureOf(makeStateSecrets(twice, files).readDatabaseUrl());
  expect(failure.code).toBe("secret/givenTwice");
  expect(`${failure.message} ${failure.hint ?? ""}`).not.toContain("pass");
  expect(await failureOf(makeStateSecrets({}, files).readDatabaseUrl())).toMatchObject({
    code: "state/addressMissing",
    message: "RECONCILE_DATABASE_URL is not set",
  });
});

test("an address in .env is none, in either form", async () => {
  const files = makeMemoryFiles({
    ".env": `RECONCILE_DATABASE_URL=${address}\nRECONCILE_GIT_TOKEN_FILE=/run/url\n`,
    "/run/url": address,
  });
  const { variables, ignored } = await readEnvironment({}, files);
  const secrets = makeStateSecrets(variables, files);
  expect((await failureOf(secrets.readDatabaseUrl())).code).toBe("state/addressMissing");
  expect(await secrets.readGitToken()).toBeNull();
  expect(ignored).toMatchObject([
    { names: ["RECONCILE_DATABASE_URL", "RECONCILE_GIT_TOKEN_FILE"], because: null },
  ]);
});
