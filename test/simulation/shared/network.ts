// The network between a process and the platform: it opens a connection, asks the guard last of all, and then nothing can
// call the request back.
import { makeUnsure, type HttpRequest, type HttpResponse, type Send } from "../../../src/model/http.ts";
import { ReconcileError } from "../../../src/model/errors.ts";
import type { Dice } from "../dice.ts";
import type { Timeline } from "../timeline.ts";
import type { Sleeper } from "./sleeper.ts";
import type { Town } from "./town.ts";

export interface NetworkPorts {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly town: Town;
  /** The share of requests that meet a fault. */
  readonly faultRate: number;
  /**
   * The platform carries a write out within so long of its leaving, or never: what takes longer has no place in any margin.
   * The client's own limit is at most as long where the lease sets one.
   */
  readonly withinMs: number;
  readonly tell: (words: string) => void;
  /** Called for each write that the guard keeps from leaving. */
  readonly onStopped: () => void;
}

/** As the real client does. */
const requestTimeoutMs = 30_000;

export function sendFrom(sleeper: Sleeper, ports: NetworkPorts): Send {
  const { timeline, dice, town, tell, onStopped } = ports;
  return async (request, guard) => {
    const what = `${request.method} ${new URL(request.url).pathname}`;
    const isWrite = guard !== undefined;
    await sleeper.pause(`before the connection for ${isWrite ? "write" : "read"} ${what}`);
    await passing(timeline, dice.chance(0.05) ? dice.between(100, 8_000) : dice.between(1, 60));
    await sleeper.pause(`before the check of ${isWrite ? "write" : "read"} ${what}`);
    if (guard && !guard.mayStart()) {
      tell(`${sleeper.name}: ${what} may not start`);
      onStopped();
      throw makeUnsure(request);
    }
    // Behind the check: the one window. Nothing is held here but in the simulation of that window.
    if (guard) await sleeper.pause(`behind the check of write ${what}`);
    const write = guard ? town.leave(request, sleeper.name) : null;
    const leftAtMs = timeline.now();
    const limitMs = Math.min(requestTimeoutMs, guard?.writeMs ?? Infinity);
    const heard = await transmit(request, { write, limitMs, what, sleeper }, ports);
    await sleeper.pause(`after the answer to ${isWrite ? "write" : "read"} ${what}`);
    // When it wakes, the answer and the end of its patience are both due.
    const isOver = timeline.now() - leftAtMs > limitMs && dice.chance(0.5);
    const said = isOver ? tooLate() : heard;
    if (said instanceof ReconcileError) throw said;
    return said;
  };
}

interface Sending {
  readonly write: ReturnType<Town["leave"]>;
  readonly limitMs: number;
  readonly what: string;
  readonly sleeper: Sleeper;
}

function transmit(
  request: HttpRequest,
  { write, limitMs, what, sleeper }: Sending,
  { timeline, dice, town, faultRate, withinMs, tell }: NetworkPorts,
): Promise<HttpResponse | ReconcileError> {
  const fault = dice.chance(faultRate) ? dice.pick(faults) : "none";
  const slowMs = Math.min(limitMs, withinMs) - 300;
  const upMs = fault === "slow" ? dice.between(200, slowMs) : dice.between(5, 150);
  const answeredMs = upMs + dice.between(5, 150);
  const begun = `${sleeper.name}: ${what}${fault === "none" ? "" : ` [${fault}]`}`;
  return new Promise((resolve) => {
    let response: HttpResponse | null = null;
    if (fault !== "never" && fault !== "busy")
      timeline.at(upMs, () => {
        response = town.answer(request, write);
      });
    const isLost = fault === "lost" || fault === "never";
    timeline.at(isLost ? limitMs : answeredMs, () => {
      const heard = isLost ? tooLate() : fault === "busy" ? busy : (response ?? tooLate());
      tell(`${begun} → ${heard instanceof ReconcileError ? heard.code : heard.status}`);
      resolve(heard);
    });
  });
}

const faults = ["lost", "never", "busy", "slow", "slow"] as const;

const busy: HttpResponse = {
  status: 503,
  headers: { "content-type": "application/json", "retry-after": "2" },
  body: JSON.stringify({ message: "the platform is busy", status: 503 }),
};

function tooLate(): ReconcileError {
  return new ReconcileError("network/timeout", "the request took too long");
}

function passing(timeline: Timeline, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    timeline.at(delayMs, resolve);
  });
}
