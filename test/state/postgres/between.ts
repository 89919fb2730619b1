// Listens on loopback and opens, for each connection, one to a server: what happens between the two is up to the caller.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Ends {
  readonly near: Socket;
  readonly far: Socket;
  /** Ends both connections at once. */
  readonly cut: () => void;
}

export interface Between {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export async function startBetween(toPort: number, join: (ends: Ends) => void): Promise<Between> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(toPort, "127.0.0.1");
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", cut).on("close", cut);
    }
    join({ near, far, cut });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
