import { connect } from "node:net";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { diskFiles } from "../../src/lib/files.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/server.ts";
import { makeMemoryFiles } from "./memory-files.ts";
import { tokenRequest, webhookBody } from "./sandbox-client.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(more: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({
    files: makeMemoryFiles(),
    clock: { now: () => 0 },
    random: systemRandom,
    statePath: "/state/sandbox.json",
    port: 0,
    ...more,
  });
  cleanups.push(() => sandbox.close());
  return sandbox;
}

async function signIn(sandbox: Sandbox): Promise<Record<string, string>> {
  const response = await fetch(`${sandbox.url}/oauth/token`, { method: "POST", ...tokenRequest() });
  const { access_token } = (await response.json()) as { access_token: string };
  return { authorization: `Bearer ${access_token}` };
}

function post(sandbox: Sandbox, headers: Record<string, string>, body: unknown): Promise<Response> {
  return fetch(`${sandbox.url}/api/v2/webhooks`, { method: "POST", headers, body: JSON.stringify(body) });
}

test("serves the whole life of a webhook over HTTP and counts the requests", async () => {
  const sandbox = await start();
  expect(sandbox.url).toBe(`http://127.0.0.1:${sandbox.port}`);
  const headers = await signIn(sandbox);
  const created = await post(sandbox, headers, webhookBody());
  expect(created.status).toBe(201);
  expect(created.headers.get("inin-ratelimit-count")).toBe("1");
  const { id } = (await created.json()) as { id: string };
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

  const url = `${sandbox.url}/api/v2/webhooks/${id}`;
  const replaced = await fetch(url, {
    method: "PUT",
    headers,
    body: JSON.stringify(webhookBody({ description: "été" })),
  });
  expect(await replaced.json()).toMatchObject({ id, description: "été" });
  const removed = await fetch(url, { method: "DELETE", headers });
  expect([removed.status, await removed.text()]).toEqual([204, ""]);
  expect((await fetch(url, { headers })).status).toBe(404);
  expect(sandbox.requests()).toBe(5);
});

test("webhooks outlive a restart on the disk, tokens do not", async () => {
  const directory = await mkdtemp(join(tmpdir(), "sandbox-"));
  cleanups.push(() => rm(directory, { recursive: true }));
  const statePath = join(directory, "deep", "sandbox.json");
  const first = await start({ files: diskFiles, statePath });
  const headers = await signIn(first);
  const { id } = (await (await post(first, headers, webhookBody())).json()) as { id: string };
  expect(await readFile(statePath, "utf8")).toContain(id); // before the answer, not at close
  expect((await stat(statePath)).mode & 0o777).toBe(0o600);
  await first.close();

  const second = await start({ files: diskFiles, statePath });
  expect((await fetch(`${second.url}/api/v2/webhooks`, { headers })).status).toBe(401);
  const list = await fetch(`${second.url}/api/v2/webhooks`, { headers: await signIn(second) });
  expect(await list.json()).toMatchObject({ total: 1, entities: [{ id, ...webhookBody() }] });
});

