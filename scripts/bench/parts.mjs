// Measures parts of a pass in this process: the planner, and what the audit trail adds to the writes.
import { join } from "node:path";
import { createJiti } from "jiti";
import { median } from "./measure.mjs";

const { import: load } = createJiti(import.meta.url);
const { makePlan } = await load("../../src/plan/make-plan.ts");
const { kinds, liveAfter, makeGroup, planOptions } = await load("../planned.ts");

/** Runs only the planner; the pool of every group has just grown by an endpoint. */
export function measurePlanner() {
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
    ["planning a group of 150 event types over 10 endpoints, ms", one, 1],
    ["planning 1,000 groups of 100 event types over 10 endpoints, s", thousand / 1000, 1],
    ["10,000 such groups / 1,000 such groups", tenThousand / thousand, 10.5],
    ["1,000 such groups of 100 triggers / of 10 webhooks", triggers / thousand, 10],
  ];
}

/** Measures 1,000 creates whose answers take 50 ms each, alternately with the trail on disk and without one. */
export async function measureTrail(folder) {
  const [{ applyPlan }, { openTrail }, { diskFiles }, { systemClock }, { systemRandom }, { makeLive }] =
    await Promise.all(
      ["apply/apply-plan", "audit/trail", "lib/files", "lib/clock", "lib/random", "model/resource"].map(
        (name) => load(`../../src/${name}.ts`),
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

/** A group of so many event types. */
function subscription(index, types, urls) {
  const eventTypes = Array.from({ length: types }, (_, at) => `routing.queue.conversation.event${at}`);
  return makeGroup(`group-${index}`, urls, eventTypes);
}
