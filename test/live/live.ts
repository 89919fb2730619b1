// Walks one disabled resource of each kind through its life in a real organisation, and says which of them exist there.
// It touches nothing that it has not made. `npm run live` is this with the real network.
import { builtInKinds } from "../../src/kinds/registry.ts";
import { resolvePlatform, type PlatformAccess } from "../../src/app/settings.ts";
import { makeApi, type Api } from "../../src/genesys/client/api.ts";
import { findRegion } from "../../src/genesys/client/regions.ts";
import type { Variables } from "../../src/genesys/client/proxy.ts";
import { makeEventBridgeDriver } from "../../src/kinds/eventbridge/driver.ts";
import { integrationsPath, listIntegrations } from "../../src/kinds/eventbridge/integrations.ts";
import { makeTriggersDriver } from "../../src/kinds/trigger/driver.ts";
import { makeWebhooksDriver } from "../../src/kinds/webhook/driver.ts";
import { webhookCollection } from "../../src/kinds/webhook/shape.ts";
import type { Driver } from "../../src/genesys/driver.ts";
import { sha256Hex } from "../../src/lib/hash.ts";
import type { Random } from "../../src/lib/random.ts";
import { makeDefaultConfig } from "../../src/manifest/config.ts";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import { parseEventSource } from "../../src/kinds/eventbridge/event-source.ts";
import { parseWorkflowId } from "../../src/kinds/trigger/workflow.ts";
import { diskFiles } from "../../src/lib/files.ts";
import type { Send } from "../../src/model/http.ts";
import type { ResourceDocument } from "../../src/model/resource.ts";
import { onlyOurs } from "./only-ours.ts";
import { probe, type ProbePorts } from "./probe.ts";
import { probeSandbox, writeReport } from "./report.ts";
import { clear, walk, type Around, type Walk, type Walked } from "./walk.ts";

export interface LiveOptions {
  /** A region, by its domain or its AWS region; without it, GENESYS_ENVIRONMENT or GENESYS_API_URL says where. */
  readonly environment?: string | undefined;
  readonly awsAccount?: string | undefined;
  readonly awsRegion?: string | undefined;
  /** The id of a workflow that exists; without it no trigger is made. */
  readonly workflow?: string | undefined;
  /** Also prints what no public source tells of this organisation, and what the sandbox answers differently. */
  readonly report?: boolean;
}

export interface LiveWorld extends Around {
  readonly variables: Variables;
  readonly openSend: (proxies: Variables) => Send;
  readonly random: Random;
}

/** The exit status: 1 where something failed or was left behind; that a resource is not offered is an answer. */
export async function runLive(options: LiveOptions, world: LiveWorld): Promise<0 | 1> {
  const { print, variables } = world;
  if (!variables["GENESYS_CLIENT_ID"] && !variables["GENESYS_CLIENT_SECRET"]) {
    print(
      "skipped: GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are not set, so there is no organisation to walk",
    );
    return 0;
  }
  const mark = sha256Hex(world.random.id()).slice(0, 12);
  const name = `reconcile-live-${mark}`;
  const given = readOptions(options, name);
  const platform = await findPlatform(options, variables);
  const problems = [...given.problems, ...platform.problems];
  if (!platform.value || problems.length > 0) {
    for (const problem of problems) print(`error: ${problem}`);
    return 1;
  }
  print(
    `${platform.value.environment}: one disabled resource of each kind, called ${name}, made and deleted again`,
  );
  const api = openApi(platform.value, world);
  const ours: Ours = { ...given, name, owner: `live-${mark}`, api };
  const walks = makeWalks(ours, world);
  const walked: Walked[] = [];
  for (const one of walks) {
    print("");
    walked.push(await walk(one, world));
  }
  print("");
  const leftovers = options.report === true ? await report(walks, ours, { options, world }) : [];
  return summarise(walked, leftovers, print);
}

