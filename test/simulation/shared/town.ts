// One simulated Genesys Cloud, which two machines write to: who sent what, what took effect, and what was wrong about it.
import type { AuditRecord } from "../../../src/model/audit-record.ts";
import type { HttpRequest, HttpResponse } from "../../../src/model/http.ts";
import { handle } from "../../../src/sandbox/handle.ts";
import { makeState, type SandboxState } from "../../../src/sandbox/state.ts";
import type { Kinds, Resource, SimulatedKind } from "../resources.ts";
import { endpointKey, type Group } from "../scenario.ts";
import type { Timeline } from "../timeline.ts";
import type { Ledger } from "./ledger.ts";

/** What must hold in each story. */
export const sentences = {
  noGap: "an event type that was delivered, and that both commits want, is delivered at every moment",
  noDuplicate: "no two resources of a group serve one endpoint, or one event type of a workflow",
  oneApplier: "no write takes effect once another process has taken the lease",
  intentFirst:
    "each write leaves with an open intent of its own process in the store, which says what is sent",
  noOldFence: "each record is appended by the process that took the last lease, and leases only grow",
  chainWhole: "the trail in the store verifies, and so does each machine's copy",
  ownClaims:
    "a success on record, or in a result, is of a write that took effect, and that one process claims",
  oneOutcome: "each intent has one outcome, or one more after those that could not be told",
  endsProperly: "a pass ends by itself, with a result and no bug of its own",
  converges: "one undisturbed pass makes what the manifests say, and the next one finds nothing to do",
} as const;

export type Check = keyof typeof sentences;

export interface Fault {
  readonly check: Check;
  readonly detail: string;
}

/** A request that changes something, from its leaving. */
export interface Write {
  readonly by: string;
  readonly what: string;
  readonly kind: SimulatedKind;
  /** The record of the open intent that it carries out; null without one. */
  readonly intent: AuditRecord | null;
  /** Null until it takes effect, and if it never does. */
  doneAtMs: number | null;
  /** The resource that it changed. */
  id: string | null;
}

export interface Town {
  readonly kinds: Kinds;
  readonly state: SandboxState;
  readonly writes: readonly Write[];
  readonly faults: readonly Fault[];
  readonly violate: (check: Check, detail: string) => void;
  /** The groups of the two commits, whose manifests the passes read. */
  commits: readonly [readonly Group[], readonly Group[]];
  /** A write leaves its process. */
  readonly leave: (request: HttpRequest, by: string) => Write | null;
  /** A request arrives. */
  readonly answer: (request: HttpRequest, write: Write | null) => HttpResponse;
  readonly all: () => Resource[];
  readonly delivered: () => ReadonlySet<string>;
  readonly duplicates: () => string[];
}

export interface TownOptions {
  readonly kinds: Kinds;
  readonly timeline: Timeline;
  readonly lastTaker: Ledger["lastTaker"];
  readonly entries: () => Ledger["entries"];
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  readonly organisation: { readonly id: string; readonly name: string };
  readonly commits: Town["commits"];
  readonly story: (words: string) => void;
}

