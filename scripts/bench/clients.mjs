// Measures what clients that keep to no rule can do to the daemon: half requests, requests without end, thousands of groups.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { get, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { manifestAt, writeManifests } from "./manifests.mjs";

const groups = 5000;
const halfRequests = 4000;
const spells = 10;

/** Makes the table's rows. Uses a new folder below `folder`, and the embedded Genesys Cloud. */
export async function measureClients({ command, folder }) {
  const cwd = join(folder, "clients");
  writeManifests(join(cwd, "subscriptions"), { groups, types: 15 });
  const flags = ["--sandbox", "--dry-run", "--listen", "127.0.0.1:0", "--interval", "1h"];
  const child = spawn(process.execPath, [command, "watch", ...flags], {
    cwd,
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const url = await findUrl(child);
    const blocked = await longestProbe(url, () => untilPasses(url, 1));
    const shown = await longestProbe(url, () => askOften(url));
    const flooded = await longestProbe(url, () => flood(url));
    const streams = await countStreams(url);
    const pace = await passesASecond(url, cwd);
    return [
      [
        `longest wait of a probe in the first pass of ${groups.toLocaleString("en")} groups, ms`,
        blocked,
        15000,
      ],
      ["the same while 10 clients ask for their state and plan, ms", shown, 15000],
      [`the same under ${halfRequests.toLocaleString("en")} half requests, ms`, flooded, 15000],
      ["streams that 1,000 `HEAD /events` leave open", streams, 0],
      ["passes a second while a client asks for them without end", pace, 1],
    ];
  } finally {
    child.kill();
    await once(child, "exit");
  }
}

function findUrl(child) {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (chunk) => {
      if (said.length < 10_000) said += chunk;
      const url = /listening on (http:\S+)/.exec(said)?.[1];
      if (url) resolve(url);
    });
    child.once("exit", () => reject(new Error(`the daemon ended: ${said}`)));
  });
}

/** Sends a probe on a connection of its own every 20 ms until `during` has ended; returns the longest wait, ms. */
async function longestProbe(url, during) {
  let longest = 0;
  let isOver = false;
  const probes = (async () => {
    while (!isOver) {
      const startedMs = performance.now();
      if ((await ask(`${url}/healthz`)) !== 200) throw new Error("a probe was refused");
      longest = Math.max(longest, performance.now() - startedMs);
      await sleep(20);
    }
  })();
  await Promise.all([during().finally(() => (isOver = true)), probes]);
  return longest;
}

/** Resolves with the status, once the answer has come. */
function ask(url, options = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...options }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    sent.on("error", reject).end();
  });
}

async function passesOf(url) {
  let text = "";
  const [response] = await once(get(`${url}/metrics`, { agent: false }), "response");
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  const counts = [...text.matchAll(/^reconcile_passes_total\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

async function untilPasses(url, passes) {
  while ((await passesOf(url)) < passes) await sleep(100);
}

/** Each answer has some 18 MB. */
async function askOften(url) {
  for (let spell = 0; spell < 3; spell += 1) {
    const paths = Array.from({ length: 10 }, (_, client) => (client % 2 === 0 ? "status" : "plan"));
    await Promise.all(paths.map((path) => ask(`${url}/api/${path}`)));
  }
}

/** Opens twice as many connections as the daemon keeps, some hundreds at a time, and never completes a request. */
async function flood(url) {
  const { hostname, port } = new URL(url);
  const sockets = [];
  for (let spell = 0; spell < spells; spell += 1) {
    for (let one = 0; one < halfRequests / spells; one += 1) {
      const socket = connect(Number(port), hostname, () =>
        socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n"),
      );
      sockets.push(socket.on("error", () => undefined));
    }
    await sleep(100);
  }
  await sleep(1000);
  for (const socket of sockets) socket.destroy();
}

async function countStreams(url) {
  for (let one = 0; one < 1000; one += 1) await ask(`${url}/events`, { method: "HEAD" });
  return new Promise((resolve, reject) => {
    get(`${url}/events`, { agent: false }, (response) => {
      response.destroy();
      resolve(response.statusCode === 200 ? 0 : 1000);
    }).on("error", reject);
  });
}

/** Asks for passes of two groups, each of which takes less than a second. */
async function passesASecond(url, cwd) {
  const first = await passesOf(url);
  for (let index = 2; index < groups; index += 1) rmSync(manifestAt(join(cwd, "subscriptions"), index));
  await untilPasses(url, first + 1);
  await sleep(4000);
  const before = await passesOf(url);
  const startedMs = performance.now();
  while (performance.now() - startedMs < 5000) await ask(`${url}/api/reconcile`, { method: "POST" });
  const passes = (await passesOf(url)) - before;
  return (passes * 1000) / (performance.now() - startedMs);
}
