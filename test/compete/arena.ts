// Two real processes at a time, each with its own commit of the manifests, on one platform.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/lib/clock.ts";
import { genesysTopics } from "../../src/model/genesys-topics.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { git } from "../state/git/git-world.ts";
import type { TestKind } from "../support/kinds.ts";
import type { Stored } from "../support/stored.ts";
import { manifest } from "../support/world.ts";
import { mostDelayMs, startPlatform, type Platform } from "./platform.ts";
import type { Store, StorePlace } from "./stores.ts";

const command = join(import.meta.dirname, "../../dist/reconcile.js");
const groups = ["alpha", "beta"];
const eventTypes = genesysTopics.slice(20, 32);
const indices = [0, 1] as const;

/** What came of the rounds of an arena. */
export interface Outcome {
  rounds: number;
  kills: number;
  /** Kills of a process that had begun to write. */
  midway: number;
  /** Passes that ended with another status than 0, and were not killed. */
  refused: number;
  /** Event types that were delivered before, are wanted by both commits, and were delivered by nothing at a moment. */
  gaps: number;
  /** Endpoints, or event types of a workflow, that more than one resource of a group serves after both passes. */
  duplicates: number;
  /** Records of a success whose resource this machine sent no write that the platform carried out. */
  claims: number;
  /** Records of a run behind those of a later one. */
  interleaved: number;
  /** Rounds whose last pass succeeded, and after which the platform had neither commit's resources. */
  unsettled: number;
  /** A line for each fault. */
  readonly faults: string[];
}

export interface Arena {
  readonly outcome: Outcome;
  /** Both machines sync at once; `kills` sends SIGKILL to one of them at a random moment. */
  playRound(kills: boolean): Promise<void>;
  /** Whether `audit verify` accepts the trail of each machine. */
  verify(): Promise<void>;
  close(): Promise<void>;
}

interface Machine {
  readonly name: string;
  readonly folder: string;
  /** The folder of its manifests, in `folder`. */
  readonly manifests: string;
  readonly runs: Set<string>;
  /** How many requests its last pass that was not killed has sent. */
  requests: number;
}

interface Place {
  readonly kind: TestKind;
  readonly store: StorePlace;
  readonly platform: Platform;
  readonly machines: readonly [Machine, Machine];
  readonly outcome: Outcome;
  /** How many records of each machine's trail were looked at. */
  readonly seen: [number, number];
}

