// The daemon's server, asked without a network.
import { makeBroadcast } from "../../src/daemon/broadcast.ts";
import { firstConditions } from "../../src/daemon/conditions.ts";
import type { Access } from "../../src/daemon/access.ts";
import { makeApp, type ServerOptions } from "../../src/daemon/server.ts";
import type { DaemonView, WakeReason } from "../../src/daemon/view.ts";
import { makeFakeClock } from "../support/fake-clock.ts";

export const token = "a-long-token-of-these-tests-0123";

export const home = "127.0.0.1:9464";

export const loopback: Access = { isLoopback: true, token: null };

export const guarded: Access = { isLoopback: true, token };

export const open: Access = { isLoopback: false, token };

export const bearer = { authorization: `Bearer ${token}` };

const since = "2026-01-01T00:00:00.000Z";

const note = {
  runId: "r",
  triggers: ["start"],
  finishedAt: since,
  durationMs: 1,
  ok: true,
  summary: {
    create: 0,
    update: 0,
    delete: 0,
    adopt: 0,
    unchanged: 1,
    movedEventTypes: 0,
    failed: 0,
    skipped: 0,
    orphans: 0,
  },
  drift: 0,
  healed: 0,
  error: null,
} as const;

export const view: DaemonView = {
  formatVersion: 1,
  version: "1.2.3",
  startedAt: since,
  mode: "apply",
  phase: "waiting",
  holder: null,
  nextPassAt: null,
  conditions: firstConditions(since).map(({ type }) => {
    return { type, status: "True", reason: "Valid", message: "", since } as const;
  }),
  lastPass: note,
  history: [note],
  healed: 0,
  passes: 1,
  failures: 0,
  head: null,
  progress: null,
  revision: 1,
};

export function makeTestApp(access: Access, more: Partial<ServerOptions> = {}) {
  const woken: WakeReason[] = [];
  const clock = makeFakeClock();
  const broadcast = makeBroadcast(() => JSON.stringify({ revision: 1 }), clock);
  let listening = 0;
  const counted: typeof broadcast = {
    ...broadcast,
    listen: (listener) => {
      listening += 1;
      const end = broadcast.listen(listener);
      return () => {
        listening -= 1;
        end();
      };
    },
  };
  const stopper = new AbortController();
  const app = makeApp({
    access,
    page: {
      html: "<!doctype html><title>reconcile</title>",
      scriptHash: "c2NyaXB0",
      styleHash: "c3R5bGU=",
    },
    view: () => view,
    results: () => ({ result: null, lastChange: null, diagnostics: [], driftLog: [] }),
    wake: (reason) => {
      woken.push(reason);
    },
    broadcast: counted,
    clock,
    figures: () => Promise.resolve("up 1\n"),
    readRecords: () => Promise.resolve([]),
    stopped: stopper.signal,
    ...more,
  });
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { host: home, ...(init.headers as Record<string, string> | undefined) };
    return app.request(`http://${home}${path}`, { ...init, headers });
  };
  return { app, ask, woken, stopper, listeners: () => listening };
}

export async function said(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  return `${response.status} ${(await response.text()).trimEnd()}`;
}
