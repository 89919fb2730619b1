// Measures speed and memory as ratios in one run: each figure is compared with the least that the same job can cost.
// `npm run bench` prints a table for docs/benchmarks.md.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createJiti } from "jiti";
import { measureClients } from "./bench-clients.mjs";
import { measureDaemon } from "./bench-daemon.mjs";

const { import: load } = createJiti(import.meta.url);
const { makePlan } = await load("../src/plan/make-plan.ts");
const { kinds, liveAfter, makeGroup, planOptions } = await load("./planned.ts");

const command = resolve("dist/reconcile.js");
const yaml = resolve("node_modules/yaml/dist/index.js");
const folder = mkdtempSync(join(tmpdir(), "reconcile-bench-"));
const pairs = Number(process.env.PAIRS ?? 11);

async function main() {
  writeManifests("two", 2);
  writeManifests("many", 1000);
  const bare = ["-e", "0"];
  const rows = [
    ["`reconcile --help` / `node -e 0`", await ratio([command, "--help"], bare), "1.7"],
    ["`validate` of two manifests / `node -e 0`", await ratio([command, "validate", "two"], bare), "2"],
  ];
  const [two, many] = await inTurn([command, "validate", "two"], [command, "validate", "many"]);
  rows.push(["validation, ms a manifest", ((many - two) / 998).toFixed(2), "1"]);
  rows.push(...(await passes()), ...(await measureClients({ command, folder })));
  rows.push(...(await plans()), ...(await trails()));
  console.log(["| figure | measured | at most |", "| --- | --- | --- |"].join("\n"));
  for (const row of rows) console.log(`| ${row.join(" | ")} |`);
  rmSync(folder, { recursive: true });
}

/** Measures a pass that finds nothing to change, on a server that answers from memory. */
async function passes() {
  const server = await serve(await plannedWebhooks("many", 1000));
  const environment = platformVariables(server);
  writeFileSync(join(folder, "bare.mjs"), bareScript);
  const before = server.counts();
  await time([command, "--manifests", "many"], environment);
  const sent = server.counts().map((count, index) => count - before[index]);
  const measured = await ratio([command, "--manifests", "many"], ["bare.mjs", "many", yaml], environment);
  const daemon = await measureDaemon({ command, folder, manifests: "many", environment });
  await server.close();

  writeManifests("single", 10_000);
  writeManifests("split", 1000, 10);
  return [
    ["1,000 unchanged webhooks: token requests, list requests", sent.join(", "), "1, 10"],
    ["the same pass / a bare script with `yaml` and the same requests", measured, "1.5"],
    ...daemon,
    ["peak memory at 10,000 webhooks of 1,000 groups, MiB", await peakMemory("split"), "150"],
    ["peak memory at 10,000 webhooks of 10,000 groups, MiB", await peakMemory("single"), "150"],
  ];
}

/** Measures 1,000 creates whose answers take 50 ms each, alternately with the trail on disk and without one. */
async function trails() {
  const [{ applyPlan }, { openTrail }, { diskFiles }, { systemClock }, { systemRandom }, { makeLive }] =
    await Promise.all(
      ["apply/apply-plan", "audit/trail", "lib/files", "lib/clock", "lib/random", "model/resource"].map(
        (name) => load(`../src/${name}.ts`),
      ),
    );
  const desired = Array.from({ length: 1000 }, (_, index) =>
    subscription(index, 2, [`https://pipeline.example.com/${index}`]),
  );
  const plan = makePlan(desired, [], planOptions);
  const create = async (kind, document) => {
    await systemClock.sleep(50);
    return makeLive(kind, { ...document, id: "1" });
  };
  const run = async (path) => {
    const audit = { runId: "run", environment: "bench", actor: "bench" };
    const trail = path && (await openTrail({ files: diskFiles, clock: systemClock, path, run: audit }));
    const started = performance.now();
    const applied = await applyPlan(plan, {
      kinds,
      driver: { create },
      record: trail ? (entry) => trail.append(entry) : () => Promise.resolve({ seq: 1 }),
      clock: systemClock,
      random: systemRandom,
      concurrency: 4,
      interrupted: new AbortController().signal,
      mayWrite: () => Promise.resolve(true),
      lateCreates: new Map(),
      replan: null,
      sourceOf: () => ({ file: "a.yaml", line: 1, commit: null }),
      onProgress: () => undefined,
    });
    if (!applied.plan.operations.every(({ status }) => status === "applied"))
      throw new Error("not applied");
    await (trail && trail.close());
    return performance.now() - started;
  };
  const times = [];
  for (let pair = 0; pair < 3; pair += 1) {
    const without = await run(null);
    times.push((await run(join(folder, `trail-${pair}.log`))) / without);
  }
  return [
    ["1,000 creates of 50 ms each with the audit trail / without one", median(times).toFixed(2), "1.1"],
  ];
}