export async function openArena(name: string, kind: TestKind, store: Store): Promise<Arena> {
  const folder = mkdtempSync(join(tmpdir(), "reconcile-compete-"));
  const place = await store.makePlace(name, folder);
  const machines = indices.map((index) => makeMachine(folder, index, place));
  const [one, other] = machines;
  if (!one || !other) throw new Error("there are two machines");
  const outcome: Outcome = {
    ...{ rounds: 0, kills: 0, midway: 0, refused: 0, gaps: 0, duplicates: 0 },
    ...{ claims: 0, interleaved: 0, unsettled: 0, faults: [] },
  };
  const platform = await startPlatform(kind, machines.length);
  const arena: Place = { kind, store: place, platform, machines: [one, other], outcome, seen: [0, 0] };
  return {
    outcome,
    playRound: (kills) => playRound(arena, kills),
    verify: () => verify(arena),
    close: async () => {
      await platform.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** On one disk the machines are two processes in one folder, each with manifests of its own. */
function makeMachine(root: string, index: number, { config, remote, isOneDisk }: StorePlace): Machine {
  const folder = join(root, isOneDisk ? "disk" : `machine-${index}`);
  const manifests = `subscriptions-${index}`;
  mkdirSync(join(folder, manifests), { recursive: true });
  const head = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: team\n";
  writeFileSync(join(folder, "reconcile.yaml"), head + config);
  writeFileSync(join(folder, ".gitignore"), ".reconcile/\naudit-logs/\n");
  git(folder, "init", "--quiet");
  if (remote !== null) git(folder, "remote", "add", "origin", remote);
  return { name: `machine ${index}`, folder, manifests, runs: new Set(), requests: 0 };
}

async function playRound(arena: Place, kills: boolean): Promise<void> {
  const { outcome, machines, platform } = arena;
  outcome.rounds += 1;
  const wanted = machines.map((machine) => writeManifests(machine, arena.kind));
  const watch = watchGaps(arena);
  for (const ids of platform.carriedOut) ids.clear();
  const victim = kills ? Math.floor(Math.random() * machines.length) : null;
  const ended = await Promise.all(indices.map((index) => sync(arena, index, index === victim)));
  const failed = ended.filter(({ status }) => status !== 0 && status !== null);
  outcome.refused += failed.length;
  const killed = indices.filter((index) => ended[index]?.status === null);
  outcome.kills += killed.length;
  outcome.midway += killed.filter((index) => (platform.carriedOut[index]?.size ?? 0) > 0).length;
  const note = (key: "gaps" | "duplicates" | "claims" | "interleaved" | "unsettled", found: string[]) => {
    if (found.length > 0) outcome[key] += 1;
    outcome.faults.push(...found.map((each) => `round ${outcome.rounds}: ${key}: ${each}`));
  };
  outcome.faults.push(...failed.map(({ out }) => `round ${outcome.rounds}: refused: ${out.slice(0, 600)}`));
  note("gaps", watch());
  note("duplicates", findTwice(liveOf(arena).map(keyOf(arena.kind))));
  const live = liveOf(arena).map(describe).toSorted().join("\n");
  const isOfOne = wanted.some((endpoints) => endpoints === endpointsOf(liveOf(arena)));
  const last = ended.toSorted((a, b) => a.atMs - b.atMs).at(-1);
  // A process that was killed last leaves the rest of its work to the next round.
  if (last?.status === 0) note("unsettled", isOfOne ? [] : [live]);
  for (const index of indices) {
    const records = newRecords(arena, index);
    note("claims", findClaims(arena, index, records));
    note("interleaved", findInterleaved(records));
  }
}

/** Each commit has pools of its own, so that event types move at each round; returns the endpoints that it declares. */
function writeManifests({ folder, manifests }: Machine, kind: TestKind): string {
  const all: string[] = [];
  for (const [first, group] of groups.entries()) {
    const size = 2 + Math.floor(Math.random() * 4);
    const from = Math.floor(Math.random() * 8);
    const pool = Array.from({ length: size }, (_, at) => kind.url(10 * first + ((from + at) % 8)));
    writeFileSync(join(folder, manifests, `${group}.yaml`), manifest(group, { kind, pool, eventTypes }));
    all.push(...pool.map((endpoint) => `${group} ${endpoint}`));
  }
  git(folder, "add", "-A");
  git(folder, "commit", "--quiet", "--allow-empty", "-m", "Other pools");
  return all.toSorted().join("\n");
}

interface Ended {
  /** Null if it was killed. */
  readonly status: number | null;
  readonly out: string;
  readonly atMs: number;
}

/** With `kills` the process is killed around one of its requests, any of as many as its last whole pass has sent. */
async function sync(arena: Place, index: 0 | 1, kills: boolean): Promise<Ended> {
  const { machines, platform } = arena;
  const machine = machines[index];
  const before = platform.requestsOf(index);
  const sent = (): number => platform.requestsOf(index) - before;
  const words = ["sync", "--yes", "--output", "json", "--manifests", machine.manifests];
  const { child, done } = runCommand(arena, index, words);
  if (kills) {
    const last = Math.ceil(Math.random() * machine.requests);
    while (sent() < last && child.exitCode === null) await systemClock.sleep(1);
    await systemClock.sleep(Math.random() * mostDelayMs * 2);
    child.kill("SIGKILL");
  }
  const ended = await done;
  const { status, out } = ended;
  if (status !== null) machine.requests = sent();
  const runId = /"runId": "([^"]+)"/.exec(out)?.[1];
  if (runId !== undefined) machine.runs.add(runId);
  return ended;
}

function runCommand({ machines, platform, store }: Place, index: 0 | 1, words: readonly string[]) {
  const { folder } = machines[index];
  const child = spawn(process.execPath, [command, ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      GENESYS_CLIENT_ID: "sandbox",
      GENESYS_CLIENT_SECRET: "sandbox-secret",
      GENESYS_API_URL: platform.urls[index],
      ...store.variables,
    },
  });
  let out = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (out += text));
  const done = new Promise<Ended>((resolve) => {
    child.once("close", (status) => {
      resolve({ status, out, atMs: systemClock.monotonic() });
    });
  });
  return { child, done };
}

