// The embedded platform behind a network that misbehaves; it writes down what it did.
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpRequest, HttpResponse, Send } from "../../src/model/http.ts";
import type { SandboxQuirks } from "../../src/sandbox/quirks.ts";
import { handle } from "../../src/sandbox/handle.ts";
import { rememberStored } from "../../src/sandbox/lag.ts";
import { makeState, type SandboxState } from "../../src/sandbox/state.ts";
import type { Fault, Weather } from "./faults.ts";
import { countUp, tell, type Body, type Change, type Journal } from "./journal.ts";
import type { Pass, Refused, Write } from "./journal.ts";
import type { Mortal } from "./mortal.ts";
import { kindsOf, type Kinds, type Resource, type SimulatedKind } from "./resources.ts";
import type { Timeline } from "./timeline.ts";
import type { TrailView } from "./trail-view.ts";

const everyKind = kindsOf("mixed").all;

export const credentials = {
  clientId: "client-of-the-simulation",
  clientSecret: "secret-of-the-simulation",
};

export interface Platform {
  readonly state: SandboxState;
  readonly kinds: Kinds;
  readonly quirks: SandboxQuirks;
  readonly tokenLifeSeconds: number;
  nowMs(): number;
  /** One of any kind as it is now, and all of them by id. */
  look(id: string): Resource | null;
  all(): ReadonlyMap<string, Resource>;
  /** Every token that was ever handed out. */
  readonly tokens: ReadonlySet<string>;
  send(mortal: Mortal, pass: Pass, weather: Weather): Send;
  /** Somebody else's edit; `after` null deletes. */
  edit(what: string, id: string, after: Resource | null): void;
  nextId(): string;
  /** The kind that it does not show for now. */
  refused: Refused | null;
  /** Whether the organisation may have any number of integrations by now, whatever its quirk says. */
  isCapRaised: boolean;
  /** Called before each request is handled. */
  beforeHandling: () => void;
  /** Called after each change by a write. */
  onChange: (change: Change) => void;
  /** Instead of the platform, for those who want to see a check fail. */
  lie: Lie | null;
}

/** `honest` handles the request; what is stored may be changed behind everybody's back. */
export type Lie = (
  request: HttpRequest,
  honest: () => HttpResponse,
  behind: {
    readonly state: SandboxState;
    /** Undefined where the request is about none. */
    readonly kind: SimulatedKind | undefined;
    readonly nowMs: number;
  },
) => HttpResponse;

