// The platform as a driver sees it: answers that a test writes down, or the sandbox behind the real client.
import { builtInKinds } from "../../src/kinds/registry.ts";
import { makeApi, type Api } from "../../src/genesys/client/api.ts";
import type { DriverPorts } from "../../src/genesys/driver.ts";
import type { ApiAnswer } from "../../src/genesys/client/parse-answer.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import { sandboxCredentials } from "../../src/sandbox/context.ts";
import type { SandboxQuirks } from "../../src/sandbox/quirks.ts";
import { handle } from "../../src/sandbox/handle.ts";
import { makeState, type SandboxState } from "../../src/sandbox/state.ts";
import { makeFakeClock, type FakeClock } from "../support/fake-clock.ts";

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

type Scripted = ApiAnswer | ReconcileError;

export interface FakeApi extends Pick<Api, "request"> {
  /** All that was asked, in order. */
  readonly calls: Call[];
}

/** `answerTo` gets each request and how many came before it. */
export function makeFakeApi(
  answerTo: (call: Call, index: number) => Scripted | Promise<Scripted>,
): FakeApi {
  const calls: Call[] = [];
  const request: Api["request"] = async (method, path, body) => {
    const call = body === undefined ? { method, path } : { method, path, body };
    const answer = await answerTo(call, calls.push(call) - 1);
    if (answer instanceof ReconcileError) throw answer;
    return answer;
  };
  return { request, calls };
}

/** These answers, in this order, and then no more: bodies, or errors. */
export function makeScriptedApi(answers: readonly unknown[]): FakeApi {
  const left = [...answers];
  return makeFakeApi((call) => {
    if (left.length === 0) throw new Error(`nobody expected ${call.method} ${call.path}`);
    const answer = left.shift();
    return answer instanceof ReconcileError ? answer : ok(answer);
  });
}

/** The ports of a driver whose waits take no time. */
export function portsOn(api: Pick<Api, "request">): DriverPorts {
  const clock = makeFakeClock(0);
  clock.autoAdvance();
  const interrupted = new AbortController().signal;
  return { api, clock, random: { next: () => 0, id: () => "id" }, interrupted, onWait: () => undefined };
}

export function ok(body: unknown): ApiAnswer {
  return { status: 200, body, sizeBytes: 0 };
}

/** Each as `PUT /api/v2/…`, in order. */
export function shown(calls: readonly Call[]): readonly string[] {
  return calls.map(({ method, path }) => `${method} ${path}`);
}

export interface SandboxApi {
  readonly api: Api;
  readonly state: SandboxState;
  readonly clock: FakeClock;
  /** What was sent, but for logins, as `PUT /api/v2/…`, in order. */
  readonly sent: string[];
}

/** `intercept` stands between the client and the sandbox: it returns what `forward` answers, or something else. */
export function makeSandboxApi(
  intercept: (request: HttpRequest, forward: () => HttpResponse) => HttpResponse = (_, forward) =>
    forward(),
  quirks: SandboxQuirks = {},
): SandboxApi {
  const state = makeState();
  const clock = makeFakeClock();
  clock.autoAdvance();
  const sent: string[] = [];
  const random = makeRandom();
  const api = makeApi({
    kinds: builtInKinds,
    send: (request) => {
      const { pathname, search } = new URL(request.url);
      const forward = (): HttpResponse =>
        handle(state, request, { nowMs: clock.now(), random, quirks }).response;
      if (pathname === "/oauth/token") return Promise.resolve(forward());
      sent.push(`${request.method} ${pathname}${search}`);
      return Promise.resolve().then(() => intercept(request, forward));
    },
    clock,
    random,
    apiUrl: "https://api.example.com",
    tokenUrl: "https://login.example.com/oauth/token",
    credentials: sandboxCredentials,
    rateShare: 1,
    readOnly: false,
  });
  return { api, state, clock, sent };
}

/** Counts up, with as many digits: ids stand in the order in which they were made. */
function makeRandom() {
  let count = 0;
  return { next: () => 0.5, id: () => `id-${String((count += 1)).padStart(6, "0")}` };
}
