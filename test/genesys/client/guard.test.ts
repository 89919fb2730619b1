// The right to write is asked for last of all: once the connection is open, in the turn in which the first byte leaves. The
// platform here is a bare socket that keeps every byte.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { makeSend } from "../../../src/genesys/client/send.ts";
import type { HttpRequest, WriteGuard } from "../../../src/model/http.ts";
import { certificate, startProxy } from "../../support/proxy.ts";
import { failureOf } from "../fake-send.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Way = "http" | "https" | "proxy";
const ways: readonly Way[] = ["http", "https", "proxy"];

const key = readFileSync(join(import.meta.dirname, "../../fixtures/tls-key.pem"), "utf8");
const answered = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** `held` is awaited before a byte of the client goes on to the platform. */
async function serve(
  way: Way,
  { held = Promise.resolve(), isSilent = false }: { held?: Promise<void>; isSilent?: boolean } = {},
) {
  const received: string[] = [];
  const onSocket = (socket: Socket): void => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      received.push(chunk.toString("latin1"));
      if (!isSilent && chunk.includes("HTTP/1.1\r\n")) socket.write(answered);
    });
  };
  const platform = await listen(
    way === "http"
      ? createServer(onSocket)
      : createTlsServer({ cert: certificate, key }, (socket) => {
          onSocket(socket);
        }),
  );
  const closed: Promise<unknown>[] = [];
  const gate = await listen(
    createServer((socket) => {
      socket.on("error", () => undefined);
      closed.push(once(socket, "close"));
      void held.then(() => {
        const onward = connect(platform, "127.0.0.1");
        onward.on("error", () => socket.destroy());
        onward.on("close", () => socket.destroy());
        socket.on("close", () => onward.destroy());
        socket.pipe(onward).pipe(socket);
      });
    }),
  );
  const proxy = way === "proxy" ? await startProxy({ port: gate }) : null;
  if (proxy) closers.push(proxy.close);
  const send = makeSend({
    trusted: certificate,
    ...(proxy ? { proxies: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` } } : {}),
  });
  const url = {
    http: `http://127.0.0.1:${gate}/x`,
    https: `https://127.0.0.1:${gate}/x`,
    proxy: "https://platform.example.com/x",
  }[way];
  const read = () => send({ method: "GET", url, headers: {} });
  const write = (guard: Partial<WriteGuard>, body = "the body") => {
    const request: HttpRequest = { method: "POST", url, headers: {}, body };
    return send(request, { mayStart: () => true, writeMs: null, ...guard });
  };
  return {
    ...{ read, write },
    connections: () => closed.length,
    /** All that the platform was sent, once every connection is closed. */
    sentInAll: async () => {
      await Promise.all(closed);
      return received.join("");
    },
  };
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

describe.each(ways)("over %s", (way) => {
  test("a write that may start arrives whole", async () => {
    const { write, connections } = await serve(way);
    expect(await write({})).toMatchObject({ status: 200, body: "ok" });
    expect(await write({}, "")).toMatchObject({ status: 200 });
    expect(connections()).toBe(1);
  });

  test.each([
    ["a fresh", "the body", false],
    ["a fresh", "", false],
    ["a used", "the body", true],
    ["a used", "", true],
  ])("of a write that may not start no byte leaves on %s connection (%j)", async (_, body, isUsed) => {
    const { read, write, connections, sentInAll } = await serve(way);
    if (isUsed) await read();
    const failure = await failureOf(write({ mayStart: () => false }, body));
    expect(failure).toMatchObject({ code: "lease/unsure", class: "retriable" });
    expect(failure.message).toMatch(/^POST \/x: not sent: the right to write was not confirmed lately/);
    expect(connections()).toBe(1);
    const sent = await sentInAll();
    expect(sent).not.toMatch(/POST|the body/);
    expect(sent.match(/GET \/x/g) ?? []).toHaveLength(isUsed ? 1 : 0);
  });

  test.each([
    ["fresh", false],
    ["used", true],
  ])("the request is written in the turn of the question, on a %s connection", async (_, isUsed) => {
    const { read, write } = await serve(way);
    if (isUsed) await read();
    const written: unknown[] = [];
    const note = (message: unknown): void => void written.push(message);
    subscribe("http.client.request.start", note);
    closers.push(() => unsubscribe("http.client.request.start", note));
    const seen: number[] = [];
    const mayStart = (): boolean => {
      seen.push(written.length);
      queueMicrotask(() => seen.push(written.length));
      return true;
    };
    await write({ mayStart });
    expect(seen).toEqual([0, 1]);
  });
});

describe.each(["https", "proxy"] as const)("over %s", (way) => {
  test("the question waits for the connection, and a holder that lost the lease meanwhile sends nothing", async () => {
    let open = (): void => undefined;
    const held = new Promise<void>((resolve) => (open = resolve));
    const { write, sentInAll } = await serve(way, { held });
    let isHolder = true;
    let asked = 0;
    const writing = failureOf(
      write({
        mayStart: () => {
          asked += 1;
          return isHolder;
        },
      }),
    );
    // Far longer than the loopback needs, were it not for the gate.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toBe(0);
    isHolder = false;
    open();
    expect((await writing).code).toBe("lease/unsure");
    expect(asked).toBe(1);
    expect(await sentInAll()).toBe("");
  });

  test("a write whose time is up before its connection stands cannot have arrived", async () => {
    const { write } = await serve(way, { held: new Promise(() => undefined) });
    expect((await failureOf(write({ writeMs: 80 }))).code).toBe("network/unreachable");
  });
});

test.each(ways)("a write over %s that takes longer than it may ends: it may have arrived", async (way) => {
  const { write } = await serve(way, { isSilent: true });
  const failure = await failureOf(write({ writeMs: 400 }));
  expect(failure).toMatchObject({ code: "network/timeout" });
});