/** Returns what it made and could not delete. */
async function report(
  walks: readonly Walk[],
  ours: Ours,
  { options, world }: { readonly options: LiveOptions; readonly world: LiveWorld },
): Promise<readonly string[]> {
  const { clock, random, interrupted, print } = world;
  const [integrations, triggers] = [integrationsPath, triggersPath].map((path) =>
    walks.find((one) => one.path === path),
  );
  if (!integrations || !triggers) return [];
  const { awsAccount = defaults.awsAccount, awsRegion = defaults.awsRegion } = options;
  const ports: ProbePorts = {
    ...{ integrations: integrations.api, triggers: triggers.api, clock, interrupted, name: ours.name },
    ...{ notes: common(ours).description, awsAccount, awsRegion, workflow: options.workflow ?? null },
    noWorkflow: random.id(),
  };
  const leftovers: string[] = [];
  try {
    const [seen, sandbox] = [await probe(ports), await probeSandbox(ports)];
    for (const line of writeReport(seen, sandbox)) print(line);
    print("");
  } finally {
    for (const one of [integrations, triggers]) leftovers.push(...(await clear(one, world)));
  }
  return leftovers;
}

const defaults = { awsAccount: "123456789012", awsRegion: "us-east-1" };

interface Given {
  readonly source: string;
  /** Null without one. */
  readonly workflow: string | null;
  readonly problems: readonly string[];
}

function readOptions(options: LiveOptions, name: string): Given {
  const { awsAccount = defaults.awsAccount, awsRegion = defaults.awsRegion, workflow } = options;
  const source = `eventbridge://${awsAccount}/${awsRegion}/${name}`;
  const target = workflow === undefined ? null : `workflow:${workflow}`;
  const problems = [
    ...(parseEventSource(source)
      ? []
      : ["--aws-account takes 12 digits, and --aws-region a region such as us-east-1"]),
    ...(target === null || parseWorkflowId(target) ? [] : ["--workflow takes the id of a workflow"]),
  ];
  return { source, workflow: target, problems };
}

async function findPlatform(
  { environment }: LiveOptions,
  given: Variables,
): Promise<{ readonly value: PlatformAccess | null; readonly problems: readonly string[] }> {
  if (environment !== undefined && !findRegion(environment))
    return {
      value: null,
      problems: [`--environment: there is no region "${environment}"; the README lists them`],
    };
  const variables = environment === undefined ? given : { ...given, GENESYS_ENVIRONMENT: environment };
  if (!variables["GENESYS_ENVIRONMENT"] && !variables["GENESYS_API_URL"])
    return { value: null, problems: ["name the region: --environment mypurecloud.com"] };
  const found = await resolvePlatform(
    { variables, cut: [] },
    makeDefaultConfig("reconcile.yaml"),
    diskFiles,
  );
  return found.ok
    ? { value: found.value, problems: [] }
    : { value: null, problems: found.diagnostics.map(textOf) };
}

function textOf({ message, hint }: Diagnostic): string {
  return hint === null ? message : `${message}; ${hint}`;
}

function openApi(platform: PlatformAccess, { openSend, clock, random }: LiveWorld): Api {
  const { apiUrl, tokenUrl, credentials, proxies } = platform;
  // Ctrl-C is looked at between the steps: what was made is deleted before it ends.
  return makeApi({
    kinds: builtInKinds,
    ...{ send: openSend(proxies), clock, random, apiUrl, tokenUrl, credentials },
    ...{ rateShare: 1, readOnly: false },
  });
}

interface Ours extends Given {
  readonly name: string;
  readonly owner: string;
  readonly api: Api;
}

