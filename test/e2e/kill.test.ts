// Real processes, killed at random moments: SIGKILL leaves no time to tidy up.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { diskFiles } from "../../src/lib/files.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { manifest } from "../support/world.ts";

const command = join(import.meta.dirname, "../../dist/reconcile.js");
const eventTypes = Array.from({ length: 24 }, (_, index) => `e.type${index}`);
const killsEach = 20;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reconcile-kill-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Place {
  readonly directory: string;
  readonly sandbox: Sandbox;
  readonly statePath: string;
}

async function makePlace(name: string): Promise<Place> {
  const directory = join(folder, name);
  await mkdir(join(directory, "subscriptions"), { recursive: true });
  const statePath = join(folder, `${name}.json`);
  const sandbox = await startSandbox({
    files: diskFiles,
    clock: systemClock,
    random: systemRandom,
    statePath,
    port: 0,
  });
  return { directory, sandbox, statePath };
}

/** Every round moves event types: the pool is another one each time. */
async function writeManifests({ directory }: Place, round: number): Promise<void> {
  for (const group of ["alpha", "beta"]) {
    const pool = Array.from(
      { length: 2 + (round % 5) },
      (_, index) => `https://${group}.example.com/${(round + index) % 8}`,
    );
    await writeFile(
      join(directory, "subscriptions", `${group}.yaml`),
      manifest(group, { pool, eventTypes }),
    );
  }
}

/** Runs a sync; with `killAfterMs`, kills it so long after its first request. The exit status, or null of a killed one. */
async function sync(place: Place, killAfterMs?: number): Promise<number | null> {
  const { url } = place.sandbox;
  const child = spawn(process.execPath, [command, "sync"], {
    cwd: place.directory,
    stdio: "ignore",
    env: {
      PATH: process.env["PATH"],
      GENESYS_CLIENT_ID: "sandbox",
      GENESYS_CLIENT_SECRET: "sandbox-secret",
      GENESYS_API_URL: url,
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

interface Stored {
  readonly name: string;
  readonly endpoint: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
}

async function readLive({ statePath }: Place): Promise<readonly Stored[]> {
  return (JSON.parse(await readFile(statePath, "utf8")) as { webhooks: Stored[] }).webhooks;
}

test.concurrent.each(["first", "second", "third"])(
  `killed ${killsEach} times at random moments, the %s installation converges, without a gap, a duplicate or a hole in its trail`,
  { timeout: 300_000 },
  async (name) => {
    const place = await makePlace(name);
    try {
      await writeManifests(place, 0);
      expect(await sync(place)).toBe(0);
      let killed = 0;
      for (let round = 1; killed < killsEach; round += 1) {
        await writeManifests(place, round);
        if ((await sync(place, Math.random() * 120)) === null) killed += 1;
        const live = await readLive(place);
        // Whatever it was doing: every event type is delivered, and no webhook exists twice.
        for (const group of ["alpha", "beta"]) {
          const mine = live.filter(({ description }) => description.includes(`: ${group} |`));
          expect([...new Set(mine.flatMap((webhook) => webhook.eventTypes))].sort()).toEqual(
            eventTypes.toSorted(),
          );
          expect(new Set(mine.map((webhook) => webhook.endpoint)).size).toBe(mine.length);
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
