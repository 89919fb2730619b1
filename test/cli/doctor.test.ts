// `doctor`: each check passes where all is well, and says what it saw and what to do where one thing is broken.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import manifestOfPackage from "../../package.json" with { type: "json" };
import { makeSend } from "../../src/genesys/client/send.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import {
  answer,
  credentials,
  loggedIn,
  manifest,
  runWorld,
  type Intercept,
  type WorldOptions,
} from "../support/world.ts";

const files = { "subscriptions/a.yaml": manifest("alpha") };
const pageOfTen = { entities: [], total: 0, pageCount: 0 };

/** A whole organisation: what the sandbox has not is answered here. */
const platform: Intercept = (request, forward) => {
  const { hostname, pathname } = new URL(request.url);
  if (hostname === "events.example.com") return answer(405);
  const response = withDate(pathname.startsWith("/api/v2/webhooks") ? forward() : other(pathname, forward));
  return response;
};

function other(pathname: string, forward: () => HttpResponse): HttpResponse {
  if (pathname === "/oauth/token") return forward();
  if (pathname === "/api/v2/tokens/me") return answer(200, { organization: { name: "Acme Contact" } });
  return answer(200, pageOfTen);
}

function withDate(response: HttpResponse, atMs = Date.UTC(2026, 0, 1)): HttpResponse {
  return { ...response, headers: { ...response.headers, date: new Date(atMs).toUTCString() } };
}

/** Answers one path, or one host, otherwise. */
function instead(
  of: string,
  outcome: (request: HttpRequest, forward: () => HttpResponse) => HttpResponse,
): Intercept {
  return (request, forward) => {
    const { host, pathname } = new URL(request.url);
    return of === host || of === pathname ? outcome(request, forward) : platform(request, forward);
  };
}

function broken(code: string, system: string): () => never {
  return () => {
    const cause = Object.assign(new Error("the system's own words"), { code: system });
    throw new ReconcileError(code, "GET /x: could not connect", { hint: "check the network", cause });
  };
}

async function doctor(options: Partial<WorldOptions> = {}) {
  const found = await runWorld({
    argv: "doctor",
    files,
    intercept: platform,
    commit: "c0ffee",
    ...options,
  });
  const all = found.out.split("\n");
  /** A check's lines, without the blanks before them. */
  const about = (name: string): string => {
    const at = all.findIndex((line) => line.slice(2).startsWith(`${name} `));
    const end = all.findIndex((line, index) => index > at && !line.startsWith("  "));
    return all
      .slice(at, end)
      .map((line) => line.replace(/ {2,}/g, " ").trim())
      .join("\n");
  };
  return { ...found, about };
}

const allIsWell = `✓ node         20.19.0
✓ config       no settings in reconcile.yaml, so the defaults apply: the owner is default, the manifests are in subscriptions
✓ region       mypurecloud.com (us-east-1), the default
✓ credentials  GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are set
✓ token        issued by login.mypurecloud.com for the organisation Acme Contact, valid for 24 h
✓ api          api.mypurecloud.com answers
✓ permissions  webhooks can be listed; scopes webhook:read webhook:write
✓ resources    webhooks are offered
                 webhooks (/api/v2/webhooks): offered
                 EventBridge integrations (/api/v2/integrations): offered
                 Process Automation triggers (/api/v2/processautomation/triggers): offered
✓ clock        agrees with the platform's
✓ rate limit   1 of 300 requests in this window are used
✓ manifests    1 manifest is valid
✓ endpoints    1 host can be reached from this machine; Genesys Cloud connects from its own network
✓ state        .reconcile/ can be written
✓ trail        no trail yet; audit-logs/subscription_audit.log can be written
✓ git          commit c0ffee, tester@host

15 checks: nothing failed
`;

test("where all is well each check says what it saw; it reads, and leaves nothing behind", async () => {
  const { status, out, err, world } = await doctor();
  expect(out).toBe(allIsWell);
  expect([status, err]).toEqual([0, ""]);
  expect(world.requests.toSorted()).toEqual([
    "GET /api/v2/integrations",
    "GET /api/v2/processautomation/triggers",
    "GET /api/v2/tokens/me",
    "GET /api/v2/webhooks",
    "OPTIONS /",
    "POST /oauth/token",
  ]);
  expect(world.files.paths()).toEqual(["/subscriptions/a.yaml"]);
});

