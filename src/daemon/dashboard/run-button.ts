// The button that asks for a pass. If it cannot be pressed, or the daemon refuses, it says why.
import type { DaemonView } from "../view.ts";
import type { ConnectionState } from "./connection.ts";
import { byId, setText } from "./dom.ts";
import { request } from "./request.ts";

export function makeRunButton(): (view: DaemonView | null, connection: ConnectionState) => void {
  const button = byId("run") as HTMLButtonElement;
  let refusal = "";
  let obstacle = "";
  const draw = (): void => {
    setText(byId("run-said"), obstacle === "" ? refusal : obstacle);
  };
  button.addEventListener("click", () => {
    refusal = "";
    // The stream shows the pass.
    void request("api/reconcile", { method: "POST" })
      .catch((error: unknown) => {
        refusal = `No pass was asked for: ${error instanceof Error ? error.message : String(error)}`;
      })
      .then(draw);
  });
  return (view, connection) => {
    obstacle = findObstacle(view, connection);
    button.disabled = connection.kind !== "live" || obstacle !== "";
    draw();
  };
}

/** Returns why no pass can be asked for; empty if one can. */
function findObstacle(view: DaemonView | null, { kind }: ConnectionState): string {
  if (kind === "silent") return "The daemon does not answer, so no pass can be asked for.";
  if (kind !== "live") return "";
  if (view?.phase === "standby") return "Another daemon runs the passes.";
  return view?.phase === "stopped" ? "The daemon is stopping, so it runs no pass." : "";
}
