// Real processes, killed at random moments: SIGKILL leaves no time to tidy up.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { diskFiles } from "../../src/lib/files.ts";
import { systemClock, type Clock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { genesysTopics } from "../../src/model/genesys-topics.ts";
import { parseState } from "../../src/sandbox/state-text.ts";
import { kinds, type TestKind } from "../support/kinds.ts";
import type { Stored } from "../support/stored.ts";
import { manifest } from "../support/world.ts";

const command = join(import.meta.dirname, "../../dist/reconcile.js");
/** More than one endpoint gets; published, for two of the three are held against that. */
const eventTypes = genesysTopics.slice(20, 44);
/** `KILLS`: `npm run attack` kills more often. */
const killsEach = Number(process.env["KILLS"] ?? 10);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reconcile-kill-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Of the platform: what takes it two seconds takes it one millisecond. */
function hurriedClock(): Clock {
  const startMs = systemClock.now();
  return { ...systemClock, now: () => startMs + (systemClock.now() - startMs) * 2_000 };
}

/** Each run comes two minutes after the one before, when nothing of that can arrive any more. */
function laterBy(minutes: number): string {
  return `--import=data:text/javascript,const{now}=Date;Date.now=()=>now()+${minutes * 60_000}`;
}

interface Place {
  readonly kind: TestKind;
  readonly directory: string;
  readonly sandbox: Sandbox;
  readonly statePath: string;
  /** How many runs there were. */
  runs: number;
}

async function makePlace(kind: TestKind): Promise<Place> {
  const name = kind.scheme.replace(":", "");
  const directory = join(folder, name);
  await mkdir(join(directory, "subscriptions"), { recursive: true });
  const statePath = join(folder, `${name}.json`);
  const sandbox = await startSandbox({
    files: diskFiles,
    clock: hurriedClock(),
    random: systemRandom,
    statePath,
    port: 0,
  });
  return { kind, directory, sandbox, statePath, runs: 0 };
}

/** Every round moves event types: the pool is another one each time. */
async function writeManifests({ kind, directory }: Place, round: number): Promise<void> {
  for (const [first, group] of groups.entries()) {
    const pool = Array.from({ length: 2 + (round % 5) }, (_, index) =>
      kind.url(10 * first + ((round + index) % 8)),
    );
    await writeFile(
      join(directory, "subscriptions", `${group}.yaml`),
      manifest(group, { kind, pool, eventTypes }),
    );
  }
}

const groups = ["alpha", "beta"];

/** Runs a sync; with `killAfterMs`, kills it so long after its first request. The exit status, or null of a killed one. */
async function sync(place: Place, killAfterMs?: number): Promise<number | null> {
  const { url } = place.sandbox;
  place.runs += 1;
  const child = spawn(process.execPath, [command, "sync"], {
    cwd: place.directory,
    stdio: "ignore",
    env: {
      PATH: process.env["PATH"],
      GENESYS_CLIENT_ID: "sandbox",
      GENESYS_CLIENT_SECRET: "sandbox-secret",
      GENESYS_API_URL: url,
      NODE_OPTIONS: laterBy(2 * place.runs),
    },
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (status) => {
      resolve(status);
    });
  });
  if (killAfterMs === undefined) return ended;
  const before = place.sandbox.requests();
  while (place.sandbox.requests() === before && child.exitCode === null) await systemClock.sleep(1);
  await systemClock.sleep(killAfterMs);
  child.kill("SIGKILL");
  return ended;
}

async function readTrail({ directory }: Place): Promise<readonly AuditRecord[]> {
  const text = await readFile(join(directory, "audit-logs/subscription_audit.log"), "utf8");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditRecord);
}

/** All that says whose it is: what is nothing yet is nobody's. */
async function readLive({ kind, statePath }: Place): Promise<readonly Stored[]> {
  const parsed = parseState(await readFile(statePath, "utf8"));
  if (!parsed.ok) throw new Error(parsed.problem);
  return kind.stored(parsed.state).filter(({ description }) => description !== "");
}

test.concurrent.each(kinds)(
  `killed ${killsEach} times at random moments, an installation of $nouns converges, without a gap, a duplicate or a hole in its trail`,
  { timeout: 15_000 * killsEach },
  async (kind) => {
    const place = await makePlace(kind);
    try {
      await writeManifests(place, 0);
      expect(await sync(place)).toBe(0);
      let killed = 0;
      for (let round = 1; killed < killsEach; round += 1) {
        await writeManifests(place, round);
        if ((await sync(place, Math.random() * 120)) === null) killed += 1;
        const live = await readLive(place);
        // Whatever it was doing: every event type is delivered, and nothing exists twice.
        for (const group of groups) {
          const mine = live.filter(({ description }) => description.includes(`: ${group} |`));
          expect([...new Set(mine.flatMap((webhook) => webhook.eventTypes))].sort()).toEqual(
            eventTypes.toSorted(),
          );
          const isOfMany = kind.granularity === "endpoint";
          const keys = mine.map((webhook) => (isOfMany ? webhook.endpoint : webhook.eventTypes[0]));
          expect(new Set(keys).size).toBe(mine.length);
        }
      }
      expect(await sync(place)).toBe(0);
      const settled = await readLive(place);
      expect(settled.flatMap((webhook) => webhook.eventTypes).sort()).toEqual(
        [...eventTypes, ...eventTypes].sort(),
      );
      expect(await sync(place)).toBe(0);
      expect(await readLive(place)).toEqual(settled);

      const records = await readTrail(place);
      const intents = records.filter(({ event }) => event === "change.intended");
      const answered = new Set(records.map(({ intent }) => intent));
      expect(intents.filter(({ seq }) => !answered.has(seq))).toEqual([]);
      // What had not taken effect a moment after a kill may yet, so some outcomes stay unknown; none is told twice.
      const told = records.flatMap(({ success, intent }) =>
        success === null || intent === null ? [] : [intent],
      );
      expect(new Set(told).size).toBe(told.length);
    } finally {
      await place.sandbox.close();
    }
  },
);
