// What can go wrong with a request and with the disk: tables of faults, and how often a pass meets them.
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpResponse } from "../../src/model/http.ts";
import type { Dice } from "./dice.ts";

/** What becomes of one request. */
export interface Fault {
  readonly name: string;
  /** From its leaving until the platform handles it, ms; null where it never arrives. */
  readonly upMs: number | null;
  /** From its leaving until the client hears of it, ms. */
  readonly answeredMs: number;
  /** The token is worthless when it arrives. */
  readonly revokes: boolean;
  /** What the client hears instead of the platform's answer; null where it hears that. */
  readonly instead: ((answer: HttpResponse | null) => HttpResponse | ReconcileError) | null;
}

export interface Weather {
  /** What becomes of the next request. */
  nextFault(isWrite: boolean): Fault;
  /** What the next write to the disk meets, or null. */
  nextDiskFault(operation: DiskWrite): DiskFault | null;
}

export type DiskWrite = "append" | "sync" | "write" | "create" | "openAppend";

export interface DiskFault {
  readonly code: "ENOSPC" | "EIO";
  /** Of an append: the part of it, from 0 to 1, that is written all the same. */
  readonly part: number;
}

/** After so long the client gives up: as the real one does. */
const clientTimeoutMs = 30_000;
/** How long after that a request may still take effect. */
export const latestMs = 20_000;

/** Nothing goes wrong; answers still overtake each other. */
export function fineWeather(dice: Dice): Weather {
  return { nextFault: () => quick(dice), nextDiskFault: () => null };
}

/** The faults that one seed knows, each pass with its own frequency and, at times, in bursts. */
export function roughWeather(dice: Dice, kinds: readonly Kind[]): Weather {
  const rate = dice.pick([0, 0.1, 0.2, 0.4, 0.6]);
  const diskRate = dice.pick([0, 0, 0, 0.01, 0.05]);
  const inBursts = dice.chance(0.3);
  let burst = 0;
  const nextRate = (): number => {
    if (!inBursts) return rate;
    if (burst === 0) burst = dice.chance(rate / 3) ? dice.between(2, 8) : 0;
    else burst -= 1;
    return burst > 0 ? 0.9 : rate / 4;
  };
  return {
    // Fewer of the requests that come first, so that most passes come to their writes.
    nextFault: (isWrite) => {
      const isMet = dice.chance(nextRate() * (isWrite ? 1 : 0.4));
      return isMet ? dice.pick(kinds)(dice) : quick(dice);
    },
    nextDiskFault: (operation) => {
      if (!dice.chance(diskRate)) return null;
      const part = operation === "append" && dice.chance(0.5) ? dice.next() : 0;
      return { code: dice.pick(["ENOSPC", "EIO"] as const), part };
    },
  };
}

export type Kind = (dice: Dice) => Fault;

/** Each seed knows some of them, so that each is met alone as well as in any company. */
export function someKinds(dice: Dice): readonly Kind[] {
  return dice.some(kinds, dice.between(2, kinds.length));
}

function quick(dice: Dice): Fault {
  const upMs = dice.between(5, 200);
  return {
    name: "",
    upMs,
    answeredMs: upMs + dice.between(5, 200),
    revokes: false,
    instead: null,
  };
}

const kinds: readonly Kind[] = [
  (dice) =>
    refused(dice, "429 with Retry-After", answer(429, { "retry-after": String(dice.between(1, 60)) })),
  (dice) => refused(dice, "429 without Retry-After", answer(429)),
  (dice) => ({ ...quick(dice), name: "401, token revoked", revokes: true }),
  (dice) => either(dice, "408", answer(408)),
  (dice) => either(dice, "500", answer(500)),
  (dice) => either(dice, "502", answer(502, {}, "<html>Bad Gateway</html>")),
  (dice) => either(dice, "503", answer(503, { "retry-after": String(dice.between(1, 10)) })),
  (dice) => either(dice, "reset", lost("network/reset", "the connection broke off")),
  (dice) => refused(dice, "unreachable", lost("network/unreachable", "the name cannot be resolved")),
  (dice) => hung(dice, "hang, committed before", dice.between(5, clientTimeoutMs - 1_000)),
  (dice) => hung(dice, "hang, never committed", null),
  (dice) => hung(dice, "hang, committed late", clientTimeoutMs + dice.between(1, latestMs)),
  (dice) => garbled(dice, "malformed JSON", () => "{ nonsense"),
  (dice) => garbled(dice, "HTML", () => "<!doctype html><title>Please log in</title>"),
  (dice) => garbled(dice, "truncated body", (body) => body.slice(0, Math.floor(body.length / 2))),
  (dice) => garbled(dice, "empty body", () => ""),
  slow,
  slow,
];

function slow(dice: Dice): Fault {
  const upMs = dice.between(5, 15_000);
  return { ...quick(dice), name: "slow", upMs, answeredMs: upMs + dice.between(5, 5_000) };
}

type Instead = NonNullable<Fault["instead"]>;

function refused(dice: Dice, name: string, instead: Instead): Fault {
  return { ...quick(dice), name, upMs: null, instead };
}

function either(dice: Dice, name: string, instead: Instead): Fault {
  return dice.chance(0.5)
    ? refused(dice, `${name} before the commit`, instead)
    : { ...quick(dice), name: `${name} after the commit`, instead };
}

function hung(dice: Dice, name: string, upMs: number | null): Fault {
  const instead = lost("network/timeout", "no answer within 30 s");
  return { ...quick(dice), name, upMs, answeredMs: clientTimeoutMs, instead };
}

/** The request was handled; of its answer only the status is right, and of HTML not even that. */
function garbled(dice: Dice, name: string, garble: (body: string) => string): Fault {
  return {
    ...quick(dice),
    name,
    instead: (real) => ({
      status: name === "HTML" ? 200 : (real?.status ?? 200),
      headers: name === "HTML" ? { "content-type": "text/html" } : (real?.headers ?? {}),
      body: garble(real?.body ?? ""),
    }),
  };
}

function answer(status: number, headers: Readonly<Record<string, string>> = {}, body?: string): Instead {
  return () => ({
    status,
    headers: { "content-type": "application/json", ...headers },
    body: body ?? JSON.stringify({ message: `the platform says ${status}`, status }),
  });
}

function lost(code: string, message: string): Instead {
  return () => new ReconcileError(code, message);
}
