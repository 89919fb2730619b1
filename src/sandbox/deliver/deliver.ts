// Makes events of the subscribed topics, and delivers them by what is live until it is closed.
import { setMaxListeners } from "node:events";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import type { SandboxOrganisation } from "../sandbox-organisation.ts";
import type { SandboxState } from "../state.ts";
import { findStreams, findSubscribed, type Outlet } from "./outlets.ts";
import { isSuccess, type Answer } from "./retries.ts";
import { makeTestEvent, type TestEvent } from "./test-event.ts";
import { findWay, type Ways } from "./ways.ts";

export interface DeliveryOptions {
  readonly state: SandboxState;
  readonly organisation: SandboxOrganisation;
  /** Events a second. */
  readonly traffic: number;
  readonly ways: Ways;
  /** Posts a text of JSON. An endpoint that has not answered after `answerTimeoutMs` is a timeout. Never rejects. */
  readonly post: (url: string, body: string, headers: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly clock: Pick<Clock, "now" | "monotonic" | "sleep">;
  readonly random: Random;
  /** Is called the first time that something happens to an endpoint's events that the user should know. */
  readonly onNotice: (text: string) => void;
}

export interface Totals {
  /** Things that happened; each was sent to everything that had subscribed. */
  readonly made: number;
  readonly delivered: number;
  /** Further tries of deliveries that failed. */
  readonly repeated: number;
  /** Given up, by the ARN of the queue in which they lie. */
  readonly queued: ReadonlyMap<string, number>;
  /** Given up without a queue. */
  readonly lost: number;
  readonly notRouted: number;
  /** Deliveries that are under way, or wait to be repeated; once closed, those that came to no end. */
  readonly open: number;
}

export interface Deliveries {
  totals(): Totals;
  /** Makes no more events and repeats nothing more; resolves once no request is under way. */
  close(): Promise<void>;
}

/** Documented: an endpoint has this long to answer EventBridge. */
export const answerTimeoutMs = 5_000;
const testHeaders = { "content-type": "application/json", "reconcile-test": "1" };
/** Events are made in batches at most this often. */
const shortestTickMs = 20;
/** No more events are made while so many deliveries are open, so that endpoints that never answer fill no memory. */
const mostOpen = 10_000;

export function startDeliveries(options: DeliveryOptions): Deliveries {
  const ended = new AbortController();
  // Each delivery that waits to be repeated listens.
  setMaxListeners(0, ended.signal);
  const run: Run = {
    ...options,
    ended,
    told: new Set(),
    open: new Set(),
    counts: noCounts(),
  };
  const making = makeEvents(run);
  return {
    totals: () => {
      const { stopped, queued, ...counts } = run.counts;
      return { ...counts, queued: new Map(queued), open: run.open.size + stopped };
    },
    close: async () => {
      run.ended.abort();
      await making;
      await Promise.all(run.open);
    },
  };
}

interface Run extends DeliveryOptions {
  readonly ended: AbortController;
  /** The notices so far. */
  readonly told: Set<string>;
  readonly open: Set<Promise<void>>;
  readonly counts: Counts;
}

interface Counts {
  made: number;
  delivered: number;
  repeated: number;
  readonly queued: Map<string, number>;
  lost: number;
  notRouted: number;
  /** Waited to be repeated when the deliveries were closed. */
  stopped: number;
}

function noCounts(): Counts {
  return { made: 0, delivered: 0, repeated: 0, queued: new Map(), lost: 0, notRouted: 0, stopped: 0 };
}

async function makeEvents(run: Run): Promise<void> {
  const { clock, traffic, ended, state } = run;
  const tickMs = Math.max(1000 / traffic, shortestTickMs);
  let [due, beforeMs] = [0, clock.monotonic()];
  while (await sleeps(tickMs, run)) {
    const nowMs = clock.monotonic();
    // A machine that was asleep makes up for nothing.
    due += Math.min(((nowMs - beforeMs) * traffic) / 1000, Math.max(1, traffic));
    beforeMs = nowMs;
    const topics = findSubscribed(state);
    for (; due >= 1 && !ended.signal.aborted; due -= 1) {
      const topic = topics[run.counts.made % topics.length];
      if (topic === undefined) continue;
      if (run.open.size < mostOpen) makeEvent(topic, run);
      else tell(run, `${mostOpen} deliveries are open; no more events are made until fewer are`);
    }
  }
}

/** Resolves with false once the deliveries are closed. */
async function sleeps(delayMs: number, { clock, ended }: Run): Promise<boolean> {
  await clock.sleep(delayMs, ended.signal).catch(() => undefined);
  return !ended.signal.aborted;
}

function makeEvent(topic: string, run: Run): void {
  const { state, organisation, clock, random } = run;
  const nowMs = clock.now();
  run.counts.made += 1;
  const happening = { topic, entity: random.id(), correlationId: random.id(), atMs: nowMs };
  for (const { from, outletsOf } of findStreams(state, topic, { nowMs, organisation })) {
    const event = makeTestEvent(random.id(), from, happening);
    for (const outlet of outletsOf(event)) {
      const open = deliver(event, outlet, run).finally(() => run.open.delete(open));
      run.open.add(open);
    }
  }
}

async function deliver(event: TestEvent, outlet: Outlet, run: Run): Promise<void> {
  const { counts, clock, random } = run;
  const { endpoint, patience } = outlet;
  const url = findWay(endpoint, run.ways);
  if (url === null) {
    counts.notRouted += 1;
    tell(run, `not routed, so nothing is sent: ${endpoint}`);
    return;
  }
  const body = JSON.stringify(event);
  const fromMs = clock.monotonic();
  for (let retry = 1; ; retry += 1) {
    const answer = await run.post(url, body, testHeaders);
    if (isSuccess(answer)) {
      counts.delivered += 1;
      return;
    }
    const waitMs = patience.waitMs(retry, random.next());
    const isInTime = clock.monotonic() + waitMs - fromMs <= patience.mostAgeMs;
    if (!patience.repeats(answer) || retry > patience.mostRetries || !isInTime) {
      giveUp(outlet, answer, run);
      return;
    }
    tell(run, `repeated: ${endpoint} ${sayAnswer(answer)}`);
    if (!(await sleeps(waitMs, run))) {
      counts.stopped += 1;
      return;
    }
    counts.repeated += 1;
  }
}

function giveUp({ endpoint, queue }: Outlet, answer: Answer, run: Run): void {
  const { counts } = run;
  if (queue === null) counts.lost += 1;
  else counts.queued.set(queue, (counts.queued.get(queue) ?? 0) + 1);
  const where = queue === null ? "lost" : `in the queue ${queue}`;
  tell(run, `given up, and ${where}: ${endpoint} ${sayAnswer(answer)}`);
}

function sayAnswer(answer: Answer): string {
  if (answer === "timeout") return `did not answer within ${answerTimeoutMs / 1000} s`;
  return answer === "unreachable" ? "cannot be reached" : `answered ${answer}`;
}

function tell({ told, onNotice }: Run, text: string): void {
  if (told.has(text)) return;
  told.add(text);
  onNotice(text);
}
