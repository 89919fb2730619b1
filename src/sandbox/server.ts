// Serves the sandbox on a loopback port.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { finished } from "node:stream/promises";
import type { Clock } from "../lib/clock.ts";
import type { SandboxContext } from "./context.ts";
import { handleAws, isForAws } from "./aws/handle-aws.ts";
import { handle } from "./handle.ts";
import { maxBodyBytes } from "./limits.ts";
import { findHeader, finishAnswer, refuse, type SandboxRequest, type SandboxResponse } from "./messages.ts";
import type { SandboxState } from "./state.ts";
import { openStateFile, type StateFile, type StateFileOptions } from "./state-file.ts";

export interface SandboxOptions extends StateFileOptions, Omit<SandboxContext, "nowMs"> {
  readonly clock: Pick<Clock, "now">;
  /** 0 means any free port. */
  readonly port: number;
}

export interface Sandbox {
  /** `http://127.0.0.1:<port>`, for the API and for the token endpoint. */
  readonly url: string;
  readonly port: number;
  /** What is live, as requests change it. */
  readonly state: SandboxState;
  /** How many complete requests have arrived since the start. */
  requests(): number;
  /** Takes no new requests, answers those under way, and resolves after the last write. */
  close(): Promise<void>;
}

/** Rejects with an Error that names the port if it is taken, or with Node's error if the state file cannot be read. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const file = await openStateFile(options);
  const answering = new Set<Promise<void>>();
  let requests = 0;
  let closing = false;

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const request = await readRequest(incoming);
    if (!request || closing) return void outgoing.destroy();
    requests += 1;
    const answer = answerRequest(request, file, options).then((response) => {
      if (closing) outgoing.setHeader("connection", "close");
      return writeResponse(outgoing, response);
    });
    answering.add(answer);
    await answer.finally(() => answering.delete(answer));
  };
  const server = createServer((incoming, outgoing) => {
    // `serve` rejects only if the connection is broken, so no error can be sent to the client.
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const port = await listen(server, options.port);

  return {
    url: `http://${loopbackAddress}:${port}`,
    port,
    state: file.state,
    requests: () => requests,
    close: async () => {
      closing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.allSettled(answering);
      await file.idle();
      server.closeAllConnections();
      await closed;
    },
  };
}

const loopbackAddress = "127.0.0.1";

/** Resolves with the port that the server listens on. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "another program uses it" : cause.message;
      reject(new Error(`the sandbox cannot listen on port ${port}: ${why}`, { cause }));
    });
    server.listen(port, loopbackAddress, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** A body that is too large is read up to this size, so that its sender gets to see the 413. */
const maxReadBytes = 32 * maxBodyBytes;

/** Undefined if the body is larger than `maxReadBytes`. */
async function readRequest(incoming: IncomingMessage): Promise<SandboxRequest | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    // Chunks are kept until they exceed the limit; `handle` then refuses the body.
    if (sizeBytes <= maxBodyBytes) chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > maxReadBytes) return undefined;
  }
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    method: incoming.method ?? "",
    url: incoming.url ?? "",
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

async function answerRequest(
  request: SandboxRequest,
  file: StateFile,
  options: SandboxOptions,
): Promise<SandboxResponse> {
  if (!isForLoopback(request)) {
    return refuseHere(options, { status: 403, code: "forbidden", message: "Only loopback is served." });
  }
  const context = { ...options, nowMs: options.clock.now() };
  const { response, changed } = (isForAws(request) ? handleAws : handle)(file.state, request, context);
  if (!changed) return response;
  try {
    await file.save();
    return response;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `cannot write the sandbox's state to ${options.statePath}: ${reason}`;
    options.onNotice?.(message);
    return refuseHere(options, { status: 500, code: "internal.server.error", message });
  }
}

/** A web page can point its host name at 127.0.0.1 (DNS rebinding), but it cannot forge the Host header. */
function isForLoopback(request: SandboxRequest): boolean {
  const host = findHeader(request, "host") ?? "";
  return request.url.startsWith("/") && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
}

function refuseHere(options: SandboxOptions, refusal: Parameters<typeof refuse>[0]): SandboxResponse {
  const correlationId = options.random.id();
  const nowMs = options.clock.now();
  return finishAnswer(refuse(refusal, correlationId), { nowMs, correlationId });
}

async function writeResponse(outgoing: ServerResponse, response: SandboxResponse): Promise<void> {
  const { status, headers, body } = response;
  const length: Record<string, number> =
    status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
  outgoing.writeHead(status, { ...headers, ...length });
  outgoing.end(body);
  await finished(outgoing);
}
