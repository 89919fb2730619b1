// The embedded platform behind a network that misbehaves; it writes down what it did.
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpRequest, HttpResponse, Send } from "../../src/model/http.ts";
import { handle } from "../../src/sandbox/handle.ts";
import { makeState, type SandboxState, type StoredWebhook } from "../../src/sandbox/state.ts";
import type { Fault, Weather } from "./faults.ts";
import { countUp, tell, type Body, type Change, type Journal, type Pass, type Write } from "./journal.ts";
import type { Mortal } from "./mortal.ts";
import type { Timeline } from "./timeline.ts";
import type { TrailView } from "./trail-view.ts";

export const credentials = {
  clientId: "client-of-the-simulation",
  clientSecret: "secret-of-the-simulation",
};

export interface Platform {
  readonly state: SandboxState;
  /** Every token that was ever handed out. */
  readonly tokens: ReadonlySet<string>;
  send(mortal: Mortal, pass: Pass, weather: Weather): Send;
  /** Somebody else's edit; `after` null deletes. */
  edit(what: string, id: string, after: StoredWebhook | null): void;
  nextId(): string;
  /** Called before each request is handled. */
  beforeHandling: () => void;
  /** Called after each change by a write. */
  onChange: (change: Change) => void;
  /** Instead of the platform, for those who want to see a check fail. */
  lie: Lie | null;
}

/** `honest` handles the request; the webhooks may be changed behind everybody's back. */
export type Lie = (
  request: HttpRequest,
  honest: () => HttpResponse,
  webhooks: SandboxState["webhooks"],
) => HttpResponse;

export function makePlatform(given: {
  readonly timeline: Timeline;
  readonly journal: Journal;
  readonly trail: TrailView;
  readonly tokenLifeSeconds: number;
}): Platform {
  const { timeline, journal, trail, tokenLifeSeconds } = given;
  const state = makeState();
  const tokens = new Set<string>();
  let ids = 0;
  const nextId = (): string => `id${String((ids += 1)).padStart(14, "0")}`;

  const answer = (request: HttpRequest, write: Write | null): HttpResponse => {
    platform.beforeHandling();
    journal.moment += 1;
    const isPost = write?.method === "POST";
    const before = write?.id ? (state.webhooks.get(write.id) ?? null) : null;
    const context = { nowMs: timeline.now(), random: { id: nextId }, credentials, tokenLifeSeconds };
    const honest = (): HttpResponse => handle(state, request, context).response;
    const size = state.webhooks.size;
    const response = platform.lie ? platform.lie(request, honest, state.webhooks) : honest();
    for (const token of state.tokens.keys()) tokens.add(token);
    if (!write || response.status > 299) return response;
    const id = write.id ?? [...state.webhooks.keys()].at(-1) ?? "";
    const after = state.webhooks.get(id) ?? null;
    const isDone = isPost ? state.webhooks.size > size : after !== before;
    if (isDone) commit(write, { id, before, after });
    return response;
  };

  const commit = (write: Write, changed: Pick<Change, "id" | "before" | "after">): void => {
    write.committedAt = journal.moment;
    write.committedAtMs = timeline.now();
    write.isLate = write.heard !== null || write.pass.isOver;
    if (write.isLate) journal.totals.lateCommits += 1;
    const change = { moment: journal.moment, atMs: timeline.now(), write, ...changed };
    journal.changes.push(change);
    tell(journal, timeline.now(), () => `  platform: write ${write.number} takes effect on ${changed.id}`);
    platform.onChange(change);
  };

  const leave = (request: HttpRequest, pass: Pass, fault: Fault): Write | null => {
    const { pathname, search } = new URL(request.url);
    pass.requests += 1;
    journal.totals.requests += 1;
    if (pathname === "/oauth/token") pass.tokenRequests += 1;
    if (request.method === "GET" && pathname === "/api/v2/webhooks") pass.listRequests += 1;
    if (fault.name !== "") {
      countUp(journal.totals.faults, fault.name);
      pass.disturbances += 1;
    }
    const write = isWrite(request) ? makeWrite(request, pass, { fault, journal, trail }) : null;
    if (write) {
      journal.writes.push(write);
      journal.totals.writes += 1;
    }
    tell(journal, timeline.now(), () => {
      const number = write ? `write ${write.number}: ` : "";
      const body = request.body && write ? ` ${shownBody(write)}` : "";
      return `${number}${request.method} ${pathname}${search}${body}${fault.name ? `  [${fault.name}]` : ""}`;
    });
    return write;
  };

  const platform: Platform = {
    state,
    tokens,
    nextId,
    beforeHandling: () => undefined,
    onChange: () => undefined,
    lie: null,
    edit: (what, id, after) => {
      journal.moment += 1;
      const before = state.webhooks.get(id) ?? null;
      if (after) state.webhooks.set(id, after);
      else state.webhooks.delete(id);
      journal.changes.push({
        moment: journal.moment,
        atMs: timeline.now(),
        write: null,
        id,
        before,
        after,
      });
      journal.totals.edits += 1;
      tell(journal, timeline.now(), () => `  by hand: ${what} (${id})`);
    },
    send: (mortal, pass, weather) => (request) => {
      const { pathname } = new URL(request.url);
      return mortal.call(`${request.method} ${pathname}`, () => {
        const fault = weather.nextFault(isWrite(request));
        const write = leave(request, pass, fault);
        return transmit(request, { fault, write, pass });
      });
    },
  };

  const transmit = (
    request: HttpRequest,
    { fault, write, pass }: { fault: Fault; write: Write | null; pass: Pass },
  ): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      let real: HttpResponse | null = null;
      let moment = 0;
      if (fault.upMs !== null) {
        timeline.at(fault.upMs, () => {
          if (fault.revokes) state.tokens.clear();
          real = answer(request, write);
          moment = journal.moment;
        });
      }
      timeline.at(fault.answeredMs, () => {
        const heard = fault.instead ? fault.instead(real) : real;
        if (!heard) throw new Error("a request without an answer has an answer instead");
        const said = heard instanceof ReconcileError ? heard.code : String(heard.status);
        if (said === "429") journal.totals.throttled += 1;
        if (write && !pass.isOver) write.heard = said;
        tell(journal, timeline.now(), () => {
          const which = write
            ? `write ${write.number}`
            : `${request.method} ${new URL(request.url).pathname}`;
          return `  answer to ${which}: ${said}${pass.isOver ? " (nobody hears it)" : ""}`;
        });
        if (heard === real) noteRead(request, { answer: heard, moment, pass });
        if (heard instanceof ReconcileError) reject(heard);
        else resolve(heard);
      });
    });

  return platform;
}