test("--output json is one object with every check", async () => {
  const intercept = instead("/api/v2/webhooks", () => answer(403, { message: "no" }));
  const { status, out } = await doctor({ argv: "doctor --output json", intercept });
  const { checks, ...rest } = JSON.parse(out) as { checks: { check: string; status: string }[] };
  expect([status, rest]).toEqual([
    1,
    { formatVersion: 1, ok: false, environment: "mypurecloud.com", owner: "default" },
  ]);
  expect(checks.map(({ check, status: how }) => `${check} ${how}`)).toEqual([
    "node passed",
    "config passed",
    "region passed",
    "credentials passed",
    "token passed",
    "api passed",
    "permissions failed",
    "resources passed",
    "clock passed",
    "rate limit notChecked",
    "manifests passed",
    "endpoints passed",
    "state passed",
    "trail passed",
    "git passed",
  ]);
  expect(checks[6]).toEqual({
    check: "permissions",
    status: "failed",
    seen: "webhooks cannot be listed: GET /api/v2/webhooks: forbidden (403): no",
    details: [],
    toDo:
      "in Admin → Integrations → OAuth give the client a role with the permissions webhook:read (plan) and " +
      "webhook:write (sync); a changed role takes effect with the next token",
  });
});

test("what failed and what is doubtful becomes annotations where GitHub runs it", async () => {
  const { err } = await doctor({
    argv: "doctor --skip-endpoints",
    environment: { ...loggedIn, GITHUB_ACTIONS: "true" },
    nodeVersion: "18.20.0",
    commit: null,
  });
  expect(err.split("\n").map((line) => line.slice(0, 40))).toEqual([
    "::error::node: 18.20.0 is too old for re",
    "::warning::git: no commit was found: the",
    "",
  ]);
});

test("the Node that is asked for is the one that package.json asks for", async () => {
  const least = manifestOfPackage.engines.node.replace(">=", "");
  expect((await doctor({ nodeVersion: `${least}.0` })).about("node")).toBe(`✓ node ${least}.0`);
  const [major = 0, minor = 0] = least.split(".").map(Number);
  const { status, about } = await doctor({ nodeVersion: `${major}.${minor - 1}.9` });
  expect([status, about("node")]).toEqual([
    1,
    "✗ node 20.18.9 is too old for reconcile\n→ install Node 20.19 or newer",
  ]);
});

const config = (more: string) => ({
  "reconcile.yaml": `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${more}\n`,
});

test("config: a fault with its place; what hangs on it is not checked", async () => {
  const { status, about, world } = await doctor({ files: { ...files, ...config("ownr: me") } });
  expect(about("config")).toBe(
    '✗ config reconcile.yaml:3: unknown key "ownr" in ReconcileConfig\n→ did you mean "owner"?',
  );
  const rest = ["region", "credentials", "token", "manifests", "endpoints", "state", "trail"].map(about);
  expect(rest).toEqual([
    "- region not checked: needs a valid config",
    "✓ credentials GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are set",
    "- token not checked: needs a region and credentials",
    "- manifests not checked: needs a valid config",
    "- endpoints not checked: needs valid manifests",
    "- state not checked: needs a valid config",
    "- trail not checked: needs a valid config",
  ]);
  expect([status, world.requests]).toEqual([1, []]);
});

test.each([
  [
    "an unknown one in the config",
    config("environment: usw2.purecloud"),
    {},
    '✗ region reconcile.yaml:3: unknown Genesys Cloud region "usw2.purecloud"\n' +
      '→ did you mean "usw2.pure.cloud"? use a region\'s domain (usw2.pure.cloud) or its AWS region (us-west-2); the README lists them',
  ],
  [
    "an unknown one in the environment",
    {},
    { GENESYS_ENVIRONMENT: "mars" },
    '✗ region unknown Genesys Cloud region "mars" in GENESYS_ENVIRONMENT\n' +
      "→ use a region's domain (usw2.pure.cloud) or its AWS region (us-west-2); the README lists them",
  ],
  [
    "the config's",
    config("environment: us-west-2"),
    {},
    "✓ region usw2.pure.cloud (us-west-2), from reconcile.yaml",
  ],
  [
    "the environment's",
    config("environment: us-west-2"),
    { GENESYS_ENVIRONMENT: "mypurecloud.de" },
    "✓ region mypurecloud.de (eu-central-1), from GENESYS_ENVIRONMENT",
  ],
  [
    "an address of its own",
    {},
    { GENESYS_API_URL: "https://api.gateway.example.com" },
    "✓ region custom addresses, from GENESYS_API_URL",
  ],
])("region: %s", async (_, more, variables, expected) => {
  const { about } = await doctor({
    files: { ...files, ...more },
    environment: { ...loggedIn, ...variables },
  });
  expect(about("region")).toBe(expected);
});

