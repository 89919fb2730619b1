// A remote that anybody can read must not hold a trail.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { askWithoutLogin } from "../../../src/state/git/ask-without-login.ts";
import { certificate } from "../../support/proxy.ts";
import { stateKey, takeSurely, taking } from "../store-suite.ts";
import { git, makeGitWorld, type GitWorld } from "./git-world.ts";
import { basic, serveGit, type HttpRemote } from "./http-remote.ts";

let world: GitWorld;
let remote: HttpRemote;
const token = "a-token";

async function serve(login?: string): Promise<void> {
  const key = readFileSync(join(import.meta.dirname, "../../fixtures/tls-key.pem"), "utf8");
  const tls = { key, cert: certificate };
  remote = await serveGit({ root: world.root, tls, ...(login === undefined ? {} : { login }) });
  git(join(world.root, "work"), "remote", "set-url", "origin", `${remote.address}/remote.git`);
}

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/^GIT_|_proxy$/i.test(name)) vi.stubEnv(name, undefined);
  world = makeGitWorld();
  writeFileSync(join(world.root, "settings"), "");
  vi.stubEnv("GIT_CONFIG_GLOBAL", join(world.root, "settings"));
  vi.stubEnv("GIT_SSL_NO_VERIFY", "true");
});

afterEach(async () => {
  await world.close();
  await remote.close();
  vi.unstubAllEnvs();
});

test("a remote that answers without a login is refused before anything is pushed", async () => {
  await serve();
  const store = await world.open({ token });
  await expect(store.take(stateKey, taking(1))).rejects.toMatchObject({
    code: "state/public",
    message: expect.stringContaining(`${remote.address}/remote.git`) as string,
    hint: expect.stringContaining("state.git.remote") as string,
  });
  expect(await store.findPublicAddress()).toBe(`${remote.address}/remote.git`);
  expect(await askWithoutLogin("origin")).toBe(`${remote.address}/remote.git`);
  expect(git(world.remote, "for-each-ref")).toBe("");
  expect(remote.logins).toEqual([]);
});

test("without a store: a remote that wants a login, that is gone or has no such name, answers nobody", async () => {
  await serve(basic("x-access-token", token));
  // As a checkout in CI leaves it.
  git(
    join(world.root, "work"),
    ...[
      "config",
      `http.${remote.address}/.extraheader`,
      `Authorization: ${basic("x-access-token", token)}`,
    ],
  );
  expect([await askWithoutLogin("origin"), await askWithoutLogin("state")]).toEqual([null, null]);
  expect(remote.logins).toEqual([]);
  git(join(world.root, "work"), "remote", "set-url", "origin", "https://127.0.0.1:1/gone.git");
  expect(await askWithoutLogin("origin")).toBeNull();
});

test("a remote that wants a login is asked without one once, whatever logins this user has", async () => {
  await serve(basic("x-access-token", token));
  const host = new URL(remote.address).hostname;
  writeFileSync(join(world.root, ".netrc"), `machine ${host} login x-access-token password ${token}\n`);
  vi.stubEnv("HOME", world.root);
  writeFileSync(
    join(world.root, "settings"),
    `[credential "${remote.address}"]\n\thelper = "!f() { echo username=x-access-token; echo password=${token}; }; f"\n`,
  );
  const store = await world.open({ token });
  expect(await store.findPublicAddress()).toBeNull();
  expect(remote.logins).toEqual([]);
  const asked = remote.requests.length;
  expect(await store.findPublicAddress()).toBeNull();
  expect(remote.requests).toHaveLength(asked);
  await takeSurely(store, taking(1));
  await takeSurely(store, taking(2), { ...stateKey, owner: "other" });
});