/** Runs only the planner; the pool of every group has just grown by an endpoint. */
async function plans() {
  const planOf = (groups, types, baseUrl = "https://pipeline.example.com/") => {
    const desired = Array.from({ length: groups }, (_, index) => {
      const urls = Array.from({ length: 10 }, (__, at) => `${baseUrl}${index}-${at}`);
      return subscription(index, types, urls);
    });
    const before = desired.map((group) => ({
      ...group,
      endpointPool: group.endpointPool.slice(1),
      eventTypes: group.eventTypes.slice(0, 15 * (group.endpointPool.length - 1)),
    }));
    const live = liveAfter(makePlan(before, [], planOptions), (_endpoint, index) => `${index}`);
    return () => {
      const started = performance.now();
      makePlan(desired, live, planOptions);
      return performance.now() - started;
    };
  };
  const repeat = (plan, times) => median(Array.from({ length: times }, plan));
  const one = repeat(planOf(1, 150), 1000);
  const thousand = repeat(planOf(1000, 100), 5);
  const triggers = repeat(planOf(1000, 100, "workflow:"), 5);
  const tenThousand = repeat(planOf(10_000, 100), 3);
  return [
    ["planning a group of 150 event types over 10 endpoints, ms", one.toFixed(2), "1"],
    ["planning 1,000 groups of 100 event types over 10 endpoints, s", (thousand / 1000).toFixed(2), "1"],
    ["10,000 such groups / 1,000 such groups", (tenThousand / thousand).toFixed(1), "about 10"],
    ["1,000 such groups of 100 triggers / of 10 webhooks", (triggers / thousand).toFixed(1), "10"],
  ];
}

/** A group of so many event types. */
function subscription(index, types, urls) {
  const eventTypes = Array.from({ length: types }, (_, at) => `routing.queue.conversation.event${at}`);
  return makeGroup(`group-${index}`, urls, eventTypes);
}

async function peakMemory(name) {
  const server = await serve(await plannedWebhooks(name, 10_000));
  const { maxRssMiB } = await time([command, "--manifests", name], platformVariables(server));
  await server.close();
  return maxRssMiB.toFixed(0);
}

/** With more than one of `endpoints`, the group has a pool of that size, with three event types an endpoint. */
function writeManifests(name, number, endpoints = 1) {
  mkdirSync(join(folder, name));
  for (let index = 0; index < number; index += 1) {
    writeFileSync(join(folder, name, `group-${index}.yaml`), manifest(index, endpoints));
  }
}

function manifest(index, endpoints) {
  const pool = Array.from(
    { length: endpoints },
    (_, at) => `    - https://pipeline.example.com/${index}-${at}\n`,
  );
  const types = Array.from(
    { length: endpoints * 3 },
    (_, at) => `    - routing.queue.conversation.event${at}\n`,
  );
  const split = `  endpointPool:\n${pool.join("")}  rebalance: { mode: always }\n`;
  return `apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: group-${index}
spec:
  endpointUrl: https://pipeline.example.com/${index}-0
${endpoints > 1 ? split : ""}  eventTypes:
${types.join("")}  offsetTracking:
    stateFile: /var/data/group-${index}.json
`;
}

/** Returns the webhooks that a pass creates in an empty organisation, from the `after` of its audit records. */
async function plannedWebhooks(name, number) {
  const empty = await serve([]);
  await time([command, "--manifests", name, "--concurrency", "64"], platformVariables(empty));
  const webhooks = empty.stored();
  await empty.close();
  if (webhooks.length !== number) throw new Error(`created ${webhooks.length} of ${number} webhooks`);
  return webhooks;
}

