// The walk of a real organisation, on the embedded one: it makes what it says, takes all of it away again, and nothing else.
import { expect, test } from "vitest";
import { handle } from "../../src/sandbox/handle.ts";
import { formatState } from "../../src/sandbox/state-text.ts";
import { makeState, type SandboxState } from "../../src/sandbox/state.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import { readOwnership } from "../../src/model/ownership.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { answer, brokenOff, credentials, loggedIn, putWebhook } from "../support/world.ts";
import { runLive, type LiveOptions } from "./live.ts";
import { onlyOurs } from "./only-ours.ts";

const webhooks = "/api/v2/webhooks";
const integrations = "/api/v2/integrations";
const triggers = "/api/v2/processautomation/triggers";

type Intercept = (
  request: HttpRequest & { readonly pathname: string },
  forward: () => HttpResponse,
) => HttpResponse;

interface Run {
  readonly status: number;
  readonly out: string;
  /** Every write, as `POST /api/v2/webhooks`, and where it went. */
  readonly writes: readonly string[];
  readonly origins: ReadonlySet<string>;
  /** Bodies of what was made or changed. */
  readonly bodies: readonly Record<string, unknown>[];
}

async function run({
  state = somebodys(),
  options = { environment: "mypurecloud.com", workflow: "flow-1" },
  variables = loggedIn,
  intercept = (_, forward) => forward(),
  interrupt = new AbortController(),
}: {
  readonly state?: SandboxState;
  readonly options?: LiveOptions;
  readonly variables?: Readonly<Record<string, string>>;
  readonly intercept?: Intercept;
  readonly interrupt?: AbortController;
} = {}): Promise<Run> {
  const clock = makeFakeClock();
  clock.autoAdvance();
  let count = 0;
  const random = { next: () => 0.5, id: () => `new-${(count += 1)}` };
  const lines: string[] = [];
  const writes: string[] = [];
  const origins = new Set<string>();
  const bodies: Record<string, unknown>[] = [];
  const status = await runLive(options, {
    ...{ variables, clock, random, interrupted: interrupt.signal },
    print: (line) => void lines.push(line),
    openSend: () => (request) => {
      const { origin, pathname } = new URL(request.url);
      origins.add(origin);
      if (request.method !== "GET" && pathname !== "/oauth/token") {
        writes.push(`${request.method} ${pathname}`);
        if (request.body !== undefined) bodies.push(JSON.parse(request.body) as Record<string, unknown>);
      }
      const forward = (): HttpResponse =>
        handle(state, request, { nowMs: clock.now(), random, credentials }).response;
      // What it throws is a rejection.
      return Promise.resolve().then(() => intercept({ ...request, pathname }, forward));
    },
  });
  const out = lines.join("\n");
  expect(out).not.toContain(credentials.clientSecret);
  return { status, out, writes, origins, bodies };
}

/** An organisation in use: one of each kind. */
function somebodys(): SandboxState {
  const state = makeState();
  putWebhook(state, { id: "theirs-1", group: "billing", owner: "finance" });
  putWebhook(state, { id: "theirs-2", group: "by-hand" });
  state.integrations.set("theirs-3", {
    ...{ id: "theirs-3", name: "warehouse", intendedState: "ENABLED", intendedAtMs: 0 },
    config: { name: "warehouse", notes: "", properties: { awsAccountId: "999999999999" }, version: 3 },
  });
  state.triggers.set("theirs-4", {
    ...{ id: "theirs-4", name: "survey", topicName: "v2.users.{id}.presence", enabled: true, version: 2 },
    ...{ target: { type: "Workflow", id: "flow-9" }, matchCriteria: [] },
  });
  return state;
}

const untouched = formatState(somebodys());
const idIn = (line: string | undefined): string => /id (new-\d+)/.exec(line ?? "")?.[1] ?? "no id";

test("all three are made disabled, read, changed and deleted, and nothing else is touched", async () => {
  const state = somebodys();
  const { status, out, writes, origins, bodies } = await run({ state });
  expect(status).toBe(0);
  expect(formatState(state)).toBe(untouched);
  expect(out).toMatch(
    /^mypurecloud\.com: one disabled resource of each kind, called reconcile-live-[0-9a-f]{12}, /,
  );
  expect(out.match(/✓ (?:list|create|read|update|delete)/g)).toHaveLength(15);
  expect(out).toContain("offered: webhooks, EventBridge integrations, Process Automation triggers\n");
  expect(out).toMatch(/\nnothing is left behind$/);
  const ids = [...out.matchAll(/disabled, id (\S+)/g)].map(([, id]) => id ?? "");
  expect(writes).toEqual([
    ...[`POST ${webhooks}`, `PUT ${webhooks}/${ids[0]}`, `DELETE ${webhooks}/${ids[0]}`],
    `POST ${integrations}`,
    ...[1, 2].map(() => `PUT ${integrations}/${ids[1]}/config/current`),
    `DELETE ${integrations}/${ids[1]}`,
    ...[`POST ${triggers}`, `PUT ${triggers}/${ids[2]}`, `DELETE ${triggers}/${ids[2]}`],
  ]);
  expect([...origins].sort()).toEqual(["https://api.mypurecloud.com", "https://login.mypurecloud.com"]);
  // Switched on is what is never asked for, in any of the three ways to ask for it.
  expect(JSON.stringify(bodies)).not.toMatch(/"state":"enabled"|"enabled":true|"ENABLED"/);
});

