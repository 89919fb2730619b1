// One pass at its own seam, on a world in memory.
import { joinDrivers } from "../../src/genesys/drivers.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { makeApi } from "../../src/genesys/client/api.ts";
import { makeWebhooksDriver } from "../../src/kinds/webhook/driver.ts";
import { pass, type PassOptions, type PassPorts } from "../../src/app/pass.ts";
import { makeResult } from "../../src/model/result.ts";
import { sandboxOrganisation } from "../../src/sandbox/sandbox-organisation.ts";
import { credentials, type TestWorld } from "../support/world.ts";

export const path = "trail.log";
const limits = { maxEventTypesPerEndpoint: 15, maxConcurrentConsumers: 10 };
export const options: PassOptions = {
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
    ...{ environment: "sandbox", owner: "me", acceptHead: null },
  },
};

const here = () => Promise.resolve(sandboxOrganisation);
/** A pass that knows its organisation. */
export const inSandbox = { recall: here, find: here, confirm: here };

export async function runPass(
  world: TestWorld,
  more: Partial<PassOptions> = {},
  ports: Pick<PassPorts, "memory"> = {},
) {
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
    ...ports,
    runId: "run-1",
    log: (level, message) => void warned.push(`${level}: ${message}`),
    driverOf: (kinds) => joinDrivers(new Map([[webhook, makeWebhooksDriver({ api })]]), kinds),
    provenance: () => {
      asked.push("provenance");
      return Promise.resolve({ actor: "me@here", commit: null });
    },
    organization: inSandbox,
    lease: { hold: () => Promise.resolve(), confirm: () => Promise.resolve(true) },
    platformNow: () => api.platformNow(),
    openCommit: () => Promise.reject(new Error("this pass has no Git")),
    onError: (error) => void warned.push(error.code),
    onProgress: (stage, done, total) => void asked.push(`${stage} ${done}/${total}`),
  });
  const { dryRun } = runOptions;
  const about = { dryRun, runId: "run-1", environment: null, owner: null, organization: null };
  const facts = { ...about, traffic: api.traffic(), diagnostics: ending.diagnostics };
  return { result: makeResult(facts, ending), made: ending.made, asked, warned };
}