test("credentials: missing, where to set them; nothing is sent", async () => {
  const { status, about, world } = await doctor({
    environment: { GENESYS_CLIENT_ID: "x" },
    argv: "doctor --skip-endpoints",
  });
  expect(about("credentials")).toBe(
    "✗ credentials GENESYS_CLIENT_SECRET is not set\n" +
      "→ set them in the environment or in .env, from an OAuth client (client credentials) with the permissions webhook:read (plan) and webhook:write (sync); or try --sandbox, which needs none",
  );
  const named = await doctor({ environment: {}, files: delivers("a", source) });
  expect(named.about("credentials")).toBe(
    "✗ credentials GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are not set\n" +
      "→ set them in the environment or in .env, from an OAuth client (client credentials) with the permissions integrations:integration:view (plan) and integrations:integration:add, integrations:integration:edit and integrations:integration:delete (sync); or try --sandbox, which needs none",
  );
  const unnamed = await doctor({ environment: {}, files: {} });
  expect(unnamed.about("credentials")).toContain(
    "with the scopes webhook:read webhook:write, or the permissions that",
  );
  expect([status, world.requests]).toEqual([1, []]);
});

test("credentials: a .env that cannot be read, and one that is not listened to", async () => {
  const { world } = await runWorld({ argv: "validate", files });
  world.files.makeDirectory(".env");
  const unreadable = await doctor({ from: world });
  expect(unreadable.about("credentials")).toBe(
    "✗ credentials .env cannot be read (it is a folder)\n→ let this user read it, or move it away and set the variables in the environment",
  );
  const ignored = await doctor({ files: { ...files, ".env": "GENESYS_ENVIRONMENT=mypurecloud.de\n" } });
  expect([ignored.status, ignored.about("credentials")]).toEqual([
    0,
    "! credentials GENESYS_ENVIRONMENT in .env is ignored, because GENESYS_CLIENT_SECRET comes from the real environment\n" +
      "→ set GENESYS_ENVIRONMENT in the real environment too, or keep the secret in .env as well",
  ]);
});

test("token: a wrong secret, or a client of another region, is refused alike; it says so, and asks no more", async () => {
  const { status, about, world } = await doctor({
    environment: { ...loggedIn, GENESYS_CLIENT_SECRET: "another-secret" },
    argv: "doctor --skip-endpoints",
  });
  expect(about("token")).toBe(
    "✗ token the login at login.mypurecloud.com did not accept GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET (401 invalid_client) (correlation id id-1)\n" +
      "→ copy the id and the secret from Admin → Integrations → OAuth again; a client of another region gets the same refusal, so check that login.mypurecloud.com is the region where you log in to Genesys Cloud (set environment in the config, or GENESYS_ENVIRONMENT)",
  );
  expect(about("api")).toBe("- api not checked: needs a token");
  expect([status, world.requests]).toEqual([1, ["POST /oauth/token"]]);
});

test.each([
  [
    "network/unreachable",
    "ENOTFOUND",
    "DNS does not resolve its name (ENOTFOUND)",
    "check the name, and this machine's DNS",
  ],
  [
    "network/unreachable",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "this machine does not trust its TLS certificate (SELF_SIGNED_CERT_IN_CHAIN)",
    "if a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to the file of its certificate authority",
  ],
  [
    "network/unreachable",
    "ECONNREFUSED",
    "this machine cannot connect to it (ECONNREFUSED)",
    "have the firewall opened for it",
  ],
  ["proxy/refused", "EXXX", "could not connect", "check the network"],
])("token and api: %s, %s is named", async (code, system, says, toDo) => {
  const login = await doctor({ intercept: instead("login.mypurecloud.com", broken(code, system)) });
  expect(login.about("token")).toContain(
    `✗ token no answer from login.mypurecloud.com: ${says}\n→ ${toDo}`,
  );
  const api = await doctor({ intercept: instead("api.mypurecloud.com", broken(code, system)) });
  expect(api.about("api")).toContain(`✗ api no answer from api.mypurecloud.com: ${says}\n→ ${toDo}`);
  expect(api.about("permissions")).toBe("- permissions not checked: needs an answer from the API");
  expect([login.status, api.status]).toEqual([1, 1]);
});