test("what it makes has a name and an owner of its own", async () => {
  const { bodies } = await run();
  const names = new Set(bodies.map(({ name }) => name));
  expect(names.size).toBe(1);
  const [, mark] = /^reconcile-live-([0-9a-f]{12})$/.exec(String([...names][0])) ?? [];
  const descriptions = bodies.flatMap(({ description, notes }) => [description ?? notes ?? []].flat());
  expect(descriptions.length).toBeGreaterThan(5);
  for (const description of descriptions) {
    expect(description).toMatch(new RegExp(`Managed by: reconcile \\(live-${mark}\\)$`));
    expect(readOwnership(description as string).owner).toBe(`live-${mark}`);
  }
});

test("the event source and the workflow are as the options say", async () => {
  const options = {
    environment: "us-west-2",
    awsAccount: "210987654321",
    awsRegion: "eu-central-1",
    workflow: "flow-1",
  };
  const { status, bodies, origins } = await run({ options });
  expect(status).toBe(0);
  expect(origins).toContain("https://api.usw2.pure.cloud");
  expect(JSON.stringify(bodies)).toContain(
    '"awsAccountId":"210987654321","awsAccountRegion":"eu-central-1"',
  );
  expect(JSON.stringify(bodies)).toContain('"target":{"type":"Workflow","id":"flow-1"}');
});

test("without a workflow it says whether triggers are offered, and makes none", async () => {
  const { status, out, writes } = await run({ options: { environment: "mypurecloud.com" } });
  expect(status).toBe(0);
  expect(out).toContain(
    "triggers (/api/v2/processautomation/triggers): offered\n  ✓ list    1 there\n" +
      "  - not walked: a trigger needs a workflow that exists: name one with --workflow ID",
  );
  expect(writes.filter((write) => write.includes(triggers))).toEqual([]);
});

const reporting: LiveOptions = { environment: "mypurecloud.com", workflow: "flow-1", report: true };
/** The report, from its first heading to the last line of its differences. */
const reportIn = (out: string): string => /## What this[^]*(?=\n\n)/.exec(out)?.[0] ?? "";

