// `reconcile sandbox --deliver`, as it is built: events arrive at a receiver on this machine, from webhooks and through rules.
import { spawn, execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { manifest } from "../support/world.ts";
import { configOf, topics } from "../kinds/route/aws-world.ts";

const command = resolve(import.meta.dirname, "../../dist/reconcile.js");

interface Got {
  readonly path: string;
  readonly topic: unknown;
  readonly source: string;
  readonly isTest: boolean;
}

async function startReceiver() {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const event = JSON.parse(text) as Readonly<Record<string, unknown>>;
      const isTest = request.headers["reconcile-test"] === "1";
      got.push({
        path: request.url ?? "",
        topic: event["detail-type"],
        source: String(event["source"]),
        isTest,
      });
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, got, close: () => server.close() };
}

async function until(isWanted: () => boolean): Promise<void> {
  const endsMs = performance.now() + 20_000;
  while (!isWanted()) {
    if (performance.now() > endsMs) throw new Error("what was waited for did not come");
    await new Promise((done) => setTimeout(done, 50));
  }
}

test("events arrive by webhooks, and after a hand-over through AWS", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "reconcile-delivers-"));
  await mkdir(join(folder, "subscriptions"));
  const pool = ["https://hooks.example.com/1", "https://hooks.example.com/2"];
  await writeFile(
    join(folder, "subscriptions/alpha.yaml"),
    manifest("alpha", { eventTypes: topics, pool }),
  );
  await writeFile(join(folder, "reconcile.yaml"), configOf({ settle: "PT0S" }));
  const receiver = await startReceiver();
  const own = { PATH: process.env["PATH"], HOME: folder };
  const words = ["--aws", "--deliver", "--traffic", "50", "--route", `hooks.example.com=${receiver.url}`];
  const sandbox = spawn(process.execPath, [command, "sandbox", ...words], { cwd: folder, env: own });
  try {
    let [out, err] = ["", ""];
    sandbox.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    sandbox.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    await until(() => out.includes("AWS_REGION="));
    const variables = Object.fromEntries(
      out
        .trim()
        .split("\n")
        .map((line) => line.split("=") as [string, string]),
    );
    const sync = () =>
      promisify(execFile)(process.execPath, [command, "sync"], {
        cwd: folder,
        env: { ...own, ...variables },
      });

    await writeFile(join(folder, "reconcile.yaml"), configOf(null));
    await sync();
    await until(() => receiver.got.length > 10);
    expect(new Set(receiver.got.map(({ source }) => source.split("/").at(-1)))).toEqual(
      new Set(["webhooks"]),
    );

    await writeFile(join(folder, "reconcile.yaml"), configOf({ settle: "PT0S" }));
    await sync();
    receiver.got.length = 0;
    await until(() => receiver.got.length > 20);
    const source = receiver.got.at(-1)?.source ?? "";
    expect(source).toMatch(/^aws\.partner\/genesys\.com\/cloud\/.*\/team$/);
    const ruled = receiver.got.filter((one) => one.source === source);
    expect(new Set(ruled.map(({ topic }) => topic))).toEqual(new Set(topics));
    expect(new Set(ruled.map(({ path }) => path))).toEqual(new Set(["/1", "/2"]));
    expect(receiver.got.every(({ isTest }) => isTest)).toBe(true);

    sandbox.kill("SIGINT");
    await once(sandbox, "close");
    expect(err).toMatch(
      /^The sandbox runs until Ctrl-C.*\nIt makes 50 events a second .*\n {2}hooks\.example\.com leads to /,
    );
    expect(err).toMatch(
      /\nStopping\n\d+ made, \d+ delivered, 0 repeated, 0 open, 0 in a queue, 0 lost, 0 not routed\n$/,
    );
  } finally {
    sandbox.kill();
    receiver.close();
    await rm(folder, { recursive: true });
  }
});
