// Serves the bare repositories of a folder over http or https on loopback by `git http-backend`, and makes what can go wrong.
import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface HttpRemote {
  /** Without a slash at its end. */
  readonly address: string;
  /** The requests so far: `POST /remote.git/git-receive-pack`. */
  readonly requests: readonly string[];
  /** The `Authorization` of each request that had one. */
  readonly logins: readonly string[];
  close(): Promise<void>;
}

export interface HttpRemoteOptions {
  readonly root: string;
  /** What `Authorization` must be; without it anybody may read and write. */
  readonly login?: string;
  /** Answers a request in its own way: returns true if it did. */
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Cuts the connection instead of this answer, after the repository has taken what was sent. */
  readonly cutAnswer?: (request: IncomingMessage) => boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

export async function serveGit(options: HttpRemoteOptions): Promise<HttpRemote> {
  const [requests, logins]: [string[], string[]] = [[], []];
  const answer: RequestListener = (request, response) => {
    requests.push(`${request.method ?? ""} ${(request.url ?? "").split("?")[0] ?? ""}`);
    const { authorization } = request.headers;
    if (authorization !== undefined) logins.push(authorization);
    if (options.instead?.(request, response) === true) return;
    if (options.login !== undefined && authorization !== options.login) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
      return;
    }
    runBackend(request, response, options);
  };
  const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const scheme = options.tls ? "https" : "http";
  return {
    address: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    logins,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function runBackend(request: IncomingMessage, response: ServerResponse, options: HttpRemoteOptions): void {
  const url = new URL(request.url ?? "", "http://127.0.0.1");
  const { headers } = request;
  const child = spawn("git", ["-c", "http.receivepack=true", "http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: options.root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: headers["content-type"] ?? "",
      REMOTE_USER: "ada",
      REMOTE_ADDR: "127.0.0.1",
      ...(headers["content-encoding"] ? { HTTP_CONTENT_ENCODING: headers["content-encoding"] } : {}),
      ...(headers["git-protocol"] ? { GIT_PROTOCOL: String(headers["git-protocol"]) } : {}),
    },
  });
  child.stdin.on("error", () => undefined);
  request.pipe(child.stdin);
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  child.on("close", () => {
    if (options.cutAnswer?.(request) === true) {
      response.destroy();
      return;
    }
    sendAnswer(response, Buffer.concat(parts));
  });
}

function sendAnswer(response: ServerResponse, answer: Buffer): void {
  const end = answer.indexOf("\r\n\r\n");
  const lines = answer.toString("latin1", 0, Math.max(end, 0)).split("\r\n");
  const headers = lines.map((line) => line.split(": ")).map(([name = "", value = ""]) => [name, value]);
  const status = headers.find(([name]) => name === "Status")?.[1] ?? "200";
  response.writeHead(Number(status.slice(0, 3)), Object.fromEntries(headers) as Record<string, string>);
  response.end(answer.subarray(end + 4));
}
