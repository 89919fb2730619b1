// Measures parts of a pass in this process: the planner, and what the audit trail adds to the writes.
import { createRequire } from "node:module";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { median } from "./measure.mjs";

const sources = [
  ...["plan/make-plan", "apply/apply-plan", "audit/trail", "model/resource"],
  ...["lib/files", "lib/clock", "lib/random"],
];

/** Bundles the parts as the build does, and loads them: V8 sees the code that the command runs. */
function loadParts({ root, folder }) {
  const files = [...sources.map((name) => `./src/${name}.ts`), "./scripts/planned.ts"];
  const contents = files.map((file) => `export * from "${file}";`).join("\n");
  const outfile = join(folder, "parts.cjs");
  buildSync({
    stdin: { contents, resolveDir: root, loader: "ts" },
    ...{ outfile, bundle: true, platform: "node", format: "cjs", target: "node20" },
    ...{ minifyWhitespace: true, minifySyntax: true },
  });
  return createRequire(import.meta.url)(outfile);
}

/** Runs only the planner; the pool of every group has just grown by an endpoint. */
export function measurePlanner(context) {
  const { makePlan, liveAfter, makeGroup, planOptions } = loadParts(context);
  const planOf = (groups, types, baseUrl = "https://pipeline.example.com/") => {
    const desired = Array.from({ length: groups }, (_, index) => {
      const urls = Array.from({ length: 10 }, (__, at) => `${baseUrl}${index}-${at}`);
      return makeGroup(`group-${index}`, urls, listTypes(types));
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
  const thousand = repeat(planOf(1000, 100), 15);
  const triggers = repeat(planOf(1000, 100, "workflow:"), 5);
  const tenThousand = repeat(planOf(10_000, 100), 3);
  return [
    ["planning a group of 150 event types over 10 endpoints, ms", one, 1],
    ["planning 1,000 groups of 100 event types over 10 endpoints, s", thousand / 1000, 1],
    ["10,000 such groups / 1,000 such groups", tenThousand / thousand, 10.5],
    ["1,000 such groups of 100 triggers / of 10 webhooks", triggers / thousand, 10],
  ];
}

/** Measures 1,000 creates whose answers take 50 ms each, alternately with the trail on disk and without one. */
export async function measureTrail(context) {
  const { folder } = context;
  const { makePlan, kinds, makeGroup, planOptions, ...parts } = loadParts(context);
  const { applyPlan, openTrail, diskFiles, systemClock, systemRandom, makeLive } = parts;
  const desired = Array.from({ length: 1000 }, (_, index) =>
    makeGroup(`group-${index}`, [`https://pipeline.example.com/${index}`], listTypes(2)),
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
      platformNow: () => null,
      replan: null,
      sourceOf: () => ({ file: "a.yaml", line: 1, commit: null }),
      onProgress: () => undefined,
    });
    if (!applied.plan.operations.every(({ status }) => status === "applied"))
      throw new Error(
        `not applied: ${applied.plan.operations.find(({ status }) => status !== "applied").error}`,
      );
    await (trail && trail.close());
    return performance.now() - started;
  };
  const times = [];
  for (let pair = 0; pair < 3; pair += 1) {
    const without = await run(null);
    times.push((await run(join(folder, `trail-${pair}.log`))) / without);
  }
  return [["1,000 creates of 50 ms each with the audit trail / without one", median(times), 1.1]];
}

function listTypes(number) {
  return Array.from({ length: number }, (_, at) => `routing.queue.conversation.event${at}`);
}