test("api: something else that answers there, and an outage", async () => {
  const portal = await doctor({
    intercept: instead("/api/v2/webhooks", () => answer(200, { hello: "portal" })),
  });
  expect(portal.about("api")).toBe(
    "✗ api api.mypurecloud.com answers, but not as the platform does: expected entities to be an array\n" +
      "→ check GENESYS_ENVIRONMENT and GENESYS_API_URL, and that no proxy or login portal answers in place of the platform",
  );
  const outage = await doctor({
    intercept: instead("/api/v2/webhooks", () => answer(503, { message: "later" })),
  });
  expect(outage.about("api")).toBe(
    "✗ api GET /api/v2/webhooks: the platform failed (503): later\n→ try again later; status.mypurecloud.com shows outages",
  );
});

test.each([
  [
    "the login's",
    (scope: string) => instead("/oauth/token", (_, forward) => withBody(forward(), { scope })),
  ],
  [
    "tokens/me's, where the login names none",
    (scope: string): Intercept =>
      (request, forward) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/oauth/token") return withBody(forward(), { scope: undefined });
        if (pathname !== "/api/v2/tokens/me") return platform(request, forward);
        return answer(200, { authorizedScope: scope.split(" ") });
      },
  ],
])("permissions: by %s scopes a client that may only read is told apart", async (_, intercept) => {
  const reads = await doctor({ intercept: intercept("webhook:read") });
  expect([reads.status, reads.about("permissions")]).toEqual([
    0,
    "! permissions webhooks can be listed, but webhook:write is not among the token's scopes: webhook:read\n" +
      "→ that is right for a client that only plans; a client that applies also needs webhook:write",
  ]);
  const writes = await doctor({ intercept: intercept("webhook:read webhook:write") });
  expect(writes.about("permissions")).toContain(
    "✓ permissions webhooks can be listed; scopes webhook:read",
  );
  const silent = await doctor({ intercept: intercept("notifications") });
  expect(silent.about("permissions")).toBe(
    "✓ permissions webhooks can be listed; whether this client may write them shows only in a write, which doctor does not try\n" +
      "a sync needs webhook:write",
  );
});

function withBody(response: HttpResponse, more: object): HttpResponse {
  return { ...response, body: JSON.stringify({ ...(JSON.parse(response.body) as object), ...more }) };
}

const source = "eventbridge://123456789012/us-east-1/acd";
const workflow = "workflow:7a4e0d4c";

/** A valid manifest for the endpoint. */
function delivers(group: string, url: string): Record<string, string> {
  const eventTypes = ["v2.detail.events.conversation.{id}.acd.end"];
  const text = manifest(group, { eventTypes }).replace(`https://events.example.com/${group}`, url);
  return { [`subscriptions/${group}.yaml`]: text };
}

/** The platform, but for the resources that have another status. */
function offering(statuses: Partial<Record<keyof typeof paths, number>>): Intercept {
  return (request, forward) => {
    const { pathname } = new URL(request.url);
    const found = Object.entries(statuses).find(([name]) => paths[name as keyof typeof paths] === pathname);
    return found ? answer(found[1], { message: "no" }) : platform(request, forward);
  };
}

const paths = {
  webhooks: "/api/v2/webhooks",
  integrations: "/api/v2/integrations",
  triggers: "/api/v2/processautomation/triggers",
};

test("resources: manifests for webhooks where there are none: what to write in their place", async () => {
  const { status, about } = await doctor({ intercept: offering({ webhooks: 404, integrations: 403 }) });
  expect(about("resources")).toBe(
    "✗ resources this organisation does not offer webhooks, which the manifests name: /api/v2/webhooks answers 404\n" +
      "webhooks (/api/v2/webhooks): not offered (404)\n" +
      "EventBridge integrations (/api/v2/integrations): offered, but listing them needs the permission integrations:integration:view (403)\n" +
      "Process Automation triggers (/api/v2/processautomation/triggers): offered\n" +
      "→ webhooks are not in the SDK that Genesys publishes: ask Genesys Cloud whether your organisation can get them, or use endpoints that are offered: eventbridge://… or workflow:…; reconcile init --scheme eventbridge (or workflow) writes such a manifest in a repository that has none",
  );
  expect(about("permissions")).toBe("- permissions not checked: webhooks are not offered; see resources");
  expect(status).toBe(1);
});

