// Measures what the daemon adds to a pass: from a saved file to convergence, and with 200 dashboards listening.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { manifestAt } from "./manifests.mjs";
import { median } from "./measure.mjs";

const debounceMs = 300;
const saves = 15;
const listeners = 200;

const passes = 15;

/** Makes the table's row: the processor time of a pass that finds nothing new, without that of its requests. */
export async function measureIdlePass({ command, folder, environment, measure }) {
  const daemon = await start({ command, folder, environment, flags: ["--interval", "1s"] });
  try {
    // V8 compiles what runs often during the first passes.
    for (let warm = 0; warm < 10; warm += 1) await nextPass(daemon);
    const ofPasses = [];
    let before = processorMs(daemon.child.pid);
    for (let pass = 0; pass < passes; pass += 1) {
      await nextPass(daemon);
      const now = processorMs(daemon.child.pid);
      ofPasses.push(now - before);
      before = now;
    }
    const ofPass = median(ofPasses);
    const floor = (rounds) => ({
      args: [join(import.meta.dirname, "floor.mjs"), "wanted.json", `${rounds}`],
      cwd: folder,
      environment,
    });
    writeFileSync(join(folder, "wanted.json"), '{ "writes": [] }');
    const [single, often] = await measure.inTurn([floor(1), floor(1 + passes)], 3);
    const ofRequests = (often.cpuMs - single.cpuMs) / passes;
    return [
      [
        "a daemon's pass that finds nothing new, 1,000 webhooks: ms of processor time beyond its requests",
        ofPass - ofRequests,
        100,
      ],
    ];
  } finally {
    daemon.child.kill();
    await once(daemon.child, "exit");
  }
}

/** Of all threads of the process, by the counts that Linux keeps in nanoseconds. */
function processorMs(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const counts = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8"));
  return counts.reduce((sum, count) => sum + Number(count.split(" ")[0]), 0) / 1e6;
}

/** Makes the table's rows. The manifests of `folder` are converged on the server in `environment`. */
export async function measureDaemon({ command, folder, environment }) {
  const daemon = await start({ command, folder, environment });
  try {
    const file = manifestAt(join(folder, "subscriptions"), 0);
    const alone = await saveOften(daemon, file);
    const pages = await listen(daemon.url);
    const watched = await saveOften(daemon, file);
    pages.close();
    const late = median(alone.map(({ sinceSaveMs, passMs }) => sinceSaveMs / (debounceMs + passMs)));
    const cost = median(watched.map(({ passMs }) => passMs)) / median(alone.map(({ passMs }) => passMs));
    return [
      [`from a save to converged / (${debounceMs} ms of debounce + that pass), 1,000 webhooks`, late, 1.5],
      [`a pass with ${listeners} dashboards listening / with none`, cost, 1.1],
    ];
  } finally {
    daemon.child.kill();
    await once(daemon.child, "exit");
  }
}

/** A page has this many records, and this many pages are read from each end of the trail. */
const pageLength = 1000;
const pagesRead = 50;

/** The peak memory of a daemon, in MiB, whose page is open while a client reads the trail's newest and oldest records. */
export async function measurePages({ command, folder, environment }) {
  const daemon = await start({ command, folder, environment });
  const readPage = async (query) =>
    (await (await fetch(`${daemon.url}/api/audit?limit=${pageLength}${query}`)).json()).records;
  try {
    await (await fetch(daemon.url)).text();
    const last = (await readPage("")).at(-1).seq;
    for (let page = 0; page < pagesRead; page += 1) {
      const after = (page * pageLength) % last;
      for (const from of [after, Math.max(0, last - pageLength - after)]) {
        const [first] = await readPage(`&after=${from}`);
        if (first.seq !== from + 1) throw new Error(`after ${from} came ${first.seq}`);
      }
    }
    const status = readFileSync(`/proc/${daemon.child.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)[1]) / 1024;
  } finally {
    daemon.child.kill();
    await once(daemon.child, "exit");
  }
}

async function start({ command, folder, environment, flags = ["--interval", "1h"] }) {
  const always = ["--listen", "127.0.0.1:0", "--debounce", `${debounceMs}ms`];
  const child = spawn(process.execPath, [command, "watch", ...always, ...flags], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const daemon = { child, url: await findUrl(child), passes: 0, lastPass: null, onPass: () => undefined };
  await follow(daemon);
  return daemon;
}

function findUrl(child) {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (chunk) => {
      said += chunk;
      const url = /listening on (http:\S+)/.exec(said)?.[1];
      if (url) resolve(url);
    });
    child.once("exit", () => reject(new Error(`the daemon ended: ${said}`)));
  });
}

/** Follows the daemon's view; resolves once the first pass has ended. */
async function follow(daemon) {
  const events = await open(`${daemon.url}/events`);
  events.setEncoding("utf8");
  let text = "";
  events.on("data", (chunk) => {
    text += chunk;
    const messages = text.split("\n\n");
    text = messages.pop();
    for (const message of messages) {
      const data = /^data: (.*)$/m.exec(message)?.[1];
      if (!data) continue;
      const { passes, lastPass } = JSON.parse(data);
      if (passes === daemon.passes) continue;
      Object.assign(daemon, { passes, lastPass });
      daemon.onPass();
    }
  });
  if (daemon.passes === 0) await nextPass(daemon);
}

function nextPass(daemon) {
  return new Promise((resolve) => {
    daemon.onPass = resolve;
  });
}

/** Each save adds or removes an event type, so each pass has one write. */
async function saveOften(daemon, file) {
  const found = [];
  const before = readFileSync(file, "utf8");
  const longer = before.replace("  eventTypes:\n", "$&    - bench.saved\n");
  for (let save = 0; save < saves; save += 1) {
    const ended = nextPass(daemon);
    const startedMs = performance.now();
    writeFileSync(file, save % 2 === 0 ? longer : before);
    await ended;
    const { summary, durationMs, ok } = daemon.lastPass;
    if (!ok || summary.update !== 1) throw new Error(`a save led to ${JSON.stringify(daemon.lastPass)}`);
    found.push({ sinceSaveMs: performance.now() - startedMs, passMs: durationMs });
    await sleep(500);
  }
  writeFileSync(file, before);
  if (saves % 2 === 1) await nextPass(daemon);
  return found;
}

/** Like the page, each client reads the whole state when it has changed. */
async function listen(url) {
  const streams = [];
  let isOver = false;
  const askForState = () =>
    get(`${url}/api/status`, { agent: false, headers: { "accept-encoding": "gzip" } }, (response) =>
      response.resume(),
    ).on("error", (error) => {
      if (!isOver) throw error;
    });
  for (let page = 0; page < listeners; page += 1) {
    const events = await open(`${url}/events`);
    let revision = 0;
    events.setEncoding("utf8").on("data", (chunk) => {
      const now = Number(/"revision":(\d+)/.exec(chunk)?.[1] ?? revision);
      if (now === revision) return;
      revision = now;
      askForState();
    });
    streams.push(events);
  }
  const close = () => {
    isOver = true;
    for (const events of streams) events.destroy();
  };
  return { close };
}

function open(url) {
  return new Promise((resolve, reject) => get(url, { agent: false }, resolve).on("error", reject));
}
