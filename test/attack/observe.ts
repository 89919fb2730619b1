// Runs one command under attack and watches it: what must hold of every row, whatever else comes of it.
import { run } from "../../src/cli/run.ts";
import type { Clock } from "../../src/lib/clock.ts";
import type { Send } from "../../src/model/http.ts";
import type { SandboxState } from "../../src/sandbox/state.ts";
import { kinds, type TestKind } from "../support/kinds.ts";
import type { Stored } from "../support/stored.ts";
import {
  makeWorld,
  trailPath,
  writesOf,
  type Entry,
  type Intercept,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";
import { isStranger, resourcesIn, wanted } from "./stage.ts";

/** The checks of every row, a sentence each; a row may excuse some of them, with its reason in its name. */
export const invariants = {
  endsProperly: "a command ends with status 0, 1, 2 or 130, and not as a bug of its own",
  oneObject: "with --output json, stdout is one JSON object",
  plainWords: "no control character reaches the terminal",
  noSecret: "no secret is in an output, a log or a file",
  othersUntouched: "no write changes what another owner or nobody owns",
  noGap: "no write takes an event type that shall be delivered off the last resource that delivers it",
  nothingDoubled: "no two resources of one owner deliver the same to one endpoint",
  intentFirst: "each write leaves with its intent on disk",
  trailSound: "the trail verifies afterwards",
  bounded: "a command ends within a bounded time and number of requests",
  onlyThePlatform: "no request goes to another host than the region's own",
} as const;

export type Invariant = keyof typeof invariants;

/** More than any honest pass of the stage needs, and less than an endless one sends. */
const mostRequests = 3_000;
const mostMs = 2 * 3_600_000;
/** Of the real clock: a command that computes for longer than this is stopped by nothing else. */
const mostRealMs = 20_000;

export interface Attacked {
  /** Null if the process died. */
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
  readonly world: TestWorld;
  readonly writes: readonly string[];
  /** The checks that failed. */
  readonly broken: readonly { readonly invariant: Invariant; readonly detail: string }[];
}

export interface AttackOptions extends Omit<WorldOptions, "intercept"> {
  readonly from: TestWorld;
  readonly intercept?: Intercept;
  /** Resolves once the process is dead; nothing of it may go on after that. */
  readonly death?: Promise<null>;
  /** Lies to the process about the time. */
  readonly clock?: (real: Clock) => Clock;
}

export async function attack({ intercept, death, clock, ...options }: AttackOptions): Promise<Attacked> {
  const { from } = options;
  const broken: { invariant: Invariant; detail: string }[] = [];
  const see = (invariant: Invariant, detail: string): void => {
    if (broken.length < 10) broken.push({ invariant, detail });
  };
  const watch = watchWrites(from, see);
  let requests = 0;
  const respond: Intercept = (request, forward) => {
    requests += 1;
    const { host } = new URL(request.url);
    if (!hosts.has(host)) see("onlyThePlatform", host);
    if (requests > mostRequests) throw new Error("an attacked command asks without an end");
    return watch(request, forward, intercept);
  };
  const world = makeWorld({ ...options, intercept: respond });
  const startedMs = { fake: world.clock.monotonic(), real: performance.now() };
  let status: number | null;
  try {
    const ending = run(clock ? { ...world, clock: clock(world.clock) } : world);
    status = await (death ? Promise.race([ending, death]) : ending);
  } catch (error) {
    status = -1;
    see("endsProperly", `it throws ${String(error)}`);
  }
  const tookMs = world.clock.monotonic() - startedMs.fake;
  if (requests > mostRequests) see("bounded", "it asks without an end");
  if (tookMs > mostMs) see("bounded", `it takes ${Math.round(tookMs / 1000)} s`);
  if (performance.now() - startedMs.real > mostRealMs) see("bounded", "it computes for too long");
  checkEnd(world, status, see);
  return { status, out: world.out(), err: world.err(), world, writes: writesOf(world), broken };
}

/** Of the region that the stage is in. */
const hosts = new Set(["api.mypurecloud.com", "login.mypurecloud.com"]);

type See = (invariant: Invariant, detail: string) => void;

const bug = /bug in reconcile|internal\/bug|Cannot read prop|is not a function|is not iterable/;
const stack = /\n\s+at .+:\d+:\d+\)?/;
// A line break and a tab are the only ones that a terminal may get.
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

function checkEnd(world: TestWorld, status: number | null, see: See): void {
  const [out, err] = [world.out(), world.err()];
  if (status !== null && ![0, 1, 2, 130].includes(status))
    see("endsProperly", `it ends with status ${status}`);
  for (const text of [out, err]) {
    const found = bug.exec(text) ?? stack.exec(text);
    if (found) see("endsProperly", text.slice(Math.max(0, found.index - 200), found.index + 200));
  }
  const isJson = world.argv.some((word, index) => word === "json" && world.argv[index - 1] === "--output");
  const shown = isJson ? err : out + err;
  const odd = control.exec(shown);
  if (odd) see("plainWords", JSON.stringify(shown.slice(Math.max(0, odd.index - 40), odd.index + 20)));
  if (isJson && status !== null && !isOneObject(out)) see("oneObject", JSON.stringify(out.slice(0, 100)));
  try {
    world.expectNoSecret();
  } catch (error) {
    see("noSecret", error instanceof Error ? error.message.slice(0, 200) : "");
  }
}

function isOneObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