test.each([
  [
    "webhooks are missing, and the manifests name none",
    { webhooks: 404 },
    delivers("a", source),
    "✓ EventBridge integrations are offered",
    null,
  ],
  [
    "the manifests name two that are there",
    { webhooks: 404 },
    { ...delivers("a", source), ...delivers("b", workflow) },
    "✓ EventBridge integrations and Process Automation triggers are offered",
    null,
  ],
  [
    "the manifests name one that is there, and one that is not",
    { integrations: 404 },
    { ...delivers("a", source), ...delivers("b", workflow) },
    "✗ this organisation does not offer EventBridge integrations, which the manifests name: /api/v2/integrations answers 404",
    "ask Genesys Cloud whether your organisation can get them, or use endpoints that are offered: https://… or workflow:…; reconcile init --scheme https (or workflow) writes such a manifest in a repository that has none",
  ],
  [
    "two are missing that the manifests name, and one is left",
    { integrations: 404, webhooks: 404 },
    { ...files, ...delivers("b", source) },
    "✗ this organisation does not offer webhooks and EventBridge integrations, which the manifests name: /api/v2/webhooks and /api/v2/integrations answer 404",
    "webhooks are not in the SDK that Genesys publishes: ask Genesys Cloud whether your organisation can get them, or use endpoints that are offered: workflow:…; reconcile init --scheme workflow writes such a manifest in a repository that has none",
  ],
  [
    "webhooks are missing, and no manifests say what is needed",
    { webhooks: 404, triggers: 404 },
    {},
    "! this organisation has no webhooks: /api/v2/webhooks answers 404; it offers EventBridge integrations",
    "webhooks are not in the SDK that Genesys publishes: ask Genesys Cloud whether your organisation can get them, or use endpoints that are offered: eventbridge://…; reconcile init --scheme eventbridge writes such a manifest in a repository that has none",
  ],
  [
    "all are there, and no manifests say what is needed",
    {},
    {},
    "✓ webhooks, EventBridge integrations and Process Automation triggers are offered",
    null,
  ],
  [
    "webhooks are missing, and of the others nothing is known",
    { webhooks: 404, integrations: 503, triggers: 503 },
    files,
    "✗ this organisation does not offer webhooks, which the manifests name: /api/v2/webhooks answers 404",
    "webhooks are not in the SDK that Genesys publishes: ask Genesys Cloud whether your organisation can get them, and run doctor again to learn about the other resources",
  ],
  [
    "one that the manifests name is out of order",
    { integrations: 503 },
    delivers("a", source),
    "! it is not known whether EventBridge integrations, which the manifests name, are offered",
    "run doctor again later; status.mypurecloud.com shows outages",
  ],
  [
    "there are none at all",
    { webhooks: 404, integrations: 404, triggers: 404 },
    delivers("a", source),
    "✗ this organisation offers nothing that delivers events",
    "check that the region is your organisation's, and ask Genesys Cloud which of the resources above it can have",
  ],
])("resources: %s", async (_, statuses, manifests, seen, toDo) => {
  const { out, about } = await doctor({ files: manifests, intercept: offering(statuses) });
  const lines = about("resources").split("\n");
  const details = lines.slice(1, 4).map((line) => line.split(" (")[0]);
  expect(details).toEqual(["webhooks", "EventBridge integrations", "Process Automation triggers"]);
  expect([lines[0], ...lines.slice(4)]).toEqual([
    seen.replace(" ", " resources "),
    ...(toDo === null ? [] : [`→ ${toDo}`]),
  ]);
  // Nothing else fails but what the case is about.
  const failures = out.split("\n").filter((line) => /^✗ (?!manifests )/.test(line));
  expect(failures.length).toBe(seen.startsWith("✗") ? 1 : 0);
});

test.each([
  ["webhooks", "webhooks", files, "webhook:read", "webhook:write"],
  [
    "EventBridge integrations",
    "integrations",
    delivers("a", source),
    "integrations:integration:view",
    "integrations:integration:add, integrations:integration:edit and integrations:integration:delete",
  ],
  [
    "Process Automation triggers",
    "triggers",
    delivers("a", workflow),
    "processautomation:trigger:view",
    "processautomation:trigger:add, processautomation:trigger:edit and processautomation:trigger:delete",
  ],
])("permissions: of %s, those that the manifests take", async (nouns, key, manifests, list, write) => {
  const path = paths[key as keyof typeof paths];
  const shut = await doctor({ files: manifests, intercept: offering({ [key]: 403 }) });
  expect([shut.status, shut.about("permissions")]).toEqual([
    1,
    `✗ permissions ${nouns} cannot be listed: GET ${path}: forbidden (403): no\n` +
      `→ in Admin → Integrations → OAuth give the client a role with the permissions ${list} (plan) and ${write} (sync); a changed role takes effect with the next token`,
  ]);
  expect(shut.about("resources").split("\n")[0]).toBe(
    `✓ resources ${nouns} are offered, but this client may not list them (403)`,
  );
  const others = Object.keys(paths).filter((name) => name !== key && name !== "webhooks");
  const intercept = offering(Object.fromEntries(others.map((name) => [name, 403])));
  const open = await doctor({ files: manifests, intercept });
  expect(open.status).toBe(0);
  expect(open.about("permissions")).toContain(`✓ permissions ${nouns} can be listed`);
});