test("the report tells what the organisation answers, and the sandbox does not differ from itself", async () => {
  const state = somebodys();
  const { status, out, bodies } = await run({ state, options: reporting });
  expect(status, out).toBe(0);
  expect(formatState(state)).toBe(untouched);
  const report = reportIn(out);
  for (const asked of [
    ...["the type", "total of integrations", "total with integrationType=", "topics of triggers"],
    ...["limits of event.orchestration", "GET by id, at once after its POST", "its entry in a list"],
    ...["its entry in a list with expand=config.current", "PUT of a trigger, stating another version"],
    ...[
      "PUT of the second one with the same event source",
      "POST of a trigger for a workflow that is unknown",
    ],
  ])
    expect(report).toContain(`| ${asked} | `);
  expect(report).toContain(`| maxInstances not stated |`);
  expect(report).toMatch(
    /\| (?<all>\d+) on the first page, of which \k<all> are in the built-in catalogue/,
  );
  expect(report).toContain("stating an outdated version | 409 version.conflict |");
  expect(report).toMatch(/## What the sandbox answers differently\n\nnothing$/);
  // The report can be shown to anyone.
  expect(report).not.toMatch(/new-\d|theirs|reconcile-live|123456789012/);
  expect(JSON.stringify(bodies)).not.toMatch(/"state":"enabled"|"enabled":true|"ENABLED"/);
});

test("the report names what differs from the sandbox", async () => {
  const state = somebodys();
  const { status, out } = await run({
    ...{ state, options: reporting },
    intercept: ({ pathname }, forward) => {
      if (pathname.endsWith("/types/amazon-eventbridge-source")) return answer(404, { code: "not.found" });
      if (pathname.endsWith("/limits/namespaces/event.orchestration"))
        return answer(200, { entities: [{ key: "a", namespace: "b", value: 7, more: true }] });
      return forward();
    },
  });
  expect(status, out).toBe(0);
  const report = reportIn(out);
  expect(report).toContain("- the type: 404 not.found; the sandbox: 200");
  expect(report).toContain(
    "- limits of event.orchestration: the fields are {entities:[{key:string more:boolean",
  );
  expect(report).toContain("a 7");
  expect(formatState(state)).toBe(untouched);
});

test("what the report made and could not delete is named", async () => {
  let deletes = 0;
  const { status, out } = await run({
    options: reporting,
    intercept: ({ method, pathname }, forward) =>
      method === "DELETE" && pathname.startsWith(integrations) && (deletes += 1) > 1
        ? answer(400, { message: "Not now." })
        : forward(),
  });
  expect(status).toBe(1);
  expect(out.match(/left behind: EventBridge integrations/g)).toHaveLength(2);
});

test("one that is not offered is no failure, and the others are walked", async () => {
  const state = somebodys();
  const { status, out } = await run({
    state,
    intercept: ({ pathname }, forward) => (pathname.startsWith(webhooks) ? answer(404) : forward()),
  });
  expect(status).toBe(0);
  expect(out).toContain("webhooks (/api/v2/webhooks): not offered (404)\n");
  expect(out).toContain(
    "\noffered: EventBridge integrations, Process Automation triggers\nnot offered (404): webhooks\n",
  );
  expect(out.match(/✓ delete/g)).toHaveLength(2);
  expect(formatState(state)).toBe(untouched);
});

test("one that is forbidden is said to be, and the others are walked", async () => {
  const state = somebodys();
  const { status, out } = await run({
    state,
    intercept: ({ pathname }, forward) => (pathname.startsWith(integrations) ? answer(403) : forward()),
  });
  expect(status).toBe(0);
  expect(out).toContain("EventBridge integrations (/api/v2/integrations): not permitted (403)\n");
  expect(out).toContain("\nnot permitted (403): EventBridge integrations\n");
  expect(out.match(/✓ delete/g)).toHaveLength(2);
  expect(formatState(state)).toBe(untouched);
});

test("one that may be read and not written is a failure", async () => {
  const { status, out } = await run({
    intercept: ({ method, pathname }, forward) =>
      method === "POST" && pathname === triggers ? answer(403) : forward(),
  });
  expect(status).toBe(1);
  expect(out).toContain("  ✗ POST /api/v2/processautomation/triggers: forbidden (403)");
  expect(out).toContain("\nfailed: 1 of 3\nnothing is left behind");
});

// Every request of a walk fails once, and from then on everything works again.
test.each([
  ["read", (method: string, pathname: string) => method === "GET" && pathname.includes("/new-")],
  ["change", (method: string) => method === "PUT"],
  ["delete", (method: string) => method === "DELETE"],
] as const)("a %s that fails leaves nothing behind", async (_, isHit) => {
  for (const resource of [webhooks, integrations, triggers]) {
    const state = somebodys();
    let failures = 0;
    const { status, out } = await run({
      state,
      intercept: ({ method, pathname }, forward) => {
        const fails = pathname.startsWith(resource) && isHit(method, pathname) && (failures += 1) === 1;
        return fails ? answer(400, { message: "No." }) : forward();
      },
    });
    expect(status, out).toBe(1);
    expect(out).toContain("refused (400): No.");
    expect(out).toMatch(/ {2}✓ cleared {2}new-\d+/);
    expect(out).toContain("nothing is left behind");
    expect(formatState(state), out).toBe(untouched);
  }
});

test.each([webhooks, integrations, triggers])(
  "of %s, one whose answer was lost is found by its name",
  async (path) => {
    const state = somebodys();
    const { status, out } = await run({
      state,
      intercept: ({ method, pathname }, forward) => {
        const response = forward();
        return method === "POST" && pathname === path ? brokenOff() : response;
      },
    });
    expect(status).toBe(1);
    expect(out).toContain("whether it took effect is unknown");
    expect(out).toMatch(/ {2}✓ cleared {2}new-\d+/);
    expect(formatState(state)).toBe(untouched);
  },
);

test("an integration that was configured, and could not be looked at after that, is cleared", async () => {
  const state = somebodys();
  let looks = 0;
  let isConfigured = false;
  const { status, out } = await run({
    state,
    intercept: ({ method, pathname }, forward) => {
      const isOurs = pathname.startsWith(`${integrations}/new-`);
      if (isOurs && method === "GET" && isConfigured && (looks += 1) <= 3) return answer(503);
      isConfigured ||= isOurs && method === "PUT";
      return forward();
    },
  });
  expect([status, looks >= 3]).toEqual([1, true]);
  expect(out).toMatch(/ {2}✓ cleared {2}new-\d+/);
  expect(out).toContain("nothing is left behind");
  expect(formatState(state), out).toBe(untouched);
});

test.each([webhooks, integrations, triggers])("of %s, a leftover is named with its id", async (path) => {
  const state = somebodys();
  const { status, out } = await run({
    state,
    intercept: ({ method, pathname }, forward) =>
      method === "DELETE" && pathname.startsWith(path) ? answer(400, { message: "Not now." }) : forward(),
  });
  expect(status).toBe(1);
  const id = idIn(out.split("\n").find((line) => line.startsWith("left behind: ")));
  expect(out).toMatch(
    new RegExp(`left behind: .*: "reconcile-live-[0-9a-f]{12}", id ${id}: DELETE .*Not now`),
  );
  expect(out).not.toContain("nothing is left behind");
  const stores = [state.webhooks, state.integrations, state.triggers];
  expect(stores.some((store) => store.has(id))).toBe(true);
});

test("where nobody can tell whether it was made, that is said", async () => {
  let isGone = false;
  const { status, out } = await run({
    intercept: ({ method, pathname }, forward) => {
      isGone ||= method === "POST" && pathname === triggers;
      if (isGone) throw new ReconcileError("network/reset", "the connection broke off");
      return forward();
    },
  });
  expect(status).toBe(1);
  expect(out).toMatch(
    /left behind: Process Automation triggers: whether "reconcile-live-.*" is there cannot be told/,
  );
});

test("a platform that stores something else is found out", async () => {
  const state = somebodys();
  const { status, out } = await run({
    state,
    intercept: ({ method, pathname }, forward) => {
      const response = forward();
      if (method !== "PUT" || !pathname.startsWith(webhooks)) return response;
      return { ...response, body: response.body.replace('"disabled"', '"enabled"') };
    },
  });
  expect(status).toBe(1);
  expect(out).toContain("the platform stored something else than was sent: /state");
  expect(formatState(state)).toBe(untouched);
});

test("Ctrl-C ends it after the step under way, and nothing stays", async () => {
  const state = somebodys();
  const interrupt = new AbortController();
  const { status, out } = await run({
    state,
    interrupt,
    intercept: ({ method }, forward) => {
      if (method === "POST") interrupt.abort();
      return forward();
    },
  });
  expect(status).toBe(1);
  expect(out).toContain("✗ interrupted");
  expect(formatState(state)).toBe(untouched);
});

test("without credentials it is skipped, and nothing is sent", async () => {
  const { status, out, origins } = await run({ variables: {} });
  expect(status).toBe(0);
  expect(out).toMatch(/^skipped: GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are not set/);
  expect(origins.size).toBe(0);
});

test.each([
  [{}, {}, "name the region: --environment mypurecloud.com"],
  [{ environment: "example.com" }, {}, '--environment: there is no region "example.com"'],
  [{ environment: "mypurecloud.com", awsAccount: "12" }, {}, "--aws-account takes 12 digits"],
  [{ environment: "mypurecloud.com", workflow: "no/id" }, {}, "--workflow takes the id of a workflow"],
  [{}, { GENESYS_API_URL: "http://api.example.com" }, "GENESYS_API_URL is neither https nor loopback"],
  [{ environment: "mypurecloud.com" }, { GENESYS_CLIENT_SECRET: "" }, "GENESYS_CLIENT_SECRET is not set"],
])("%j with %j is an error, and nothing is sent", async (options, variables, message) => {
  const { status, out, origins } = await run({ options, variables: { ...loggedIn, ...variables } });
  expect(status).toBe(1);
  expect(out).toContain(`error: ${message}`);
  expect(origins.size).toBe(0);
});

test("addresses of their own go to loopback by http", async () => {
  const { status, origins } = await run({
    options: {},
    variables: { ...loggedIn, GENESYS_API_URL: "http://127.0.0.1:4780" },
  });
  expect(status).toBe(0);
  expect([...origins]).toEqual(["http://127.0.0.1:4780"]);
});

test("its client changes and deletes nothing that it has not made", async () => {
  const sent: string[] = [];
  const request = (method: string, path: string) => {
    sent.push(`${method} ${path}`);
    return Promise.resolve({ status: 200, body: { id: "ours" }, sizeBytes: 0 });
  };
  const client = onlyOurs({ request }, { path: webhooks, name: "reconcile-live-1" });
  await client.request("POST", webhooks, { name: "reconcile-live-1" });
  await client.request("DELETE", `${webhooks}/ours`);
  for (const [method, path, body] of [
    ["POST", webhooks, { name: "another" }],
    ["POST", integrations, { name: "reconcile-live-1" }],
    ["PUT", `${webhooks}/theirs`, { name: "reconcile-live-1" }],
    ["PATCH", `${integrations}/ours`, {}],
    ["DELETE", `${webhooks}/theirs`, undefined],
    ["DELETE", webhooks, undefined],
  ] as const)
    await expect(client.request(method, path, body), `${method} ${path}`).rejects.toThrow(
      "made by this run|name of this run".split("|")[method === "POST" ? 1 : 0],
    );
  expect(sent).toEqual([`POST ${webhooks}`, `DELETE ${webhooks}/ours`]);
});