function isWrite({ method, url }: HttpRequest): boolean {
  return method !== "GET" && new URL(url).pathname !== "/oauth/token";
}

function makeWrite(
  request: HttpRequest,
  pass: Pass,
  {
    fault,
    journal,
    trail,
  }: { readonly fault: Fault; readonly journal: Journal; readonly trail: TrailView },
): Write {
  const id = /^\/api\/v2\/webhooks\/([^/]+)$/.exec(new URL(request.url).pathname)?.[1] ?? null;
  const body = request.body === undefined ? null : (JSON.parse(request.body) as Body);
  const sent = `${request.method} ${id ?? ""} ${request.body ?? ""}`;
  return {
    ...{ number: journal.writes.length + 1, pass, method: request.method, id, body, sent },
    ...{ fault: fault.name, leftAt: journal.moment, trailSeq: trail.records().length },
    ...{ reads: new Map(pass.reads), listedAt: pass.listedAt, looks: [...pass.looks] },
    intent: findIntent(trail, pass, { method: request.method, id, body }),
    ...{ committedAt: null, committedAtMs: null, heard: null, isLate: false },
  };
}

const actions: Readonly<Record<string, readonly string[]>> = {
  POST: ["create"],
  PUT: ["update", "adopt"],
  DELETE: ["delete"],
};

/** The open intent on disk, of this pass, that says exactly this. */
function findIntent(
  trail: TrailView,
  pass: Pass,
  asked: { readonly method: string; readonly id: string | null; readonly body: Body | null },
): AuditRecord | null {
  const text = JSON.stringify(asked.body);
  for (const intent of trail.open().values()) {
    const isRight =
      intent.seq > pass.trailSeq &&
      actions[asked.method]?.includes(intent.operation ?? "") === true &&
      intent.webhookId === asked.id &&
      JSON.stringify(intent.after) === text;
    if (isRight) return intent;
  }
  return null;
}

/** What an answer that came through whole shows of the platform. */
function noteRead(
  request: HttpRequest,
  { answer, moment, pass }: { readonly answer: HttpResponse; readonly moment: number; readonly pass: Pass },
): void {
  const { pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET" || !pathname.startsWith("/api/v2/webhooks")) return;
  const id = /^\/api\/v2\/webhooks\/([^/]+)$/.exec(pathname)?.[1];
  if (id !== undefined) {
    if (answer.status === 200 || answer.status === 404) pass.reads.set(id, moment);
    if (answer.status === 200)
      pass.looks.push({ moment, webhook: JSON.parse(answer.body) as StoredWebhook });
    return;
  }
  if (answer.status !== 200) return;
  if (searchParams.get("pageNumber") === "1") pass.listedAt = moment;
  const { entities } = JSON.parse(answer.body) as { readonly entities: readonly { readonly id: string }[] };
  for (const entity of entities) pass.reads.set(entity.id, moment);
}

function shownBody({ body }: Write): string {
  if (!body) return "";
  return `${body.name} ${body.endpoint} ${body.state} [${body.eventTypes.join(" ")}]`;
}
