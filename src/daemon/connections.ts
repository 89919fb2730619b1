// Keeps order among the connections of an HTTP server: half requests make way, and each client is answered in turn.
import type { RequestListener, Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Closes a connection for each one above the limit: the one that has been without a complete request for longest. A
 * server that refused the new one instead could be closed to probes by clients that send half requests.
 */
export function limitConnections(server: Server, most: number): void {
  // In the order in which they began to wait.
  const waiting = new Set<Socket>();
  let open = 0;
  server.on("connection", (socket: Socket) => {
    open += 1;
    waiting.add(socket);
    socket.once("close", () => {
      open -= 1;
      waiting.delete(socket);
    });
    const [longest] = waiting;
    if (open > most) longest?.destroy();
  });
  server.on("request", ({ headers, socket }, response) => {
    // No request needs a body here, so one whose body is still to come counts as half a request.
    if (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0) return;
    waiting.delete(socket);
    response.once("close", () => {
      if (!socket.destroyed) waiting.add(socket);
    });
  });
}

/** Clients may send a request before the last one is answered, but hardly any does. */
const mostInLine = 10;

/**
 * Answers a request once the one before it on its connection is answered. Node would call the listener for all that come
 * in one breath, and would not tell the later ones when their connection is closed: their streams would never end.
 */
export function answerInTurn(answer: RequestListener): RequestListener {
  const lines = new WeakMap<Socket, (() => void)[]>();
  return (request, response) => {
    const { socket } = request;
    const line = lines.get(socket) ?? [];
    lines.set(socket, line);
    response.once("close", () => {
      line.shift();
      if (!socket.destroyed) line[0]?.();
    });
    line.push(() => {
      answer(request, response);
    });
    if (line.length === 1) line[0]?.();
    else if (line.length > mostInLine) socket.destroy();
  };
}