async function serve(webhooks) {
  let [tokens, lists] = [0, 0];
  const makePage = (page) =>
    JSON.stringify({
      entities: webhooks.slice(page * 100, page * 100 + 100),
      pageNumber: page + 1,
      pageSize: 100,
      total: webhooks.length,
      pageCount: Math.ceil(webhooks.length / 100),
    });
  const pages = Array.from({ length: Math.ceil(webhooks.length / 100) || 1 }, (_, page) => makePage(page));
  const stored = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const url = new URL(request.url, "http://localhost");
      response.setHeader("content-type", "application/json");
      if (url.pathname === "/oauth/token") {
        tokens += 1;
        response.end('{"access_token":"t","token_type":"bearer","expires_in":86400}');
      } else if (request.method === "POST") {
        stored.push({ id: `id-${stored.length}`, ...JSON.parse(body) });
        response.statusCode = 201;
        response.end(JSON.stringify(stored.at(-1)));
      } else if (request.method === "PUT") {
        const at = webhooks.findIndex(({ id }) => url.pathname.endsWith(`/${id}`));
        webhooks[at] = { ...webhooks[at], ...JSON.parse(body) };
        pages[Math.floor(at / 100)] = makePage(Math.floor(at / 100));
        response.end(JSON.stringify(webhooks[at]));
      } else {
        lists += 1;
        response.end(pages[Number(url.searchParams.get("pageNumber")) - 1]);
      }
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    counts: () => [tokens, lists],
    stored: () => stored,
    close: () => new Promise((closed) => server.close(closed)),
  };
}

function platformVariables({ url }) {
  return { GENESYS_API_URL: url, GENESYS_CLIENT_ID: "bench", GENESYS_CLIENT_SECRET: "bench" };
}

const bareScript = `
import { readdirSync, readFileSync } from "node:fs";
const { parse } = await import(process.argv[3]);
const folder = process.argv[2];
for (const file of readdirSync(folder)) parse(readFileSync(folder + "/" + file, "utf8"));
const api = process.env.GENESYS_API_URL;
const token = await (await fetch(api + "/oauth/token", { method: "POST", body: "grant_type=client_credentials" })).json();
const headers = { authorization: "Bearer " + token.access_token };
for (let page = 1, pages = 1; page <= pages; page += 1) {
  const url = api + "/api/v2/webhooks?pageSize=100&pageNumber=" + page;
  pages = (await (await fetch(url, { headers })).json()).pageCount;
}
`;

/** Returns the median ratio of the two times, over alternating pairs of runs. */
async function ratio(one, other, environment = {}) {
  const ratios = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const { ms } = await time(one, environment);
    ratios.push(ms / (await time(other, environment)).ms);
  }
  return median(ratios).toFixed(2);
}

async function inTurn(one, other) {
  const times = [[], []];
  for (let pair = 0; pair < pairs; pair += 1) {
    times[0].push((await time(one)).ms);
    times[1].push((await time(other)).ms);
  }
  return times.map(median);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Runs Node on `args` and waits for it; its peak memory is read from the kernel just before it ends. */
function time(args, environment = {}) {
  const peakFile = join(folder, "peak");
  const report = `process.on("exit",()=>require("node:fs").writeFileSync(process.env.PEAK_FILE,String(process.resourceUsage().maxRSS)))`;
  writeFileSync(join(folder, "peak.cjs"), report);
  return new Promise((done, failed) => {
    const started = performance.now();
    const child = spawn(process.execPath, ["--require", "./peak.cjs", ...args], {
      cwd: folder,
      env: { ...process.env, ...environment, PEAK_FILE: peakFile },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk) => (errors += chunk));
    child.on("close", (status) => {
      const ms = performance.now() - started;
      if (status !== 0) failed(new Error(`${args.join(" ")} exited with ${status}: ${errors}`));
      else done({ ms, maxRssMiB: Number(readFileSync(peakFile, "utf8")) / 1024 });
    });
  });
}

await main();
