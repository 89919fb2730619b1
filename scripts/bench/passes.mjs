// Measures whole passes beside the least that the same requests can cost, and beside a script such as people write.
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measureDaemon, measureIdlePass, measurePages } from "./daemon.mjs";
import { createJiti } from "jiti";
import { writeLongTrail } from "./long-trail.mjs";
import { writeManifests } from "./manifests.mjs";
import { openPlatform } from "./platform.mjs";

const latencyMs = 20;

/** What a pass leaves behind. */
const states = [".reconcile", "audit-logs"];

/** Makes the table's rows. Each scenario has a folder of its own below `folder`, with the trail that made what is live. */
export async function measurePasses({ command, root, folder, measure, only }) {
  const rows = [];
  const context = { command, root, folder, measure };
  const scenarios = { unchanged, ten: tenThousand, one: oneChange, creates, hundred, bare, memory, long };
  for (const [name, scenario] of Object.entries(scenarios))
    if (only === undefined || only.includes(name)) rows.push(...(await scenario(context)));
  return rows;
}

const thousand = { groups: 1000 };
const flags = ["--concurrency", "16"];

async function unchanged(context) {
  const scene = await converge(context, "unchanged", thousand);
  const [pass, floor] = await beside(context, scene);
  await scene.close();
  context.unchangedMs = pass.ms;
  return [
    ["1,000 unchanged webhooks, 20 ms a request / the floor", pass.ms / floor.ms, 4.5],
    ["peak memory of that pass, MiB", pass.maxRssMiB, 84],
  ];
}

async function tenThousand(context) {
  const scene = await converge(context, "ten", { groups: 10_000 });
  const small = context.unchangedMs ? null : await converge(context, "small", thousand);
  const [ten] = await context.measure.inTurn([jobOf(context, scene)], 3);
  const one = small
    ? (await context.measure.inTurn([jobOf(context, small)], 3))[0].ms
    : context.unchangedMs;
  await scene.close();
  await small?.close();
  return [["10,000 unchanged webhooks / 1,000", ten.ms / one, 11]];
}

async function oneChange(context) {
  const scene = await converge(context, "one", thousand);
  const [first, ...rest] = scene.live;
  scene.live = [{ ...first, retryPolicy: { ...first.retryPolicy, retryCount: 5 } }, ...rest];
  const [pass, floor] = await beside(context, scene);
  await scene.close();
  return [["one change in 1,000 webhooks / the floor", pass.ms / floor.ms, 4.5]];
}

async function creates(context) {
  const [pass, floor] = await create(context, 1000);
  return [
    ["1,000 creates, 16 at once / the floor", pass.ms / floor.ms, 1.3],
    ["peak memory of that pass, MiB", pass.maxRssMiB, 144],
  ];
}

async function hundred(context) {
  const [pass, floor] = await create(context, 100);
  return [["100 creates, 16 at once / the floor", pass.ms / floor.ms, 2.5]];
}

async function create(context, groups) {
  const scene = await converge(context, `creates-${groups}`, { groups });
  scene.live = [];
  scene.isKept = false;
  const found = await beside(context, scene);
  await scene.close();
  return found;
}

async function bare({ command, root, folder, measure }) {
  const scene = await converge({ command, folder, measure }, "bare", { ...thousand, latencyMs: 0 });
  const job = jobOf({ command }, scene);
  job.prepare();
  await measure.time({ ...job, prepare: undefined });
  const paths = scene.platform.requests().map(({ path }) => path);
  const tokens = paths.filter((path) => path === "/oauth/token").length;
  const yaml = join(root, "node_modules/yaml/dist/index.js");
  const script = [join(import.meta.dirname, "bare-script.mjs"), "subscriptions", yaml];
  const { environment } = scene.platform;
  const measured = await measure.ratio(job, { args: script, cwd: scene.folder, environment });
  const idle = await measureIdlePass({ command, folder: scene.folder, environment, measure });
  const daemon = await measureDaemon({ command, folder: scene.folder, environment });
  await scene.close();
  return [
    ["1,000 unchanged webhooks: token requests", tokens, 1],
    ["1,000 unchanged webhooks: list requests", paths.length - tokens, 10],
    ["the same pass, without delay / a bare script with `yaml` and the same requests", measured, 1.5],
    ...idle,
    ...daemon,
  ];
}

async function memory(context) {
  const rows = [];
  for (const [name, groups, endpoints] of [
    ["split", 1000, 10],
    ["single", 10_000, 1],
  ]) {
    const scene = await converge(context, name, { groups, endpoints, latencyMs: 0 });
    const { maxRssMiB } = await context.measure.time(jobOf(context, scene));
    await scene.close();
    rows.push([
      `peak memory at 10,000 webhooks of ${groups.toLocaleString("en")} groups, MiB`,
      maxRssMiB,
      150,
    ]);
  }
  return rows;
}

