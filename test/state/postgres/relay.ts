// Stands between a store and its server, and loses or holds back what the server answers.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Relay {
  readonly port: number;
  /**
   * `lose` cuts the connection instead of handing on what the server answers, which it does after the commit; `hold` hands
   * nothing on.
   */
  does: "pass" | "lose" | "hold";
  close(): Promise<void>;
}

export async function startRelay(toPort: number): Promise<Relay> {
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
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => {
      if (relay.does === "pass") near.write(bytes);
      else if (relay.does === "lose") cut();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const relay: Relay = {
    port: (server.address() as AddressInfo).port,
    does: "pass",
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return relay;
}