/** Looks at each write as it leaves and after it was handled. */
function watchWrites(
  from: TestWorld,
  see: See,
): (...asked: [...Parameters<Intercept>, Intercept?]) => ReturnType<Send> {
  const { state, files } = from;
  return async (request, forward, intercept) => {
    const isWrite = request.method !== "GET" && !request.url.includes("/oauth/");
    if (isWrite) checkIntent(request, files, see);
    const was = isWrite ? resourcesIn(state) : null;
    const response = await (intercept ?? forward)(request, forward);
    if (was) {
      const now = resourcesIn(state);
      const by = `${request.method} ${new URL(request.url).pathname}`;
      checkOthers(was, now, by, see);
      checkGaps(was, now, by, see);
    }
    return response;
  };
}

function checkIntent(request: Parameters<Send>[0], files: TestWorld["files"], see: See): void {
  const { pathname } = new URL(request.url);
  const kind = kinds.find(({ path }) => pathname.startsWith(path));
  const id = pathname.slice((kind?.path.length ?? 0) + 1).split("/")[0] ?? "";
  const open = openIntents(files);
  const isCovered = open.some(
    ({ operation, webhookId }) => operation === "create" || (id !== "" && webhookId === id),
  );
  if (!isCovered) see("intentFirst", `${request.method} ${pathname}`);
}

/** The intents of the trail's last run that have no outcome. */
function openIntents(files: TestWorld["files"]): readonly Entry[] {
  if (!files.paths().includes(`/${trailPath}`)) return [];
  const text = files.text(trailPath);
  const records = readSound(text.slice(Math.max(0, text.lastIndexOf('"event":"run.started"'))));
  const answered = new Set(records.map(({ intent }) => intent));
  return records.filter(({ event, seq }) => event === "change.intended" && !answered.has(seq));
}

/** Lines that are no JSON, such as the second half of the first one, are left out. */
function readSound(text: string): readonly Entry[] {
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Entry];
    } catch {
      return [];
    }
  });
}

const ours = "Managed by: reconcile (default)";
type Resources = ReadonlyMap<string, Stored>;

function checkOthers(was: Resources, now: Resources, by: string, see: See): void {
  for (const [id, one] of was) {
    if (!isStranger(id)) continue;
    const after = now.get(id);
    if (JSON.stringify(after) !== JSON.stringify(one)) see("othersUntouched", `${by} changes ${id}`);
  }
}

function checkGaps(was: Resources, now: Resources, by: string, see: See): void {
  for (const [group, eventTypes] of Object.entries(wanted)) {
    const before = deliveredIn(was, group);
    const after = deliveredIn(now, group);
    const lost = eventTypes.filter((eventType) => before.has(eventType) && !after.has(eventType));
    if (lost.length > 0) see("noGap", `${by} takes ${lost.join(", ")} of ${group}`);
  }
}

function isOurs({ description }: Stored, group: string): boolean {
  return description.includes(`Consumer group: ${group} |`) && description.includes(ours);
}

function deliveredIn(resources: Resources, group: string): ReadonlySet<string> {
  const all = [...resources.values()].filter((one) => one.state === "enabled" && isOurs(one, group));
  return new Set(all.flatMap(({ eventTypes }) => eventTypes));
}

/** Returns the differences from the manifests, whichever endpoint of a pool delivers; an empty list without any. */
export function findUnsettled(state: SandboxState, kind: TestKind): readonly string[] {
  const resources = resourcesIn(state);
  const all = kind.stored(state).filter(({ description }) => description.includes(ours));
  const unwanted = all.filter((one) => !Object.keys(wanted).some((group) => isOurs(one, group)));
  const off = all.filter((one) => one.state !== "enabled");
  const groups = Object.entries(wanted).flatMap(([group, eventTypes]) => {
    const mine = all.filter((one) => isOurs(one, group)).flatMap((one) => one.eventTypes);
    return mine.toSorted().join() === eventTypes.toSorted().join() && deliveredIn(resources, group).size > 0
      ? []
      : [`${group} delivers ${mine.join(", ")}`];
  });
  return [
    ...unwanted.map(({ id }) => `${id} is still there`),
    ...off.map(({ id }) => `${id} is off`),
    ...groups,
    ...findDoubled(state, kind),
  ];
}

/** Returns the deliveries that exist twice, such as `beta at https://… of v2.users.{id}.presence`. */
export function findDoubled(state: SandboxState, kind: TestKind): readonly string[] {
  const seen = new Set<string>();
  return kind.stored(state).flatMap((one) => {
    const group = Object.keys(wanted).find((name) => isOurs(one, name));
    if (group === undefined) return [];
    const what = kind.granularity === "eventType" ? ` of ${one.eventTypes[0] ?? ""}` : "";
    const key = `${group} at ${one.endpoint}${what}`;
    if (seen.has(key)) return [key];
    seen.add(key);
    return [];
  });
}

interface Broken {
  readonly line: number;
  readonly reason: string;
}

/** Returns the line at which the trail does not verify; null if it verifies. */
export async function findBroken(from: TestWorld): Promise<Broken | null> {
  const world = makeWorld({ argv: "audit verify --json", from, environment: from.environment });
  const status = await run(world);
  const { ok, firstBroken } = JSON.parse(world.out()) as { ok: boolean; firstBroken: Broken | null };
  if (ok !== (status === 0)) throw new Error(`audit verify exits with ${status}: ${world.out()}`);
  return firstBroken;
}

export function unexcused({ broken }: Attacked, excuses: readonly Invariant[] = []): readonly string[] {
  return broken
    .filter(({ invariant }) => !excuses.includes(invariant))
    .map(({ invariant, detail }) => `${invariants[invariant]}: ${detail}`);
}
