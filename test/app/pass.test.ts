// The loop at its own seam: what ends it early, and what is asked only when it is needed.
import { joinDrivers } from "../../src/genesys/drivers.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { expect, test } from "vitest";
import { makeApi } from "../../src/genesys/client/api.ts";
import { makeWebhooksDriver } from "../../src/kinds/webhook/driver.ts";
import { pass, type PassOptions } from "../../src/app/pass.ts";
import { makeResult } from "../../src/model/result.ts";
import { credentials, makeWorld, manifest, trailOf, type TestWorld } from "../support/world.ts";

const path = "trail.log";
const limits = { maxEventTypesPerEndpoint: 15, maxConcurrentConsumers: 10 };
const options: PassOptions = {
  dryRun: false,
  pruneRemoved: false,
  desired: {
    kinds: builtInKinds,
    manifests: "m",
    allowEmpty: false,
    catalog: null,
    limits,
    allowedEndpointHosts: [],
    policy: { requiredLabels: [], unsharedEndpoints: false },
    values: {},
  },
  base: null,
  selection: { groups: null, labels: null },
  plan: {
    kinds: builtInKinds,
    owner: "me",
    limits,
    prune: false,
    adopt: false,
    allowDeletes: false,
    createOnly: false,
    explain: false,
    maxDeletePercent: 30,
  },
  concurrency: 4,
  audit: {
    ...{ path, keptPath: "metrics.json", headPath: "head.json", key: undefined },
    ...{ environment: "sandbox", acceptHead: null },
  },
};

async function runPass(world: TestWorld, more: Partial<PassOptions> = {}) {
  const asked: string[] = [];
  const warned: string[] = [];
  const { send, clock, random } = world;
  const url = "https://api.example.com";
  const api = makeApi({
    kinds: builtInKinds,
    send,
    clock,
    random,
    apiUrl: url,
    tokenUrl: `${url}/oauth/token`,
    credentials,
    rateShare: 1,
    readOnly: false,
  });
  const runOptions = { ...options, ...more };
  const ending = await pass(runOptions, {
    ...world,
    runId: "run-1",
    log: (level, message) => void warned.push(`${level}: ${message}`),
    driverOf: (kinds) => joinDrivers(new Map([[webhook, makeWebhooksDriver({ api })]]), kinds),
    provenance: () => {
      asked.push("provenance");
      return Promise.resolve({ actor: "me@here", commit: null });
    },
    mayWrite: () => Promise.resolve(true),
    platformNow: () => api.platformNow(),
    openCommit: () => Promise.reject(new Error("this pass has no Git")),
    onError: (error) => void warned.push(error.code),
    onProgress: (stage, done, total) => void asked.push(`${stage} ${done}/${total}`),
  });
  const { dryRun } = runOptions;
  const about = { dryRun, runId: "run-1", environment: null, owner: null };
  const facts = { ...about, traffic: api.traffic(), diagnostics: ending.diagnostics };
  return { result: makeResult(facts, ending), asked, warned };
}

test("a dry run ends after the plan, and asks nobody who runs it", async () => {
  const world = makeWorld({ argv: "", files: { "m/a.yaml": manifest("alpha") } });
  const { result, asked } = await runPass(world, { dryRun: true });
  expect(result).toMatchObject({
    ok: true,
    dryRun: true,
    summary: { create: 1 },
    traffic: { requests: 2 },
  });
  expect([asked, trailOf(world.files, path)]).toEqual([[], []]);
});

test("a pass with work applies it on record; one without ends there", async () => {
  const world = makeWorld({ argv: "", files: { "m/a.yaml": manifest("alpha") } });
  const first = await runPass(world);
  expect(first.asked).toEqual(["provenance", "applying 1/1"]);
  expect(trailOf(world.files, path).map(({ event, actor }) => `${event} by ${actor}`)).toEqual(
    ["run.started", "change.intended", "change.applied", "run.finished"].map(
      (event) => `${event} by me@here`,
    ),
  );
  const second = await runPass(world);
  expect([second.asked, second.result.summary.unchanged, trailOf(world.files, path).length]).toEqual([
    [],
    1,
    4,
  ]);
});

test("a torn last line is set aside with a warning, and blocks nothing", async () => {
  const world = makeWorld({ argv: "", files: { "m/a.yaml": manifest("alpha"), [path]: '{"seq":1,"torn' } });
  const { result, warned } = await runPass(world);
  expect([result.ok, warned.length]).toEqual([true, 1]);
  expect(warned[0]).toMatch(/^warn: /);
});

test("an unknown group ends the pass after the list; what was asked is counted", async () => {
  const world = makeWorld({ argv: "", files: { "m/a.yaml": manifest("alpha") } });
  const { result } = await runPass(world, { selection: { groups: ["nobody"], labels: null } });
  expect(result).toMatchObject({ ok: false, operations: [], traffic: { requests: 2 } });
});

test("invalid manifests are recorded with the run's own id, and nothing is asked of the platform", async () => {
  const world = makeWorld({ argv: "", files: { "m/a.yaml": "nonsense" } });
  const { result } = await runPass(world);
  expect(trailOf(world.files, path)).toMatchObject([{ event: "validation.failed", runId: result.runId }]);
  expect([result.ok, world.requests]).toEqual([false, []]);
});