export function makeTown(options: TownOptions): Town {
  const { kinds, timeline, lastTaker, entries, credentials, organisation, story } = options;
  const state = makeState();
  const writes: Write[] = [];
  const faults: Fault[] = [];
  const kept = new Set<string>();
  let ids = 0;
  const random = { id: () => `id${String((ids += 1)).padStart(14, "0")}` };

  const violate: Town["violate"] = (check, detail) => {
    faults.push({ check, detail });
    story(`VIOLATES ${check}: ${detail}`);
  };
  const all = (): Resource[] =>
    kinds.all.flatMap((kind) =>
      [...kind.stored(state).keys()].flatMap((id) => kind.look(state, id, timeline.now()) ?? []),
    );
  const delivered = (): ReadonlySet<string> => {
    const on = all().filter((one) => one.state === "enabled");
    return new Set(on.flatMap((one) => one.eventTypes.map((eventType) => `${groupIn(one)} ${eventType}`)));
  };
  const duplicates = (): string[] => {
    const known = new Set(town.commits.flat().map(({ name }) => name));
    const served = all()
      .filter((one) => known.has(groupIn(one)))
      .map((one) => keyOf(one, kinds));
    return served.filter((one, index) => served.indexOf(one) !== index);
  };
  const note = (): void => {
    const wanted = wantedByBoth(town.commits);
    for (const one of delivered()) if (wanted.has(one)) kept.add(one);
  };
  const watch = (what: string): void => {
    const now = delivered();
    const wanted = wantedByBoth(town.commits);
    for (const one of kept) {
      if (now.has(one)) continue;
      kept.delete(one);
      if (wanted.has(one)) violate("noGap", `${one}, after ${what}`);
    }
    for (const one of duplicates()) violate("noDuplicate", `${one}, after ${what}`);
  };

  const answer: Town["answer"] = (request, write) => {
    const { kind = null } = write ?? {};
    const before = new Map(kind?.stored(state));
    if (write) note();
    const { response } = handle(state, request, {
      ...{ nowMs: timeline.now(), random, credentials, organisation },
      quirks: { takesAnyTopic: true },
    });
    const { pathname } = new URL(request.url);
    const made = kind && [...kind.stored(state).keys()].find((id) => !before.has(id));
    const id = made ?? (kind && idIn(pathname, kind));
    const isChanged = kind && id && kind.stored(state).get(id) !== before.get(id);
    if (write && id && isChanged) {
      Object.assign(write, { doneAtMs: timeline.now(), id });
      story(`    takes effect: ${write.what} of ${write.by} on ${id}`);
      const taker = lastTaker();
      if (taker !== write.by)
        violate("oneApplier", `${write.what} of ${write.by} after ${String(taker)} took the lease`);
      watch(`${write.what} of ${write.by}`);
    }
    return response;
  };

  const leave: Town["leave"] = (request, by) => {
    const { pathname } = new URL(request.url);
    const kind = kinds.ofPath(pathname);
    if (!kind) return null;
    const id = idIn(pathname, kind);
    const body = request.body === undefined ? null : (JSON.parse(request.body) as Record<string, unknown>);
    const name = id === null ? null : (kind.stored(state).get(id) as { name?: string } | undefined)?.name;
    const stored = id === null ? null : kind.look(state, id, timeline.now());
    const asked = { method: request.method, id, body, name: name ?? null, stored };
    const open = openIntents(entries(), by);
    const what = `${request.method} ${pathname}`;
    const intent =
      open.find((one) => kind.carriesOut(one, asked)) ?? earlierIntent(open, { by, id, writes });
    if (!intent) violate("intentFirst", `${what} of ${by}: ${request.body ?? ""}`);
    const write: Write = { by, what, kind, intent: intent ?? null, doneAtMs: null, id };
    writes.push(write);
    return write;
  };

  const town: Town = {
    ...{ kinds, state, writes, faults, violate, leave, answer, all, delivered, duplicates },
    commits: options.commits,
  };
  return town;
}

const outcomeEvents = new Set(["change.applied", "change.failed", "change.recovered"]);

export function isOutcome({ event, intent }: AuditRecord): boolean {
  return outcomeEvents.has(event) && intent !== null;
}

/** The intents of that process in the store without an outcome there. */
function openIntents(entries: Ledger["entries"], by: string): AuditRecord[] {
  const answered = new Set(entries.flatMap(({ record }) => (isOutcome(record) ? [record.intent] : [])));
  return entries
    .filter(
      ({ record, by: its }) =>
        record.event === "change.intended" && its === by && !answered.has(record.seq),
    )
    .map(({ record }) => record);
}

/** A later step of a write that takes several finds what the step before has left. */
function earlierIntent(
  open: readonly AuditRecord[],
  {
    by,
    id,
    writes,
  }: { readonly by: string; readonly id: string | null; readonly writes: readonly Write[] },
): AuditRecord | undefined {
  const earlier = writes.findLast((write) => write.by === by && write.id === id && id !== null);
  return open.find(({ seq }) => seq === earlier?.intent?.seq);
}

function idIn(pathname: string, { path }: SimulatedKind): string | null {
  if (!pathname.startsWith(`${path}/`)) return null;
  return pathname.slice(path.length + 1).split("/")[0] ?? null;
}

function groupIn({ description }: Resource): string {
  return /^Consumer group: ([^ ]+)/.exec(description)?.[1] ?? "";
}

function keyOf(one: Resource, kinds: Kinds): string {
  const { isOfMany } = kinds.ofEndpoint(one.endpoint);
  return [groupIn(one), endpointKey(one.endpoint), ...(isOfMany ? [] : one.eventTypes)].join(" ");
}

export function wantedBy(groups: readonly Group[]): ReadonlySet<string> {
  const on = groups.filter(({ state }) => state === "enabled");
  return new Set(
    on.flatMap(({ name, eventTypes }) => eventTypes.map((eventType) => `${name} ${eventType}`)),
  );
}

function wantedByBoth([one, two]: Town["commits"]): ReadonlySet<string> {
  const other = wantedBy(two);
  return new Set([...wantedBy(one)].filter((each) => other.has(each)));
}
