// The Git store over http: how it logs in, and what it makes of answers that are late, lost or none.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeRecords, readText, stateKey, takeSurely, taking, textOf } from "../store-suite.ts";
import { git, makeGitWorld, type GitWorld } from "./git-world.ts";
import { basic, serveGit, type HttpRemote, type HttpRemoteOptions } from "./http-remote.ts";

const token = "ghp_canaryTokenThatNobodyMaySee";
const login = basic("x-access-token", token);

let world: GitWorld;
const remotes: HttpRemote[] = [];

beforeEach(() => {
  for (const name of Object.keys(process.env))
    if (/^GIT_|^SSH_|_proxy$/i.test(name)) vi.stubEnv(name, undefined);
  world = makeGitWorld();
  // No setting of the user who runs the tests counts.
  writeFileSync(join(world.root, "settings"), "");
  vi.stubEnv("GIT_CONFIG_GLOBAL", join(world.root, "settings"));
});

afterEach(async () => {
  await world.close();
  for (const remote of remotes.splice(0)) await remote.close();
  vi.unstubAllEnvs();
});

/** Serves the world's repository, and makes it the user's `origin`. */
async function serve(
  options: Partial<HttpRemoteOptions> = {},
  path = "/remote.git",
  user = "",
): Promise<HttpRemote> {
  const remote = await serveGit({ root: world.root, ...options });
  remotes.push(remote);
  const address = `${remote.address.replace("//", `//${user}`)}${path}`;
  git(join(world.root, "work"), "remote", "set-url", "origin", address);
  return remote;
}

test("a token logs Git in, and a trail is kept and read back", async () => {
  const remote = await serve({ login });
  const store = await world.open({ token });
  expect(await store.look(stateKey)).toMatchObject({ fence: 0, holder: null });
  const { fence } = await takeSurely(store, taking(1));
  expect(await store.append(stateKey, fence, makeRecords(1, 3))).toBe(true);
  await store.release(stateKey, fence);
  expect(await readText(await world.open({ token }))).toBe(textOf(makeRecords(1, 3)));
  expect(new Set(remote.logins)).toEqual(new Set([login]));
});

test("a pass pushes once for each of its steps: it takes, appends, and gives back", async () => {
  const remote = await serve();
  const store = await world.open();
  const pushes = (): number =>
    remote.requests.filter((each) => each === "POST /remote.git/git-receive-pack").length;
  await store.look(stateKey);
  const { fence } = await takeSurely(store, taking(1));
  for (const seq of [1, 2, 3]) await store.append(stateKey, fence, makeRecords(seq, seq));
  await store.release(stateKey, fence);
  expect(pushes()).toBe(5);
  // Each question and each push begins with one of these.
  expect(remote.requests.filter((each) => each === "GET /remote.git/info/refs")).toHaveLength(6);
});

test("a refused token is a refusal with a way out, and nothing tells the token", async () => {
  await serve({ login: basic("x-access-token", "another") });
  const store = await world.open({ token });
  const error: unknown = await store.look(stateKey).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "state/refused",
    hint: expect.stringContaining("RECONCILE_GIT_TOKEN") as string,
  });
  expect(JSON.stringify([error, String(error), (error as Error).cause, store.name])).not.toContain(token);
});

test("without a token Git asks nobody, and the refusal names the variable", async () => {
  await serve({ login });
  await expect((await world.open()).look(stateKey)).rejects.toMatchObject({
    code: "state/refused",
    hint: expect.stringContaining("RECONCILE_GIT_TOKEN") as string,
  });
});

test("the user's own helpers and headers neither get the token nor replace it", async () => {
  const remote = await serve({ login });
  const kept = join(world.root, "kept-logins");
  const place = `${remote.address}/remote.git`;
  writeFileSync(
    join(world.root, "settings"),
    [
      `[credential "${remote.address}"]\n\thelper = store --file=${kept}`,
      `[credential]\n\thelper = store --file=${kept}`,
      `[http "${place}"]\n\textraHeader = Authorization: Basic bm9ib2R5Om5vYm9keQ==\n`,
    ].join("\n"),
  );
  writeFileSync(kept, "");
  const store = await world.open({ token });
  await takeSurely(store, taking(1));
  expect(readFileSync(kept, "utf8")).toBe("");
  expect(new Set(remote.logins)).toEqual(new Set([login]));
});

test("a login in the address gives way to the token, whose user it names", async () => {
  const remote = await serve({ login: basic("ada", token) }, "/remote.git", "ada:canary-password@");
  const store = await world.open({ token });
  await takeSurely(store, taking(1));
  expect(store.name).not.toContain("canary-password");
  expect(new Set(remote.logins)).toEqual(new Set([basic("ada", token)]));
});

test("a login in the address is used, and neither the name nor an error shows it", async () => {
  const remote = await serve(
    { login: basic("ada", "canary-password") },
    "/remote.git",
    "ada:canary-password@",
  );
  const store = await world.open();
  await takeSurely(store, taking(1));
  await remote.close();
  const error: unknown = await store.look(stateKey).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "state/unreachable" });
  const shown = [store.name, error, String(error), (error as Error).cause];
  expect(JSON.stringify(shown)).not.toContain("canary-password");
});