export function makePlatform(given: {
  readonly timeline: Timeline;
  readonly journal: Journal;
  readonly trail: TrailView;
  readonly tokenLifeSeconds: number;
  readonly quirks: SandboxQuirks;
  readonly kinds: Kinds;
}): Platform {
  const { timeline, journal, trail, tokenLifeSeconds, quirks, kinds } = given;
  const state = makeState();
  const { listLagMs = 0 } = quirks;
  /** When each moment began. */
  const moments: { readonly atMs: number; readonly moment: number }[] = [];
  const begin = (): void => {
    journal.moment += 1;
    moments.push({ atMs: timeline.now(), moment: journal.moment });
  };
  /** Between the last moment before that time and the next one. */
  const momentAt = (atMs: number): number =>
    (moments.findLast((one) => one.atMs <= atMs)?.moment ?? 0) + 0.5;
  const look = (id: string): Resource | null => {
    const kind = kinds.all.find((one) => one.stored(state).has(id));
    return kind?.look(state, id, timeline.now()) ?? null;
  };
  const tokens = new Set<string>();
  let ids = 0;
  const nextId = (): string => `id${String((ids += 1)).padStart(14, "0")}`;

  const answer = (request: HttpRequest, write: Write | null): HttpResponse => {
    platform.beforeHandling();
    begin();
    const isPost = write?.method === "POST";
    const stored = write?.kind.stored(state) ?? new Map<string, object>();
    const was = write?.id ? stored.get(write.id) : undefined;
    const before = write?.id ? look(write.id) : null;
    const context = {
      nowMs: timeline.now(),
      random: { id: nextId },
      credentials,
      tokenLifeSeconds,
      // The simulation makes up its event types.
      quirks: {
        ...quirks,
        takesAnyTopic: true,
        ...(platform.isCapRaised && { maxInstances: Number.MAX_SAFE_INTEGER }),
      },
    };
    const honest = (): HttpResponse =>
      refusalOf(request, platform) ?? handle(state, request, context).response;
    const { size } = stored;
    const kind = kinds.ofPath(new URL(request.url).pathname);
    const behind = { state, kind, nowMs: timeline.now() };
    const response = platform.lie ? platform.lie(request, honest, behind) : honest();
    for (const token of state.tokens.keys()) tokens.add(token);
    if (!write || response.status > 299) return response;
    const id = write.id ?? [...stored.keys()].at(-1) ?? "";
    const after = look(id);
    const isDone = isPost ? stored.size > size : stored.get(id) !== was;
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
    const kind = kinds.ofPath(pathname);
    // Of the kinds that the simulation leaves out, too.
    const listed = everyKind.find(({ path }) => path === pathname);
    if (request.method === "GET" && listed)
      pass.listRequests.set(listed.scheme, (pass.listRequests.get(listed.scheme) ?? 0) + 1);
    const confirmed =
      request.method === "GET" ? /([^/]+)\/config\/current$/.exec(pathname)?.[1] : undefined;
    if (confirmed !== undefined) pass.confirmations.push(confirmed);
    if (fault.name !== "") {
      countUp(journal.totals.faults, fault.name);
      pass.disturbances += 1;
    }
    const write =
      kind && isWrite(request) ? makeWrite(request, pass, { kind, fault, journal, trail, platform }) : null;
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
    kinds,
    quirks,
    tokenLifeSeconds,
    nowMs: () => timeline.now(),
    look,
    all: () =>
      new Map(
        kinds.all.flatMap((kind) =>
          [...kind.stored(state).keys()].flatMap((id) => {
            const found = kind.look(state, id, timeline.now());
            return found ? [[id, found] as const] : [];
          }),
        ),
      ),
    tokens,
    nextId,
    refused: null,
    isCapRaised: false,
    beforeHandling: () => undefined,
    onChange: () => undefined,
    lie: null,
    edit: (what, id, after) => {
      begin();
      const before = look(id);
      const kind = kinds.ofEndpoint((after ?? before)?.endpoint ?? "");
      if (after) kind.put(state, after, timeline.now());
      else kind.remove(state, id);
      if (listLagMs > 0) rememberStored(state, timeline.now(), listLagMs);
      journal.changes.push({
        moment: journal.moment,
        atMs: timeline.now(),
        write: null,
        id,
        before,
        after: look(id),
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
      let shows = 0;
      if (fault.upMs !== null) {
        timeline.at(fault.upMs, () => {
          if (fault.revokes) state.tokens.clear();
          real = answer(request, write);
          moment = journal.moment;
          shows = listLagMs > 0 ? momentAt(timeline.now() - listLagMs) : moment;
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
        if (heard === real) noteRead(request, { answer: heard, moment, shows, pass, kinds });
        if (heard instanceof ReconcileError) reject(heard);
        else resolve(heard);
      });
    });

  return platform;
}

/** What it says to whoever wants to see what it does not show; null where it answers as ever. */
function refusalOf({ method, url }: HttpRequest, { kinds, refused }: Platform): HttpResponse | null {
  const { pathname } = new URL(url);
  if (method !== "GET" || !refused || kinds.ofPath(pathname)?.scheme !== refused.scheme) return null;
  const { status } = refused;
  const body = JSON.stringify({ message: `the platform says ${status}`, status });
  return { status, headers: { "content-type": "application/json" }, body };
}

function isWrite({ method, url }: HttpRequest): boolean {
  return method !== "GET" && new URL(url).pathname !== "/oauth/token";
}

function makeWrite(
  request: HttpRequest,
  pass: Pass,
  {
    kind,
    fault,
    journal,
    trail,
    platform,
  }: {
    readonly kind: SimulatedKind;
    readonly fault: Fault;
    readonly journal: Journal;
    readonly trail: TrailView;
    readonly platform: Platform;
  },
): Write {
  const { method } = request;
  const id = idIn(request, kind);
  const body = request.body === undefined ? null : (JSON.parse(request.body) as Body);
  const sent = `${method} ${new URL(request.url).pathname} ${request.body ?? ""}`;
  const name = id === null ? null : storedName(platform.state, kind, id);
  const stored = id === null ? null : platform.look(id);
  return {
    ...{ number: journal.writes.length + 1, pass, kind, method, id, body, sent },
    ...{ fault: fault.name, leftAt: journal.moment, trailSeq: trail.records().length },
    ...{
      reads: new Map(pass.reads),
      wholeReads: new Map(pass.wholeReads),
      listedAt: new Map(pass.listedAt),
      askedAt: new Map(pass.askedAt),
      looks: [...pass.looks],
    },
    intent:
      findIntent(trail, pass, (intent) => kind.carriesOut(intent, { method, id, body, name, stored })) ??
      earlierIntent(pass, id, { journal, trail }),
    ...{ committedAt: null, committedAtMs: null, heard: null, isLate: false },
  };
}

/** Null of a request about none, or about them all. */
function idIn({ url }: HttpRequest, { path }: SimulatedKind): string | null {
  const { pathname } = new URL(url);
  if (!pathname.startsWith(`${path}/`)) return null;
  return pathname.slice(path.length + 1).split("/")[0] ?? null;
}

/** Also of what is nothing yet. */
function storedName(state: SandboxState, kind: SimulatedKind, id: string): string | null {
  const found = kind.stored(state).get(id) as { readonly name: string } | undefined;
  return found?.name ?? null;
}

/** Of what somebody has deleted between two steps: that of the step before. */
function earlierIntent(
  pass: Pass,
  id: string | null,
  { journal, trail }: { readonly journal: Journal; readonly trail: TrailView },
): AuditRecord | null {
  const earlier = journal.writes.findLast((write) => write.pass === pass && write.id === id && id !== null);
  const seq = earlier?.intent?.seq;
  return seq === undefined ? null : (trail.open().get(seq) ?? null);
}

/** The open intent on disk, of this pass, that says so. */
function findIntent(
  trail: TrailView,
  pass: Pass,
  says: (intent: AuditRecord) => boolean,
): AuditRecord | null {
  for (const intent of trail.open().values()) if (intent.seq > pass.trailSeq && says(intent)) return intent;
  return null;
}

/** What an answer that came through whole shows of the platform. */
function noteRead(
  request: HttpRequest,
  {
    answer,
    moment,
    shows,
    pass,
    kinds,
  }: {
    readonly answer: HttpResponse;
    readonly moment: number;
    /** The moment that a list shows. */
    readonly shows: number;
    readonly pass: Pass;
    readonly kinds: Kinds;
  },
): void {
  const { pathname, searchParams } = new URL(request.url);
  const kind = kinds.ofPath(pathname);
  if (request.method !== "GET" || !kind) return;
  const id = idIn(request, kind);
  if (id !== null) {
    // A part of it, such as its configuration, tells nothing of its state by itself.
    const isWhole = pathname === `${kind.path}/${id}`;
    if (answer.status === 200 || answer.status === 404) {
      pass.reads.set(id, moment);
      if (isWhole) pass.wholeReads.set(id, moment);
    }
    if (answer.status !== 200) return;
    const json = JSON.parse(answer.body) as object;
    const half = isWhole ? null : (pass.halfLooks.get(id) ?? null);
    const shown = half ? { ...half.json, config: { current: json } } : json;
    const webhook = isWhole || half ? kind.ofAnswer(shown) : null;
    if (webhook) pass.looks.push({ moment: half?.moment ?? moment, webhook });
    else if (isWhole) pass.halfLooks.set(id, { moment, json });
    return;
  }
  if (answer.status !== 200) return;
  if ((searchParams.get("pageNumber") ?? "1") === "1" && !searchParams.has("after")) {
    pass.listedAt.set(kind.scheme, shows);
    pass.askedAt.set(kind.scheme, moment);
  }
  const { entities } = JSON.parse(answer.body) as { readonly entities: readonly { readonly id: string }[] };
  for (const { id: listed } of entities)
    for (const reads of [pass.reads, pass.wholeReads])
      reads.set(listed, Math.max(shows, reads.get(listed) ?? 0));
}

function shownBody({ body }: Write): string {
  return body ? JSON.stringify(body) : "";
}