function makeWalks(ours: Ours, { clock, random, print }: LiveWorld): readonly Walk[] {
  const { name, api } = ours;
  const webhooks = onlyOurs(api, { path: webhookCollection.path, name });
  const integrations = onlyOurs(api, { path: integrationsPath, name });
  const triggers = onlyOurs(api, { path: triggersPath, name });
  const webhooksDriver = makeWebhooksDriver({ api: webhooks });
  const onWait = (words: string): void => {
    print(`  … ${words}`);
  };
  const ports = { clock, random, onWait, interrupted: new AbortController().signal };
  const triggersDriver = makeTriggersDriver({ ...ports, api: triggers });
  return [
    {
      ...{
        name,
        nouns: "webhooks",
        path: webhookCollection.path,
        api: webhooks,
        driver: webhooksDriver,
      },
      findNamed: (wanted) => findListed(webhooksDriver, wanted),
      documents: webhookDocuments(ours),
    },
    {
      ...{ name, nouns: "EventBridge integrations", path: integrationsPath, api: integrations },
      driver: makeEventBridgeDriver({ ...ports, api: integrations }),
      // The driver does not list those that are only begun.
      findNamed: async (wanted) =>
        (await listIntegrations(integrations)).found
          .filter((one) => one.name === wanted)
          .map(({ id }) => id),
      documents: integrationDocuments(ours),
    },
    {
      ...{ name, nouns: "Process Automation triggers", path: triggersPath, api: triggers },
      driver: triggersDriver,
      findNamed: (wanted) => findListed(triggersDriver, wanted),
      documents: triggerDocuments(ours),
    },
  ];
}

const triggersPath = "/api/v2/processautomation/triggers";

async function findListed(driver: Driver, name: string): Promise<readonly string[]> {
  return (await driver.list()).live.filter((one) => one.name === name).map(({ id }) => id);
}

/** Never enabled. `example.com` belongs to nobody. */
function common({ name, owner }: Ours): Pick<ResourceDocument, "name" | "state" | "description"> {
  const description = `Consumer group: ${name} | Offset tracking: none | Managed by: reconcile (${owner})`;
  return { name, state: "disabled", description };
}

function webhookDocuments(ours: Ours): Walk["documents"] {
  const made: ResourceDocument = {
    ...common(ours),
    endpoint: `https://${ours.name}.example.com/events`,
    eventTypes: ["routing.queue.conversation.created"],
    retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
  };
  const eventTypes = [...made.eventTypes, "routing.queue.conversation.updated"];
  return { made, changed: { ...made, eventTypes } };
}

function integrationDocuments(ours: Ours): Walk["documents"] {
  const made: ResourceDocument = {
    ...common(ours),
    endpoint: ours.source,
    eventTypes: ["v2.users.{id}.presence"],
    retryPolicy: null,
  };
  return { made, changed: { ...made, eventTypes: ["v2.users.{id}.activity", ...made.eventTypes] } };
}

function triggerDocuments(ours: Ours): Walk["documents"] {
  if (ours.workflow === null) return "a trigger needs a workflow that exists: name one with --workflow ID";
  const trigger = { matchCriteria: [], eventTTLSeconds: null, delayBySeconds: null };
  const made: ResourceDocument = {
    ...common(ours),
    endpoint: ours.workflow,
    eventTypes: ["v2.detail.events.conversation.{id}.customer.end"],
    retryPolicy: null,
    trigger,
  };
  return { made, changed: { ...made, trigger: { ...trigger, eventTTLSeconds: 60 } } };
}

function summarise(walked: readonly Walked[], left: readonly string[], print: LiveWorld["print"]): 0 | 1 {
  const nounsOf = (found: Walked["found"]): string =>
    walked
      .filter((one) => one.found === found)
      .map(({ nouns }) => nouns)
      .join(", ");
  for (const [found, words] of [
    ["offered", "offered"],
    ["notOffered", "not offered (404)"],
    ["notPermitted", "not permitted (403)"],
    ["unknown", "not known"],
  ] as const)
    if (nounsOf(found) !== "") print(`${words}: ${nounsOf(found)}`);
  const leftovers = [...walked.flatMap((one) => one.leftovers), ...left];
  for (const leftover of leftovers) print(`left behind: ${leftover}`);
  const failed = walked.filter(({ failure }) => failure !== null).length;
  if (failed > 0) print(`failed: ${failed} of ${walked.length}`);
  if (leftovers.length === 0) print("nothing is left behind");
  return failed > 0 || leftovers.length > 0 ? 1 : 0;
}
