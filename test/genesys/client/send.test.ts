import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { makeSend, type SendOptions } from "../../../src/genesys/client/send.ts";
import { failureOf } from "../fake-send.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: RequestListener, options: SendOptions = {}) {
  const server: Server = createServer(listener);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const send = makeSend(options);
  const get = (path = "/x") =>
    send({
      method: "GET",
      url: `http://127.0.0.1:${port}${path}`,
      headers: { authorization: "Bearer t0ken" },
    });
  return { server, port, send, get };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString();
}

test("sends method, headers and body, and returns what comes back", async () => {
  const seen: unknown[] = [];
  const { send, port } = await serve((request, response) => {
    void textOf(request).then((body) => {
      seen.push({ method: request.method, url: request.url, type: request.headers["content-type"], body });
      response.writeHead(201, { "X-One": "1", "Set-Cookie": ["a=1", "b=2"] }).end("é");
    });
  });
  const request = {
    headers: { "content-type": "application/json" },
    url: `http://127.0.0.1:${port}/p?q=1`,
  };
  const response = await send({ ...request, method: "POST", body: '{"ü":1}' });
  expect(response).toMatchObject({
    status: 201,
    body: "é",
    headers: { "x-one": "1", "set-cookie": "a=1, b=2" },
  });
  expect(await send({ ...request, method: "DELETE" })).toMatchObject({ status: 201 });
  expect(seen).toEqual([
    { method: "POST", url: "/p?q=1", type: "application/json", body: '{"ü":1}' },
    { method: "DELETE", url: "/p?q=1", type: "application/json", body: "" },
  ]);
});

test.each([204, 301, 302, 304, 401, 404, 429, 500, 503])(
  "%i is returned after one request",
  async (status) => {
    let requests = 0;
    const { get } = await serve((_request, response) => {
      requests += 1;
      response.writeHead(status, { location: "/elsewhere", "retry-after": "0" }).end();
    });
    expect(await get()).toMatchObject({ status, body: "", headers: { location: "/elsewhere" } });
    expect(requests).toBe(1);
  },
);

test("connections are kept for the next request", async () => {
  let connections = 0;
  const { server, get } = await serve((_request, response) => response.end("x"));
  server.on("connection", () => (connections += 1));
  await get();
  await get();
  expect(connections).toBe(1);
});

test("a compressed answer is unpacked", async () => {
  const { get } = await serve((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("hello"));
  });
  expect((await get()).body).toBe("hello");
});

test("an answer that is too large is cut off, unpacked size counting", async () => {
  const { get } = await serve(
    (request, response) => {
      const body = Buffer.alloc(request.url === "/fits" ? 1_000 : 1_001, "x");
      if (request.url === "/packed")
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(body));
      else response.end(body);
    },
    { maxResponseBytes: 1_000 },
  );
  expect((await get("/fits")).body).toHaveLength(1_000);
  for (const path of ["/plain", "/packed"]) {
    const failure = await failureOf(get(path));
    expect(failure.code).toBe("network/tooLarge");
    expect(failure.message).toContain("larger than 1000 bytes");
  }
});

test("silence is a timeout", async () => {
  const { get, port } = await serve(() => undefined, { responseTimeoutMs: 50 });
  const failure = await failureOf(get("/x?token=1"));
  expect(failure.code).toBe("network/timeout");
  expect(failure.message).toBe(`GET /x: no complete answer from 127.0.0.1:${port} in time`);
});

test("an answer that never ends is a timeout", async () => {
  const { get } = await serve(
    (_request, response) => {
      response.writeHead(200).write("some");
    },
    { requestTimeoutMs: 80 },
  );
  expect((await failureOf(get())).code).toBe("network/timeout");
});

test("a connection that breaks before the answer is a reset", async () => {
  const { get, port } = await serve((_request, response) => response.destroy());
  const failure = await failureOf(get());
  expect(failure.code).toBe("network/reset");
  expect(failure.message).toBe(`GET /x: the connection to 127.0.0.1:${port} broke off (ECONNRESET)`);
  expect(failure.hint).not.toBeNull();
});

test("an answer that breaks off in the middle is a reset", async () => {
  const { get } = await serve((_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => {
      response.destroy();
    });
  });
  expect((await failureOf(get())).code).toBe("network/reset");
});

test("an answer that does not unpack is a reset", async () => {
  const { get } = await serve((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end("not gzip");
  });
  expect((await failureOf(get())).code).toBe("network/reset");
});

test("nobody listening is unreachable", async () => {
  const { server, get, port } = await serve((_request, response) => response.end());
  await new Promise((resolve) => server.close(resolve));
  const failure = await failureOf(get());
  expect(failure.code).toBe("network/unreachable");
  expect(failure.message).toBe(`GET /x: could not connect to 127.0.0.1:${port} (ECONNREFUSED)`);
  expect(failure.hint).toMatch(/GENESYS_ENVIRONMENT.*HTTPS_PROXY/);
});

test("an unknown name is unreachable", async () => {
  const request = { method: "GET", url: "http://nowhere.invalid/x", headers: {} } as const;
  expect((await failureOf(makeSend()(request))).code).toBe("network/unreachable");
});

test("a TLS handshake that fails or hangs is unreachable: nothing was sent", async () => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      if (hangs) return;
      socket.destroy();
    });
  });
  let hangs = false;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const send = makeSend({ connectTimeoutMs: 50 });
  const post = () => send({ method: "POST", url: `https://127.0.0.1:${port}/x`, headers: {}, body: "{}" });
  expect((await failureOf(post())).code).toBe("network/unreachable");
  hangs = true;
  const failure = await failureOf(post());
  expect(failure.code).toBe("network/unreachable");
  expect(failure.message).toContain("ETIMEDOUT");
});

test("an error carries nothing of the request's headers", async () => {
  const { get } = await serve((_request, response) => response.destroy());
  const failure = await failureOf(get());
  const { inspect } = await import("node:util");
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain("t0ken");
});
