// Stands between a store and its server, and loses or holds back what the server answers.
import { startBetween } from "./between.ts";

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
  const between = await startBetween(toPort, ({ near, far, cut }) => {
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => {
      if (relay.does === "pass") near.write(bytes);
      else if (relay.does === "lose") cut();
    });
  });
  const relay: Relay = { ...between, does: "pass" };
  return relay;
}
