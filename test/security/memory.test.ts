// The memory of the built command beside a platform that sends as much as a pass takes.
import { spawn } from "node:child_process";
import { mkdtemp, rm, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { manifest } from "../support/world.ts";

const command = join(import.meta.dirname, "../../dist/reconcile.js");
const total = 50_000;
const description = `${"x".repeat(1_000)} | Consumer group: alpha | Managed by: reconcile (default)`;

/** Surplus webhooks of one group, each of them a delete of the plan. */
const platform = createServer(({ url = "" }, response) => {
  const page = Number(/pageNumber=(\d+)/.exec(url)?.[1] ?? 1);
  const entities = Array.from({ length: 100 }, (_, index) => {
    const id = `w${(page - 1) * 100 + index}`;
    return {
      id,
      name: id,
      endpoint: "https://a.example.com/",
      eventTypes: ["x"],
      state: "enabled",
      description,
    };
  });
  const token = { access_token: "token", token_type: "bearer", expires_in: 86_400 };
  const isLogin = url.startsWith("/oauth");
  response.end(JSON.stringify(isLogin ? token : { entities, total, pageCount: total / 100 }));
});

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reconcile-memory-"));
  await mkdir(join(folder, "subscriptions"));
  await writeFile(join(folder, "subscriptions/alpha.yaml"), manifest("alpha"));
  await new Promise<void>((resolve) => platform.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  platform.close();
  await rm(folder, { recursive: true });
});

const tellPeak = `process.on("exit",()=>process.stderr.write("\\npeak KiB: "+process.resourceUsage().maxRSS))`;

// Two whole processes take half a minute: `npm run attack` plays them.
test.runIf(process.env["ATTACK"] === "long").each([
  ["as JSON", "--output json", [0, ""], `"delete": 49999`],
  ["saved", "--out plan.json", [1, "No plan was saved to plan.json"], "64 MiB"],
])(
  "a plan of 50,000 deletes takes less than 500 MiB: %s",
  async (_, flags, ends, says) => {
    const address = `http://127.0.0.1:${(platform.address() as AddressInfo).port}`;
    const env = {
      PATH: process.env["PATH"],
      GENESYS_CLIENT_ID: "client",
      GENESYS_CLIENT_SECRET: "a-secret-of-a-client",
      GENESYS_API_URL: address,
      GENESYS_TOKEN_URL: `${address}/oauth/token`,
    };
    const preload = `--import=data:text/javascript,${encodeURIComponent(tellPeak)}`;
    const argv = [preload, command, "plan", "--allow-deletes", ...flags.split(" ")];
    const child = spawn(process.execPath, argv, { cwd: folder, env });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect([await exited, err.replace(/peak KiB.*/, "").trim()]).toEqual(ends);
    expect(out).toContain(says);
    const peakKiB = Number(/peak KiB: (\d+)/.exec(err)?.[1]);
    expect(peakKiB / 1024).toBeLessThan(500);
  },
  60_000,
);