test("permissions: where the token names some of a resource's, the others are missing; the worst comes first", async () => {
  const scope = "webhook:read webhook:write integrations:integration:view integrations:integration:edit";
  const intercept = instead("/oauth/token", (_, forward) => withBody(forward(), { scope }));
  const two = { ...files, ...delivers("b", source) };
  const { status, about } = await doctor({ files: two, intercept });
  expect([status, about("permissions")]).toEqual([
    0,
    "! permissions EventBridge integrations can be listed, but integrations:integration:add and integrations:integration:delete are not among the token's scopes: " +
      `${scope}\nwebhooks can be listed; scopes ${scope}\n` +
      "→ that is right for a client that only plans; a client that applies also needs integrations:integration:add and integrations:integration:delete",
  ]);
});

test("permissions: an OAuth scope that is no permission says nothing of one", async () => {
  const intercept = instead("/oauth/token", (_, forward) =>
    withBody(forward(), { scope: "integrations:readonly" }),
  );
  const { about } = await doctor({ files: delivers("a", source), intercept });
  expect(about("permissions")).toBe(
    "✓ permissions EventBridge integrations can be listed; whether this client may write them shows only in a write, which doctor does not try\n" +
      "a sync needs integrations:integration:add, integrations:integration:edit and integrations:integration:delete",
  );
});

test("permissions: of a resource that gives no answer nothing is said, and the others are checked", async () => {
  const all = { ...files, ...delivers("b", source), ...delivers("c", workflow) };
  const { about } = await doctor({ files: all, intercept: offering({ integrations: 503, triggers: 404 }) });
  expect(about("permissions")).toBe(
    "- permissions not checked: needs an answer about EventBridge integrations; see resources\n" +
      "Process Automation triggers are not offered; see resources\n" +
      "webhooks can be listed; scopes webhook:read webhook:write",
  );
});

test.each([
  [-90_000, "! clock this machine's clock is 90 s ahead of the platform's"],
  [600_000, "! clock this machine's clock is 10 min behind the platform's"],
  [30_000, "✓ clock within 31 s of the platform's"],
])("clock: the platform's date %i ms away", async (awayMs, expected) => {
  const atMs = Date.UTC(2026, 0, 1) + awayMs;
  const intercept: Intercept = async (request, forward) => withDate(await platform(request, forward), atMs);
  const { status, about } = await doctor({ intercept });
  expect(about("clock").split("\n→")[0]).toBe(expected);
  expect(status).toBe(0);
});

test("rate limit: nearly used up by others, and not told", async () => {
  const limit = (headers: Record<string, string>): Intercept =>
    instead("/api/v2/webhooks", () => ({ ...answer(200, pageOfTen), headers }));
  const headers = { "inin-ratelimit-count": "270", "inin-ratelimit-allowed": "300" };
  const { status, about } = await doctor({ intercept: limit(headers) });
  expect([status, about("rate limit")]).toEqual([
    0,
    "! rate limit 270 of 300 requests in this window are used\n" +
      "→ other programs use this OAuth client too: give reconcile a client of its own, or lower rateShare in the config",
  ]);
  const silent = await doctor({ intercept: limit({}) });
  expect(silent.about("rate limit")).toBe(
    "- rate limit not checked: no answer reported how much of it is used",
  );
});

test("manifests: errors and warnings are counted, the first errors shown", async () => {
  const bad = manifest("alpha").replace("eventTypes:", "eventTypez:");
  const { status, about } = await doctor({ files: { "subscriptions/a.yaml": bad } });
  expect(about("manifests")).toBe(
    '✗ manifests 1 error\nsubscriptions/a.yaml:7: unknown key "eventTypez" in spec\n' +
      "→ run reconcile validate to see each one with its line and how to fix it",
  );
  expect([status, about("endpoints")]).toEqual([1, "- endpoints not checked: needs valid manifests"]);
  const secret = manifest("alpha").replace("example.com/alpha", "example.com/alpha?key=hidden");
  const warned = await doctor({ files: { "subscriptions/a.yaml": secret } });
  expect([warned.status, warned.about("manifests")]).toEqual([
    0,
    "! manifests 1 manifest is valid, with 1 warning\n→ run reconcile validate to see them",
  ]);
});

