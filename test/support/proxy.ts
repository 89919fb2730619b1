// Starts a proxy and a platform behind TLS, both on loopback. The proxy connects every requested name to that platform.
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";

const fixture = (name: string): string => join(import.meta.dirname, "../fixtures", name);

/** The platform's certificate: a PEM file for NODE_EXTRA_CA_CERTS. It also names Genesys Cloud's first region. */
export const certificatePath = fixture("tls-certificate.pem");
export const certificate = readFileSync(certificatePath, "utf8");

export interface Listening {
  readonly port: number;
  readonly close: () => void;
}

export async function startTlsPlatform(listener: RequestListener): Promise<Listening> {
  const key = readFileSync(fixture("tls-key.pem"), "utf8");
  return listen(createTlsServer({ cert: certificate, key }, listener));
}

export interface Proxy extends Listening {
  /** The requested hosts, such as `api.mypurecloud.com:443`, in order. */
  readonly connects: string[];
  /** The Proxy-Authorization header of each request. */
  readonly authorizations: (string | undefined)[];
  /** Returns everything that the client has sent through the proxy. */
  seen(): string;
}

/** `answer` replaces the connection: a status, `silent` for no answer, or `closes`. */
export async function startProxy(
  platform: Pick<Listening, "port">,
  answer: number | "silent" | "closes" = 200,
): Promise<Proxy> {
  const connects: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const seen: Uint8Array[] = [];
  const server = createServer((_request, response) => response.writeHead(500).end());
  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    connects.push(request.url ?? "");
    authorizations.push(request.headers["proxy-authorization"]);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Uint8Array) => seen.push(chunk));
    if (answer === "silent") return;
    if (answer === "closes") socket.destroy();
    else if (answer !== 200) socket.end(`HTTP/1.1 ${answer} No\r\nX-Said: words of the proxy\r\n\r\nsorry`);
    else {
      const onward = connect(platform.port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      onward.on("error", () => socket.destroy());
      onward.on("close", () => socket.destroy());
    }
  });
  const listening = await listen(server);
  return { ...listening, connects, authorizations, seen: () => Buffer.concat(seen).toString("latin1") };
}

async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port, close };
}
