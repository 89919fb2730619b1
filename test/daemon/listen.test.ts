// What clients that keep to no rule can do to the daemon's real server: by half requests, by not reading, by hurry.
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Listening } from "../../src/app/world.ts";
import { listen } from "../../src/daemon/listen.ts";
import type { ServerOptions } from "../../src/daemon/server.ts";
import { loopback, makeTestApp } from "./asking.ts";

const half = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
const probe = `${half}Connection: close\r\n\r\n`;
const events = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
const patient = { headersMs: 60_000, idleMs: 60_000, silentMs: 60_000, checkMs: 20, most: 100 };

let http: Listening | null = null;
const clients: Socket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await http?.close();
  http = null;
});

async function serve(limits: Partial<typeof patient>, more: Partial<ServerOptions> = {}) {
  const made = makeTestApp(loopback, more);
  http = await listen(made.app.fetch, { host: "127.0.0.1", port: 0 }, { ...patient, ...limits });
  const port = Number(new URL(http.url).port);
  return { ...made, send: (text: string) => send(port, text) };
}

interface Client {
  readonly socket: Socket;
  readonly received: () => string;
  /** Resolves with all that came, once the server has closed the connection. */
  readonly closed: Promise<string>;
}

async function send(port: number, text: string): Promise<Client> {
  const socket = connect(port, "127.0.0.1");
  clients.push(socket);
  let received = "";
  socket.on("data", (chunk) => (received += chunk.toString()));
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => {
    socket.on("close", () => {
      resolve(received);
    });
  });
  await new Promise<void>((resolve) => {
    socket.once("connect", () => {
      socket.write(text, () => {
        resolve();
      });
    });
  });
  return { socket, received: () => received, closed };
}

async function until(condition: () => boolean): Promise<void> {
  const endsMs = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > endsMs) throw new Error("what was waited for has not come");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const post = "POST /api/reconcile HTTP/1.1\r\nHost: localhost\r\n";

test.each([
  ["says nothing", "", ""],
  ["stops in the middle of the headers", half, ""],
  ["sends headers for ever", `${half}X: `, "x"],
  ["stops in the middle of a body", `${post}Transfer-Encoding: chunked\r\n\r\n`, ""],
  ["sends a body for ever", `${post}Transfer-Encoding: chunked\r\n\r\n`, "1\r\nx\r\n"],
  ["says no more after an answer", `${half}\r\n`, ""],
  ["sends half of a second request", `${half}\r\n${half}`, ""],
])("a client that %s is cut off when the time for a request is over", async (_what, text, more) => {
  const { send, woken } = await serve({ headersMs: 200, idleMs: 200 });
  const client = await send(text);
  const drip = setInterval(() => client.socket.write(more), 20);
  await client.closed;
  clearInterval(drip);
  expect(woken).toEqual([]);
});

test("under any number of half requests a probe is answered at once: those that wait longest make way", async () => {
  const { send, listeners } = await serve({ most: 20 });
  const stream = await send(events);
  await until(() => listeners() === 1);
  const flood: Client[] = [];
  for (let wave = 0; wave < 10; wave += 1) {
    for (let one = 0; one < 20; one += 1) flood.push(await send(one % 2 === 0 ? half : ""));
    expect(await (await send(probe)).closed).toMatch(/^HTTP\/1\.1 200 OK[^]*ok\n$/);
  }
  await until(() => flood.filter(({ socket }) => !socket.closed).length <= 19);
  expect(flood.at(-1)?.socket.closed).toBe(false);
  expect([stream.socket.closed, listeners()]).toEqual([false, 1]);
});

test("half bodies keep no probe out either", async () => {
  const { send } = await serve({ most: 20 });
  for (let one = 0; one < 60; one += 1)
    await send(`${post}${one % 2 === 0 ? "Transfer-Encoding: chunked" : "Content-Length: 9"}\r\n\r\n`);
  expect(await (await send(probe)).closed).toMatch(/^HTTP\/1\.1 200 OK/);
});

test("a listener that does not read is closed, and one that reads stays", async () => {
  const message = JSON.stringify({ long: "x".repeat(1_000_000) });
  const told = new Set<(message: string) => void>();
  const broadcast = {
    changed: () => undefined,
    listen: (listener: (message: string) => void) => {
      told.add(listener);
      listener(message);
      return () => void told.delete(listener);
    },
  };
  const { send } = await serve({ silentMs: 1500 }, { broadcast });
  const [reader, stuck] = [await send(events), await send(events)];
  stuck.socket.pause();
  await until(() => told.size === 2);
  const changes = setInterval(() => {
    for (const tell of told) tell(message);
  }, 20);
  await until(() => told.size === 1);
  clearInterval(changes);
  expect(reader.socket.closed).toBe(false);
  expect(reader.received()).toContain("event: view");
});

test("streams that are asked for in one breath end with their connection", async () => {
  const { send, listeners } = await serve({});
  const client = await send(events.repeat(5));
  await until(() => listeners() > 0);
  client.socket.destroy();
  await until(() => listeners() === 0);
  // Requests behind a stream wait for their turn, which never comes.
  const other = await send(events.repeat(2) + probe);
  await until(() => other.received().includes("event: view"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(listeners()).toBe(1);
});

test("requests in one breath are answered in their order, and too many of them end the connection", async () => {
  const { send } = await serve({});
  const answers = await (await send(`${half}\r\n`.repeat(8) + probe)).closed;
  expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(9);
  const endless = await send(events);
  const chatter = setInterval(() => endless.socket.write(`${half}\r\n`), 1);
  await endless.closed;
  clearInterval(chatter);
});

test.each([
  ["a length and chunks", 400, "POST /api/reconcile", "Content-Length: 5\r\nTransfer-Encoding: chunked"],
  ["two lengths", 400, "POST /api/reconcile", "Content-Length: 5\r\nContent-Length: 6"],
  ["chunks twice", 400, "POST /api/reconcile", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"],
  ["a long address", 431, `GET /${"x".repeat(17_000)}`, "X: y"],
  ["many headers", 431, "GET /healthz", "X: y\r\n".repeat(9000) + "X: y"],
  ["a wish for another protocol", 200, "GET /healthz", "Upgrade: websocket\r\nConnection: close, Upgrade"],
  ["an expectation", 200, "GET /healthz", "Expect: 100-continue\r\nConnection: close"],
  ["an expectation of another kind", 417, "GET /healthz", "Expect: the-unexpected\r\nConnection: close"],
])("a request with %s is answered with %i", async (_what, status, line, headers) => {
  const { send, woken } = await serve({});
  const answer = (
    await (
      await send(`${line} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`)
    ).closed
  ).replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "");
  expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
  expect(woken).toEqual([]);
});

test("it is no proxy", async () => {
  const { send } = await serve({});
  const tunnel = await send("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n");
  expect(await tunnel.closed).toBe("");
});