test("endpoints: each host is asked once, without path, query, token or body; who cannot be reached is named", async () => {
  const asked: HttpRequest[] = [];
  const intercept: Intercept = (request, forward) => {
    const { host } = new URL(request.url);
    if (host.endsWith("mypurecloud.com")) return platform(request, forward);
    asked.push(request);
    return host === "gone.example.com" ? broken("network/unreachable", "ENOTFOUND")() : answer(500);
  };
  const at = (group: string, url: string): string =>
    manifest(group).replace(`https://events.example.com/${group}`, url);
  const { status, about } = await doctor({
    intercept,
    files: {
      "subscriptions/a.yaml": manifest("alpha", {
        pool: ["https://p.example.com/1?key=abc", "https://p.example.com/2", "https://gone.example.com/1"],
      }),
      "subscriptions/b.yaml": at("beta", "https://10.1.2.3:8443/x"),
      "subscriptions/c.yaml": at("gamma", "https://[::1]/x"),
      "subscriptions/d.yaml": at("delta", "https://hooks.local/x"),
      "subscriptions/e.yaml": at("off", "https://off.example.com/x").replace(
        "spec:",
        "spec:\n  state: disabled",
      ),
    },
  });
  expect(asked.toSorted((a, b) => (a.url < b.url ? -1 : 1))).toEqual([
    { method: "OPTIONS", url: "https://gone.example.com/", headers: {} },
    { method: "OPTIONS", url: "https://p.example.com/", headers: {} },
  ]);
  const isPrivate = "a private address, which Genesys Cloud cannot reach; it was not asked";
  expect(about("endpoints")).toBe(
    "✗ endpoints 4 of 5 hosts cannot be reached from this machine; Genesys Cloud connects from its own network\n" +
      "gone.example.com (group alpha): DNS does not resolve its name (ENOTFOUND)\n" +
      `10.1.2.3:8443 (group beta): ${isPrivate}\n[::1] (group gamma): ${isPrivate}\nhooks.local (group delta): ${isPrivate}\n` +
      "→ make the endpoints reachable from the internet; if only this machine has no access to them, pass --skip-endpoints",
  );
  expect(status).toBe(1);
});

test("endpoints: of event sources and workflows no host is asked; that a new source is to be associated is said", async () => {
  const [[path, text] = ["", ""]] = Object.entries(delivers("off", `${source}-off`));
  const off = { [path]: text.replace("spec:", "spec:\n  state: disabled") };
  const all = { ...delivers("b", source), ...delivers("c", workflow), ...off };
  const reminder =
    "1 event source in AWS: a new event source delivers nothing until it is associated with an event bus in AWS, which reconcile cannot check; see docs/eventbridge.md";
  const alone = await doctor({ files: all });
  expect([alone.status, alone.about("endpoints")]).toEqual([
    0,
    `✓ endpoints no endpoint is https, so no host was contacted\n${reminder}`,
  ]);
  expect(alone.world.requests).not.toContain("OPTIONS /");
  const mixed = await doctor({ files: { ...files, ...all } });
  expect(mixed.about("endpoints")).toBe(
    `✓ endpoints 1 host can be reached from this machine; Genesys Cloud connects from its own network\n${reminder}`,
  );
  const skipped = await doctor({ argv: "doctor --skip-endpoints", files: all });
  expect(skipped.about("endpoints")).toBe(
    `- endpoints not checked: skipped because of --skip-endpoints\n${reminder}`,
  );
  const workflows = await doctor({ files: delivers("b", workflow) });
  expect(workflows.about("endpoints")).toBe("✓ endpoints no endpoint is https, so no host was contacted");
});

test.each([
  ["127.0.0.1", true],
  ["172.31.255.255", true],
  ["172.32.0.1", false],
  ["169.254.169.254", true],
  ["8.8.8.8", false],
  ["[::ffff:10.0.0.1]", true],
  ["[fd00::1]", true],
  ["[2001:db8::1]", false],
  ["hooks", true],
  ["hooks.corp.internal", true],
  ["hooks.example.com", false],
])("endpoints: whether %s is private is %s", async (host, isPrivate) => {
  const file = manifest("alpha").replace("events.example.com", host);
  const intercept: Intercept = (request, forward) =>
    request.method === "OPTIONS" ? answer(404) : platform(request, forward);
  const { status, about } = await doctor({ files: { "subscriptions/a.yaml": file }, intercept });
  expect([status, about("endpoints").includes("private")]).toEqual(isPrivate ? [1, true] : [0, false]);
});