test("takes the credentials and the life of tokens that it is given", async () => {
  const sandbox = await start({
    credentials: { clientId: "other", clientSecret: "s:e" },
    tokenLifeSeconds: 90,
  });
  const send = (pair: string) =>
    fetch(`${sandbox.url}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(pair)}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
  expect(await (await send("other:s:e")).json()).toMatchObject({ expires_in: 90 });
  expect((await send("sandbox:sandbox-secret")).status).toBe(401);
});

test("quick creates share writes, and each answer comes after its write", async () => {
  const files = makeMemoryFiles();
  const held = files.hold();
  const names = Array.from({ length: 100 }, (_, index) => `webhook-${index}`);
  let allArrived = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (allArrived = resolve));
  let reads = 0; // the sandbox reads the clock once a request
  const now = () => {
    if (++reads === 1 + names.length) allArrived();
    return 0;
  };
  const sandbox = await start({ files, clock: { now } });
  const headers = await signIn(sandbox);
  let answered = 0;
  const creating = names.map(async (name) => {
    expect((await post(sandbox, headers, webhookBody({ name }))).status).toBe(201);
    expect(files.texts.get("/state/sandbox.json")).toContain(`"${name}"`);
    answered += 1;
  });
  await arrived;
  expect(answered).toBe(0);
  held.release();
  await Promise.all(creating);
  expect(files.writes).toHaveLength(2);
});

test("a write that fails is a 500 with the reason, and a notice", async () => {
  const files = makeMemoryFiles();
  files.beforeWrite = () => Promise.reject(new Error("disk full"));
  const notices: string[] = [];
  const sandbox = await start({ files, onNotice: (message) => notices.push(message) });
  const response = await post(sandbox, await signIn(sandbox), webhookBody());
  const message = "cannot write the sandbox's state to /state/sandbox.json: disk full";
  expect(response.status).toBe(500);
  expect(response.headers.get("inin-correlation-id")).not.toBeNull();
  expect(await response.json()).toMatchObject({ message, status: 500 });
  expect(notices).toEqual([message]);
});

/** The status of a GET with a raw target and Host. */
function get(sandbox: Sandbox, target: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: sandbox.port, path: target, headers: { host } };
    httpRequest(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("refuses hosts that are not loopback", async () => {
  const sandbox = await start();
  for (const host of ["localhost", `127.0.0.1:${sandbox.port}`, "[::1]:80", "LOCALHOST:1"]) {
    expect(await get(sandbox, "/api/v2/webhooks", host)).toBe(401);
  }
  for (const host of [
    "evil.example.com",
    "localhost.evil.example.com",
    "127.0.0.1.nip.io",
    "127.0.0.1@evil",
  ]) {
    expect(await get(sandbox, "/api/v2/webhooks", host)).toBe(403);
  }
  expect(await get(sandbox, "http://evil.example.com/api/v2/webhooks", "localhost")).toBe(403);
});

test("a body that is too large gets its 413, and one without end is cut off", async () => {
  const sandbox = await start();
  const headers = await signIn(sandbox);
  const url = `${sandbox.url}/api/v2/webhooks`;
  const large = await fetch(url, { method: "POST", headers, body: "x".repeat(5_000_000) });
  expect(large.status).toBe(413);
  const endless = fetch(url, { method: "POST", headers, body: "x".repeat(40_000_000) });
  await expect(endless).rejects.toThrow();
  expect(sandbox.requests()).toBe(2); // the token, and the one that got its answer
});

test("a port in use rejects with an error that names it", async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toThrow(
    `the sandbox cannot listen on port ${port}: another program uses it`,
  );
});

test("close answers what is under way, waits for the write, and ends other connections", async () => {
  const files = makeMemoryFiles();
  const sandbox = await start({ files });
  const headers = await signIn(sandbox); // leaves an idle connection behind
  const half = connect(sandbox.port, "127.0.0.1");
  const halfClosed = new Promise((resolve) => half.on("error", resolve).on("close", resolve));
  half.write("POST /api/v2/webhooks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{");

  const held = files.hold();
  const creating = post(sandbox, headers, webhookBody());
  await held.started;
  let closed = false;
  const closing = sandbox.close().then(() => (closed = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).toBe(false);
  held.release();

  expect((await creating).status).toBe(201);
  await closing;
  await halfClosed;
  expect(files.writes).toHaveLength(1);
  await expect(fetch(sandbox.url)).rejects.toThrow();
  await expect(sandbox.close()).resolves.toBeUndefined();
});

test("a client that leaves before its answer does not hold up close", async () => {
  const files = makeMemoryFiles();
  const held = files.hold();
  const sandbox = await start({ files });
  const headers = await signIn(sandbox);
  const controller = new AbortController();
  const leaving = fetch(`${sandbox.url}/api/v2/webhooks`, {
    method: "POST",
    headers,
    body: JSON.stringify(webhookBody()),
    signal: controller.signal,
  });
  await held.started;
  controller.abort();
  await expect(leaving).rejects.toThrow();
  held.release();
  await sandbox.close();
  expect(files.writes).toHaveLength(1); // what was asked for was done all the same
});