/** How many records a long trail has. */
const longRecords = Number(process.env.RECORDS ?? 300_000);

/** Commands and the daemon's page beside a long trail, and beside that of the one pass which made what is live. */
async function long({ command, root, folder, measure }) {
  const { sealRecord } = await createJiti(import.meta.url).import(join(root, "src/audit/record.ts"));
  const scenes = [];
  for (const name of ["short-trail", "long-trail"])
    scenes.push(await converge({ command, folder, measure }, name, { ...thousand, latencyMs: 0 }));
  const trail = "audit-logs/subscription_audit.log";
  const { folder: place } = scenes[1];
  const from = join(place, "kept", trail);
  writeLongTrail({ from, to: join(place, trail), records: longRecords, sealRecord });
  rmSync(join(place, ".reconcile"), { recursive: true });
  const jobs = scenes.map(({ folder: cwd, platform }) => ({
    ...{ cwd, args: [command, "plan"], environment: platform.environment },
  }));
  // The first pass proves the whole trail, and keeps its checkpoint.
  for (const job of jobs) await measure.time({ ...job, args: [command] });
  const [short, longer] = await measure.inTurn(jobs);
  const beyond = await measureBeyond({ command, measure }, jobs);
  for (const scene of scenes) await scene.close();
  const count = longRecords.toLocaleString("en");
  return [
    [
      `a plan beside a trail of ${count} records, more than beside a short one, ms`,
      longer.ms - short.ms,
      300,
    ],
    ["peak memory of that plan, MiB", longer.maxRssMiB, 110],
    ...beyond.map(([what, mib]) => [`peak memory of ${what}, more than beside a short one, MiB`, mib, 64]),
  ];
}

/** By how much more memory each of these takes beside the trail of the second job than beside that of the first, in MiB. */
async function measureBeyond({ command, measure }, [short, long]) {
  const commands = {
    "`audit verify`": ["audit", "verify"],
    "`audit log --limit 20`": ["audit", "log", "--limit", "20"],
    "`audit log --limit 20 --group none`": ["audit", "log", "--limit", "20", "--group", "none"],
  };
  const found = [];
  for (const [what, words] of Object.entries(commands)) {
    const peakOf = async (job) => (await measure.time({ ...job, args: [command, ...words] })).maxRssMiB;
    found.push([what, (await peakOf(long)) - (await peakOf(short))]);
  }
  const peakOfPage = ({ cwd, environment }) => measurePages({ command, folder: cwd, environment });
  return [...found, ["the daemon's page", (await peakOfPage(long)) - (await peakOfPage(short))]];
}

/** The pass and the floor, in turn: the floor sends the writes that the pass sent. */
async function beside(context, scene) {
  const job = jobOf(context, scene);
  await context.measure.time(job);
  const writes = scene.platform
    .requests()
    .filter(({ method, path }) => method !== "GET" && path !== "/oauth/token");
  const wanted = join(scene.folder, "wanted.json");
  writeFileSync(wanted, JSON.stringify({ writes }));
  const floor = {
    args: [join(import.meta.dirname, "floor.mjs"), wanted],
    environment: scene.platform.environment,
    prepare: () => scene.platform.reset(scene.live),
  };
  return context.measure.inTurn([job, floor]);
}

function jobOf({ command }, scene) {
  return {
    args: [command, ...flags],
    cwd: scene.folder,
    environment: scene.platform.environment,
    prepare: () => {
      scene.platform.reset(scene.live);
      for (const state of states) {
        rmSync(join(scene.folder, state), { recursive: true, force: true });
        if (scene.isKept)
          cpSync(join(scene.folder, "kept", state), join(scene.folder, state), { recursive: true });
      }
    },
  };
}

/** Makes an organisation by a pass of the product, and keeps what is live by then and the trail. */
async function converge({ command, folder, measure }, name, { latencyMs: delay = latencyMs, ...shape }) {
  const place = join(folder, name);
  writeManifests(join(place, "subscriptions"), shape);
  const first = await openPlatform();
  await measure.time({
    args: [command, "--concurrency", "64"],
    environment: first.environment,
    cwd: place,
  });
  const live = first.live();
  await first.close();
  const platform = await openPlatform({ webhooks: live, latencyMs: delay });
  for (const state of states) cpSync(join(place, state), join(place, "kept", state), { recursive: true });
  return { folder: place, isKept: true, live, platform, close: platform.close };
}