/** What says whose it is: a resource that was only begun is nobody's. */
function liveOf({ kind, platform }: Place): readonly Stored[] {
  return kind.stored(platform.state).filter(({ description }) => description !== "");
}

function groupOf({ description }: Stored): string {
  return /^Consumer group: ([^ ]+)/.exec(description)?.[1] ?? "";
}

const describe = (one: Stored): string =>
  `${groupOf(one)} ${one.endpoint} ${one.state} ${one.eventTypes.join(",")}`;

function endpointsOf(live: readonly Stored[]): string {
  return [...new Set(live.map((one) => `${groupOf(one)} ${one.endpoint}`))].toSorted().join("\n");
}

const keyOf =
  (kind: TestKind) =>
  (one: Stored): string =>
    [groupOf(one), one.endpoint, ...(kind.granularity === "endpoint" ? [] : one.eventTypes)].join(" ");

function findTwice(keys: readonly string[]): string[] {
  return keys.filter((key, index) => keys.indexOf(key) !== index);
}

/** Watches what is delivered from now on; returns what was not at a moment. */
function watchGaps(arena: Place): () => string[] {
  const delivered = (): ReadonlySet<string> =>
    new Set(
      liveOf(arena)
        .filter(({ state }) => state === "enabled")
        .flatMap((one) => one.eventTypes.map((eventType) => `${groupOf(one)} ${eventType}`)),
    );
  const staying = [...delivered()];
  const gaps = new Set<string>();
  arena.platform.onWrite = () => {
    const now = delivered();
    for (const one of staying) if (!now.has(one)) gaps.add(one);
  };
  return () => [...gaps];
}

/** The records of a machine's trail, or of its copy of the shared one, that were not looked at yet. */
function newRecords({ machines, seen }: Place, index: 0 | 1): readonly AuditRecord[] {
  const { folder } = machines[index];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const path = names.find((name) => name.endsWith("subscription_audit.log"));
  if (path === undefined) return [];
  const lines = readFileSync(join(folder, path), "utf8").split("\n").slice(0, -1);
  const records = lines.slice(seen[index]).map((line) => JSON.parse(line) as AuditRecord);
  seen[index] = lines.length;
  return records;
}

/**
 * A machine's own records of a success. Where its run answers the intent of another one, it looked up what that did, and
 * says so.
 */
function findClaims(
  { machines, platform }: Place,
  index: 0 | 1,
  records: readonly AuditRecord[],
): string[] {
  const runOf = new Map(records.map(({ seq, runId }) => [seq, runId]));
  return records
    .filter(({ runId, success }) => success === true && machines[index].runs.has(runId))
    .filter(({ intent, runId }) => intent === null || runOf.get(intent) === runId)
    .filter(({ webhookId }) => webhookId !== null && !platform.carriedOut[index]?.has(webhookId))
    .map(({ seq, event, webhookId }) => `record ${seq}: ${event} ${String(webhookId)}`);
}

function findInterleaved(records: readonly AuditRecord[]): string[] {
  const ended = new Set<string>();
  let current = "";
  const found: string[] = [];
  for (const { seq, runId } of records) {
    if (runId !== current) ended.add(current);
    if (ended.has(runId)) found.push(`record ${seq} of run ${runId}`);
    current = runId;
  }
  return found;
}

async function verify(arena: Place): Promise<void> {
  for (const index of indices) {
    const { status, out } = await runCommand(arena, index, ["audit", "verify"]).done;
    if (status !== 0) arena.outcome.faults.push(`audit verify on machine ${index}: ${out.slice(0, 600)}`);
  }
}
