// A daemon in memory: the whole `reconcile watch` on a clock that the test moves, with its HTTP as a function.
import { run } from "../../src/cli/run.ts";
import type { World } from "../../src/app/world.ts";
import type { Fetch } from "../../src/app/world.ts";
import type { DaemonView } from "../../src/daemon/view.ts";
import { makeWorld, type TestWorld, type WorldOptions } from "../support/world.ts";

export interface TestDaemon {
  readonly world: TestWorld;
  /** As a browser on this machine would. */
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
  readonly status: () => Promise<DaemonView & { readonly result: Shown | null }>;
  /** Says that a file may have changed. */
  readonly touch: () => void;
  readonly hangup: () => void;
  /** Moves time, and waits until nothing is under way any more. */
  readonly pass: (ms: number) => Promise<DaemonView & { readonly result: Shown | null }>;
  /** Stops it; its exit status. */
  readonly stop: (signal?: "SIGTERM" | "SIGINT") => Promise<number>;
  /** As SIGKILL does: nothing of it goes on, and nobody is told. */
  readonly kill: () => void;
  /** Resolves with its exit status. */
  readonly ended: Promise<number>;
  readonly watched: () => readonly string[];
  /** Lets everything go on that can without time passing, until the condition holds. */
  readonly until: (condition: () => boolean | Promise<boolean>) => Promise<void>;
}

export interface Shown {
  readonly ok: boolean;
  readonly summary: Readonly<Record<string, number>>;
  readonly operations: readonly {
    readonly action: string;
    readonly group: string;
    readonly status: string;
  }[];
}

export async function startDaemon(options: Omit<WorldOptions, "service">): Promise<TestDaemon> {
  let fetch: Fetch | null = null;
  let touch = (): void => undefined;
  let hangup = (): void => undefined;
  let watched: readonly string[] = [];
  const world = makeWorld({
    ...options,
    manualClock: true,
    service: {
      listen: (given) => {
        fetch = given;
        return Promise.resolve({ url: "http://127.0.0.1:9464", close: () => Promise.resolve() });
      },
      watchPaths: ({ paths }, onChange) => {
        watched = paths;
        touch = onChange;
        return { ready: Promise.resolve(), close: () => Promise.resolve() };
      },
      onHangup: (action) => {
        hangup = action;
        return () => undefined;
      },
    },
  });
  let isKilled = false;
  const mortal: World["clock"] = {
    ...world.clock,
    sleep: async (delayMs, signal) => {
      await world.clock.sleep(delayMs, signal);
      if (isKilled) await new Promise(() => undefined);
    },
    repeat: (everyMs, action) =>
      world.clock.repeat(everyMs, () => {
        if (!isKilled) action();
      }),
  };
  const ended = run({ ...world, clock: mortal });
  let isOver = false;
  void ended.then(() => (isOver = true));
  await until(() => fetch !== null || isOver);
  const get: TestDaemon["get"] = async (path, init) => {
    if (!fetch) throw new Error(`the daemon has not started: ${world.err()}`);
    const headers = { host: "127.0.0.1:9464", ...(init?.headers as Record<string, string> | undefined) };
    return fetch(new Request(`http://127.0.0.1:9464${path}`, { ...init, headers }));
  };
  const status: TestDaemon["status"] = async () => (await (await get("/api/status")).json()) as never;
  const atRest = async (): Promise<boolean> => {
    const { phase } = await status();
    return isOver || !["starting", "reconciling"].includes(phase);
  };
  return {
    world,
    get,
    status,
    touch: () => {
      touch();
    },
    hangup: () => {
      hangup();
    },
    pass: async (ms) => {
      await world.clock.advance(ms);
      await settle();
      await until(atRest);
      return status();
    },
    stop: async (signal = "SIGTERM") => {
      world.interrupt.abort(signal);
      await until(() => isOver);
      world.expectNoSecret();
      return ended;
    },
    kill: () => {
      isKilled = true;
    },
    ended,
    watched: () => watched,
    until,
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  // Code is loaded in real time.
  const endsMs = performance.now() + 20_000;
  while (performance.now() < endsMs) {
    if (await condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("nothing goes on, and what was waited for has not come");
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