test("a host to which the remote leads does not get the token", async () => {
  const other = await serveGit({ root: world.root, login });
  remotes.push(other);
  await serve({
    instead: (request, response) => {
      response.writeHead(302, { location: `${other.address}${request.url ?? ""}` }).end();
      return true;
    },
  });
  await expect((await world.open({ token })).look(stateKey)).rejects.toMatchObject({
    code: "state/refused",
  });
  expect(other.requests.length).toBeGreaterThan(0);
  expect(other.logins).toEqual([]);
});

test("an append whose answer is lost counts, and stands once", async () => {
  let cut = false;
  await serve({
    cutAnswer: (request) => {
      const isLost = cut && request.url === "/remote.git/git-receive-pack";
      if (isLost) cut = false;
      return isLost;
    },
  });
  const store = await world.open();
  const { fence } = await takeSurely(store, taking(1));
  cut = true;
  expect(await store.append(stateKey, fence, makeRecords(1, 3))).toBe(true);
  expect(cut).toBe(false);
  expect(await store.append(stateKey, fence, makeRecords(4, 4))).toBe(true);
  expect(await readText(await world.open())).toBe(textOf(makeRecords(1, 4)));
});

test("a take whose answer is lost has the lease, with the fence that it pushed", async () => {
  let cut = true;
  await serve({
    cutAnswer: (request) => {
      const isLost = cut && request.url === "/remote.git/git-receive-pack";
      if (isLost) cut = false;
      return isLost;
    },
  });
  const store = await world.open();
  const { fence, followed } = await takeSurely(store, taking(1));
  expect({ fence, followed, cut }).toEqual({ fence: 1, followed: 0, cut: false });
  expect(await store.append(stateKey, fence, makeRecords(1, 1))).toBe(true);
});

test("where the remote goes away after the push, the call may be made again", async () => {
  let isAway = false;
  await serve({
    instead: (_request, response) => {
      if (isAway) response.writeHead(503).end();
      return isAway;
    },
    cutAnswer: (request) => {
      const isLost = !isAway && request.url === "/remote.git/git-receive-pack" && fenceTaken;
      if (isLost) isAway = true;
      return isLost;
    },
  });
  let fenceTaken = false;
  const store = await world.open();
  const { fence } = await takeSurely(store, taking(1));
  fenceTaken = true;
  const records = makeRecords(1, 2);
  await expect(store.append(stateKey, fence, records)).rejects.toMatchObject({ code: "state/unreachable" });
  fenceTaken = isAway = false;
  expect(await store.append(stateKey, fence, records)).toBe(true);
  expect(await readText(await world.open())).toBe(textOf(records));
});

test("a take that failed after its push does not keep its own process waiting", async () => {
  let isAway = false;
  let isFirst = true;
  await serve({
    instead: (_request, response) => {
      if (isAway) response.writeHead(503).end();
      return isAway;
    },
    cutAnswer: (request) => {
      const isLost = isFirst && request.url === "/remote.git/git-receive-pack";
      if (isLost) [isAway, isFirst] = [true, false];
      return isLost;
    },
  });
  const store = await world.open();
  await expect(store.take(stateKey, taking(1))).rejects.toMatchObject({ code: "state/unreachable" });
  isAway = false;
  expect((await (await world.open()).look(stateKey)).holder).toEqual(taking(1).holder);
  expect(await takeSurely(store, taking(1))).toMatchObject({ fence: 2 });
  expect(await (await world.open()).take(stateKey, taking(2))).toMatchObject({ ok: false });
});

test("who waits for the lease goes on while the remote does not answer", async () => {
  let isAway = false;
  await serve({
    instead: (_request, response) => {
      if (isAway) response.writeHead(503).end();
      return isAway;
    },
  });
  const [store, other] = [await world.open(), await world.open()];
  const { fence } = await takeSurely(store, taking(1));
  const onWait = (): void => {
    isAway = true;
  };
  let questions = 0;
  const taken = other.take(stateKey, { ...taking(2, { onWait }), waitMs: 60_000 });
  vi.spyOn(world.clock, "sleep").mockImplementation(async () => {
    questions += 1;
    if (questions !== 2) return;
    isAway = false;
    await store.release(stateKey, fence);
  });
  expect(await taken).toMatchObject({ ok: true, followed: fence });
});

test.each([503, 500, 429])("a remote that answers %i is not reachable", async (status) => {
  await serve({
    instead: (_request, response) => {
      response.writeHead(status).end();
      return true;
    },
  });
  await expect((await world.open()).look(stateKey)).rejects.toMatchObject({ code: "state/unreachable" });
});

test("a remote that does not answer in time is not reachable", async () => {
  await serve({ instead: () => true });
  const store = await world.open({ limit: () => AbortSignal.timeout(300) });
  await expect(store.look(stateKey)).rejects.toMatchObject({
    code: "state/unreachable",
    message: expect.stringContaining("no answer within") as string,
  });
});

test("an interrupted take does not wait for a remote that does not answer", async () => {
  await serve({ instead: () => true });
  const store = await world.open();
  const controller = new AbortController();
  const taken = store.take(stateKey, taking(1, { interrupted: controller.signal }));
  await vi.waitUntil(() => (remotes[0]?.requests.length ?? 0) > 0);
  controller.abort();
  await expect(taken).rejects.toMatchObject({ name: "AbortError" });
});

test("a repository that the server does not have is a refusal", async () => {
  await serve({}, "/other.git");
  await expect((await world.open()).look(stateKey)).rejects.toMatchObject({ code: "state/refused" });
});