test("endpoints: a host that does not answer in time is given up", async () => {
  const intercept: Intercept = (request, forward) =>
    request.method === "OPTIONS" ? new Promise(() => undefined) : platform(request, forward);
  const { status, about } = await doctor({ intercept });
  expect(about("endpoints")).toContain("events.example.com (group alpha): no answer within 10 s");
  expect(status).toBe(1);
});

test("endpoints: --skip-endpoints asks none", async () => {
  const { status, about, world } = await doctor({ argv: "doctor --skip-endpoints" });
  expect([status, about("endpoints"), world.requests.includes("OPTIONS /")]).toEqual([
    0,
    "- endpoints not checked: skipped because of --skip-endpoints",
    false,
  ]);
});

test("endpoints: over a real connection the question has no body", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    seen.push(
      `${method ?? ""} ${url ?? ""} ${headers["content-length"] ?? "0"} ${headers.authorization ?? "-"}`,
    );
    response.writeHead(405).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  const { status } = await makeSend()({ method: "OPTIONS", url, headers: {} });
  server.closeAllConnections();
  server.close();
  expect([status, seen]).toEqual([405, ["OPTIONS / 0 -"]]);
});

test("state and trail: a disk that refuses, before it keeps a pass from its work", async () => {
  const { world } = await runWorld({ argv: "validate", files });
  world.files.failNext("create", "EACCES");
  world.files.failNext("create", "EROFS");
  const { status, about } = await doctor({ from: world });
  expect([status, about("state"), about("trail")]).toEqual([
    1,
    "✗ state the working directory cannot be written: permission denied\n→ give this user write permission there; without it no pass can apply anything",
    "✗ trail the working directory cannot be written: the system says EROFS\n" +
      "→ give this user write permission there, or set audit.file in the config to another path: reconcile changes nothing that it cannot record",
  ]);
});

test("trail: sound, not writable, broken", async () => {
  const { world } = await runWorld({ argv: "", files });
  const path = "audit-logs/subscription_audit.log";
  const before = world.files.text(path);
  const sound = await doctor({ from: world });
  expect(sound.about("trail")).toBe(
    `✓ trail ${path}: 4 records, unbroken, none signed\nRECONCILE_AUDIT_KEY is not set, so records are not signed`,
  );
  expect(world.files.text(path)).toBe(before);
  world.files.failNext("openAppend", "EACCES");
  const shut = await doctor({ from: world });
  expect(shut.about("trail")).toContain(`✗ trail ${path} cannot be written: permission denied\n→ `);
  world.files.set(path, before.replace("alpha", "alphb"));
  const cut = await doctor({ from: world });
  expect(cut.about("trail")).toMatch(
    /^✗ trail audit-logs\/subscription_audit\.log is broken at line \d: [^]*\n→ run reconcile audit verify for details/,
  );
  expect([sound.status, shut.status, cut.status]).toEqual([0, 1, 1]);
});

test("git: without a commit a warning", async () => {
  const { status, about } = await doctor({ commit: null });
  expect([status, about("git")]).toEqual([
    0,
    "! git no commit was found: the audit trail would record tester@host, but not which commit a change came from\n" +
      "→ install Git, and run in a clone; if the repository has no commit yet, make one; in a workflow, check the repository out first",
  ]);
});

test("git: too old to be asked in a partial clone, it is a warning that says what to do", async () => {
  const refusal = new ReconcileError("git/tooOld", "git version 2.30.2 is too old", {
    hint: "install another",
  });
  const { status, about } = await doctor({ refusal });
  expect([status, about("git")]).toEqual([0, "! git git version 2.30.2 is too old\n→ install another"]);
});

test("with --sandbox all of it is checked against the embedded Genesys Cloud", async () => {
  const { status, about, world } = await doctor({
    argv: "doctor --sandbox",
    environment: {},
    send: makeSend(),
  });
  expect([status, about("region"), about("permissions"), about("endpoints")]).toEqual([
    0,
    "✓ region the embedded Genesys Cloud (--sandbox)",
    "✓ permissions webhooks can be listed; scopes webhook:read webhook:write",
    "- endpoints not checked: the sandbox delivers nothing",
  ]);
  expect(world.requests).not.toContain("OPTIONS /");
});

test("the secret is in nothing that it prints, whoever repeats it", async () => {
  const intercept = instead("/api/v2/webhooks", () => answer(403, { message: credentials.clientSecret }));
  const { out } = await doctor({ intercept });
  expect(out).toContain("forbidden (403): ***");
});
