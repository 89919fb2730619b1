// The built command whose readers go away, or whose output cannot be written: the work is done and recorded all the same.
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { manifest } from "../support/world.ts";

const command = resolve(import.meta.dirname, "../../dist/reconcile.js");
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reconcile-streams-"));
  await mkdir(join(folder, "subscriptions"));
  await writeFile(join(folder, "subscriptions/alpha.yaml"), manifest("alpha"));
});

afterEach(() => rm(folder, { recursive: true }));

function start(words: string, stdio: StdioOptions): ChildProcess {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
  return spawn(process.execPath, [command, ...words.split(" ")], { cwd: folder, env, stdio });
}

async function statusOf(child: ChildProcess): Promise<number | null> {
  const [status] = (await once(child, "close")) as [number | null];
  return status;
}

async function recordedEvents(): Promise<readonly unknown[]> {
  const text = await readFile(join(folder, ".reconcile/sandbox-audit.log"), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { readonly event: unknown }).event);
}

const wholeRun = ["run.started", "change.intended", "change.applied", "run.finished"];

async function untilAnswers(url: string, isWanted: (text: string) => boolean): Promise<void> {
  const endsMs = performance.now() + 20_000;
  while (performance.now() < endsMs) {
    const text = await fetch(url).then(
      (response) => response.text(),
      () => "",
    );
    if (isWanted(text)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${url} does not answer as wanted`);
}

test("a sync whose readers are gone writes and records everything, and succeeds", async () => {
  const child = start("sync --sandbox -v", ["ignore", "pipe", "pipe"]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  expect(await statusOf(child)).toBe(0);
  expect(await recordedEvents()).toEqual(wholeRun);
});

test("a full disk behind stdout ends no write; it is one plain line, and the status is 1", async () => {
  const full = openSync("/dev/full", "w");
  const child = start("sync --sandbox", ["ignore", full, "pipe"]);
  closeSync(full);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  expect(await statusOf(child)).toBe(1);
  expect(said).toBe(
    "error: stdout cannot be written to, so what is printed there is lost: ENOSPC: no space left on device, write\n",
  );
  expect(await recordedEvents()).toEqual(wholeRun);
});

test("a full disk behind stderr ends no write", async () => {
  const full = openSync("/dev/full", "w");
  const child = start("sync --sandbox -v", ["ignore", "pipe", full]);
  closeSync(full);
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  expect(await statusOf(child)).toBe(0);
  expect(printed).toMatch(/\nDone: 1 created, .*\n$/);
  expect(await recordedEvents()).toEqual(wholeRun);
});

test.each(["stdout", "stderr"] as const)("a daemon outlives the reader of its %s", async (name) => {
  const port = 20_000 + (process.pid % 20_000) + (name === "stdout" ? 0 : 1);
  const url = `http://127.0.0.1:${port}/api/status`;
  const child = start(`watch --sandbox --listen 127.0.0.1:${port}`, ["ignore", "pipe", "pipe"]);
  const ended = statusOf(child);
  await untilAnswers(url, (text) => text.includes('"passes":1'));
  child[name]?.destroy();
  await writeFile(join(folder, "subscriptions/beta.yaml"), manifest("beta"));
  await untilAnswers(url, (text) => text.includes('"passes":2'));
  await writeFile(join(folder, "subscriptions/beta.yaml"), "kind: Nonsense\n");
  await untilAnswers(url, (text) => text.includes('"failures":1'));
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});
